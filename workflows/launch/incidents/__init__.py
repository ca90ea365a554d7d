"""Declare incidents and drills, whose tasks run by the hour. Begin with `declare_incident.py`."""
