"""Gather what letters say, and show them before they leave. Begin with `letter_facts.py`."""
