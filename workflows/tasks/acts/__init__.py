"""Hold the actions on a task, a file for each kind. Begin with `taking.py` and `results.py`; `../act.py` calls them."""
