"""Store directives, templates, launches, inspections and documents being read. Begin with `directive.py`."""
