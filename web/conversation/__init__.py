"""Show conversations on tasks and directives.

Begin with `conversation_pages.py`.
"""
