"""Edit, publish and compare templates.

Begin with `template_pages.py` and `template_editor.py`.
"""
