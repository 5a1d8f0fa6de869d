"""How is a certificate checked that somebody else made? The parts of `verify`.

Nothing here is shared with what makes certificates, but the parser of equations.
"""
