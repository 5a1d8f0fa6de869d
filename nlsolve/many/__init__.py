"""How are many systems of one shape solved, in arrays or from the user's compiled code?"""
