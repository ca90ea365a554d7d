"""Say who is told when, and which tasks are likely to be late.

Begin with `ladder.py`.
"""
