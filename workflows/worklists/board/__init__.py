"""Show tasks by unit and duty, and act on many at once. Begin with `board.py`."""
