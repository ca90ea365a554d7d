"""Show reports, charts, documents, report schedules, scorecards and warnings.

Begin with `report_pages.py`.
"""
