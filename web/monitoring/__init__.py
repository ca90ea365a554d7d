"""Answer monitors: health, readiness, metrics; show background jobs.

Begin with `health.py`.
"""
