"""Hold values that are written as text: local time, cron expressions, Vietnamese names, faults of fields.

Begin with `localtime.py`.
"""
