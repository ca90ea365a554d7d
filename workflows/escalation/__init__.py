"""Do what time does: find the tasks that are due, and write who is to be told. Begin with `sweep.py`."""
