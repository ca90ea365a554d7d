"""Do what is risky with a file in a process of its own, within bounds. Begin with `apart.py`."""
