"""Answer programs about directives, templates, launches, incidents and inspections.

Begin with `directive_calls.py`.
"""
