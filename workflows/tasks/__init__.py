"""Do what people do with a task: accept, report, extend, return, approve.

Begin with `act.py`, the way of every action; `acts/` holds the actions, `moves.py` writes them.
"""
