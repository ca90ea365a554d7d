"""Talk to the mail server, within limits of time, and say what became of a letter. Begin with `sender.py`."""
