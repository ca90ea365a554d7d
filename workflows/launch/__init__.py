"""Turn templates into one task for each unit, once or period by period, on request, or for an incident.

Begin with `launch_plan.py` (what would be made) and `launch_tasks.py` (makes it).
"""
