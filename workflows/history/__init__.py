"""Record what happened, and prove that nobody changed it.

Begin with `record.py`, which every change of a task goes through; `seal.py` and `verify_history.py` are the proof.
"""
