"""Say what a task is and what may be done with it.

Begin with `actions.py`, the names of actions and relations, and `lifecycle.py`, the table of transitions.
"""
