"""Hold the work that waits: background jobs, chunks of a launch, webhook calls, and what was set aside.

Begin with `background_jobs.py`; `set_aside.py` says what happens to work that fails, `alerts.py` who hears of it.
"""
