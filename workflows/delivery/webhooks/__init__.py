"""Tell other systems of events by signed calls, given up visibly. Begin with `call.py`."""
