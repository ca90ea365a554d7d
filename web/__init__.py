"""The site: pages for people and an API for programs. It decides nothing; pages call `workflows`.

Each folder serves one subject, as in `templates/`. `request/` holds what every page needs, `app.py` builds the site.
"""
