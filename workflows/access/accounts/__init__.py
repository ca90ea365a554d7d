"""Sign people in and out: passwords, codes, second steps, sign-in services.

Begin with `ways_in.py` and `sign_in.py`.
"""
