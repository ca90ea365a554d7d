"""Record what happened, and detect that somebody changed it.

Begin with `record.py`, which every change of a task goes through; `seal.py` and `verify_history.py` detect it.
"""
