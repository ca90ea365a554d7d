"""Run what the clock starts and what waits in the queue.

Begin with `tick.py`, then `schedule.py`; `prefect/` hands runs to Prefect's workers.
"""
