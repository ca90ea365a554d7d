"""Run what the clock starts and what waits in the queue: `schedule.py` → `run_job.py` → a part of `tick.py`.

Begin with `tick.py`. While Prefect answers, `run_job` goes through its flows: `run_job.py` → the tick's flow → the
part's flow (`prefect/flows.py`) → the part. `flow_run.py` watches over such a run.
"""
