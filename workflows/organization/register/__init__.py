"""Change units and people: handovers, absences, retirement. Begin with `editing.py`."""
