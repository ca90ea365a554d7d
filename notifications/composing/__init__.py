"""Compose a letter: words, buttons, calendar entries, MIME. Begin with `compose.py` and `facts.py`."""
