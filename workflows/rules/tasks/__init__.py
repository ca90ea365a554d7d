"""Say what a task is and what may be done with it.

Begin with `lifecycle.py`, the table of transitions.
"""
