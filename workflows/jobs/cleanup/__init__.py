"""Delete what nobody needs any more. Begin with `purge.py`."""
