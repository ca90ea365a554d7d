"""Store directives, templates, launches, inspections and documents that are being read.

Begin with `directive.py` and `template.py`.
"""
