"""Find the duties in a document's sections, lists and tables.

Begin with `duties.py`.
"""
