"""Show one task and take the actions on it.

Begin with `task_pages.py` and `action_pages.py`.
"""
