"""Score units, and warn of tasks that are likely to be late. Begin with `scorecard_reads.py`."""
