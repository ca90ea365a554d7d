"""Fetch reports of mail servers about letters that came back, and read them.

Begin with `bounce_report.py`.
"""
