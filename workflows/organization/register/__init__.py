"""Change units and people: handovers, absences, retirement.

Begin with `editing.py`; `spreadsheet/` imports and exports the whole register.
"""
