"""Store units, people, accounts, absences, the calendar and the audit log. Begin with `unit.py` and `person.py`."""
