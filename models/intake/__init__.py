"""Store documents and tables that come in, and how they were read. Begin with `intake.py`."""
