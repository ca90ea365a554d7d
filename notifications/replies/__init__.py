"""Read what people answer to letters, and act upon nothing. Begin with `reply_message.py`."""
