"""Say who may do what: accounts, sessions, rights, the audit log.

Begin with `rights.py` (what a person may see and do) and `relations.py` (what a person is to a task).
"""
