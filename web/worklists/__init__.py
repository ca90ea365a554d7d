"""Show a person's own work: worklist, inbox, search, help.

Begin with `work_pages.py`.
"""
