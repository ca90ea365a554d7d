"""Store things: tables by subject, settings, errors, and the words of screens.

`database/` holds the session and the migrations' tools; `i18n.py`, `errors.py`, `settings.py` and `words.py` serve all.
"""
