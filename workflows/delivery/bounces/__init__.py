"""Read the reports of mail servers about letters that came back. Begin with `take_bounces.py`."""
