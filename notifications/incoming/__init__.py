"""Read mailboxes over IMAP, and tell what kind of message each holds. Begin with `imap.py`."""
