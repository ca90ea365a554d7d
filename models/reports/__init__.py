"""Store issued reports, report schedules and rankings.

Begin with `issued_report.py`.
"""
