"""Check digital signatures of PDF files: who signed when, whether anything changed since, whether a root is trusted.

Begin with `check.py`; `facts.py` says in words what was found.
"""
