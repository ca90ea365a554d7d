"""Answer programs about tasks, boards, history and letters.

Begin with `task_calls.py`.
"""
