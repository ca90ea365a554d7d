"""Do what time does: find the tasks that are due to be looked at, and write who is to be told.

Begin with `sweep.py`.
"""
