"""Group notices into letters, claim them, and settle what became of each attempt.

Begin with `claims.py` and `attempts.py`.
"""
