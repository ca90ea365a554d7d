"""Hold what was read until a person has corrected and confirmed it.

Begin with `store_reading.py` and `confirm_reading.py`.
"""
