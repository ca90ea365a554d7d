"""Store issued reports and report schedules. Begin with `issued_report.py`."""
