"""Store root certificates that signatures are verified against. Begin with `trust.py`."""
