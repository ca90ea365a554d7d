"""Read deadlines, periods and days from sentences.

Begin with `grammar.py`, then `deadlines.py`.
"""
