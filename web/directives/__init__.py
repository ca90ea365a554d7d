"""Show directives and their text, declare incidents, and report obstacles to the authority.

Begin with `directive_pages.py`.
"""
