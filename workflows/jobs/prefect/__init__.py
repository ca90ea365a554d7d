"""Run jobs as Prefect flows: server, deployments, workers.

Begin with `flows.py` and `job_runner.py`.
"""
