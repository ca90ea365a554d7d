"""Build the forms of a task's actions, and read what was typed into them.

Begin with `action_forms.py`.
"""
