"""Show reports, charts, documents and report schedules.

Begin with `report_pages.py`.
"""
