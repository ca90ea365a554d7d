"""Store answers by mail. Begin with `reply.py`."""
