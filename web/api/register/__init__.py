"""Answer programs about units, people and absences.

Begin with `register_calls.py`.
"""
