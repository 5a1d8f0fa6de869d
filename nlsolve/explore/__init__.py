"""What else can be learned of a system and of its solutions?"""
