"""Store tasks, their history, evidence and the moment each is looked at next. Begin with `task.py` and `history.py`."""
