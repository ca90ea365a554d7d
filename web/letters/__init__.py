"""Show letters and the local mailbox.

Begin with `letter_pages.py`.
"""
