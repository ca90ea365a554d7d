"""Answer programs under /api/v1.

`app.py` lists the modules; `caller.py` says who calls, `problems.py` how errors are told.
"""
