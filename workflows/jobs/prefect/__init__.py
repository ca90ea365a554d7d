"""Run jobs as Prefect flows: server, deployments, workers.

Begin with `flows.py`; `hand_to_workers.py` is what a clock of many machines calls first.
"""
