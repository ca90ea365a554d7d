"""Store issued papers and when they are due. Begin with `issued_report.py`."""
