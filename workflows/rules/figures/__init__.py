"""Count tasks for the board, reports and scorecards.

Begin with `tally.py`.
"""
