"""Keep units, people and their offices.

Begin with `people_pages.py` and `unit_pages.py`.
"""
