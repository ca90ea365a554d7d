"""Read reports of mail servers about letters that came back. Begin with `bounce_report.py`."""
