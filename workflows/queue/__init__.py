"""Hold the work that waits: background jobs, webhook calls, and what was set aside.

Begin with `background_jobs.py`; `alerts.py` says what happens to work that fails, and who hears of it.
"""
