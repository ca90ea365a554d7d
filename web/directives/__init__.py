"""Show directives and their text.

Begin with `directive_pages.py`.
"""
