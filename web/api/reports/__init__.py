"""Answer programs about reports, charts and scorecards.

Begin with `report_calls.py`.
"""
