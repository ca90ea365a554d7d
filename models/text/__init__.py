"""Hold values written as text: local time, cron expressions, names, faults of fields. Begin with `localtime.py`."""
