"""Store background jobs, system jobs and alerts; write logs and traces. Begin with `background_job.py`."""
