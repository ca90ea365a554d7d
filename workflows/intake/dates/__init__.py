"""Read deadlines, periods and days from sentences.

Begin with `deadlines.py`.
"""
