"""Show pages and answer programs. No decision stands here: pages ask workflows.

A folder for each noun, as in `templates/`; `request/` holds what every page needs, `app.py` puts all together.
"""
