"""Declare incidents, and report obstacles to the authority.

Begin with `incident_pages.py`.
"""
