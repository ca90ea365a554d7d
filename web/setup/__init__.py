"""The pages of an installation's first set-up, in `setup_pages.py`."""
