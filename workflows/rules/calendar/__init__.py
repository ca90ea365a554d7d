"""Count days: working days, deadlines, reporting periods.

Begin with `workdays.py`.
"""
