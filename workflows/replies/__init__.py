"""Take in what people answer to letters: do what is proved, ask to confirm the rest. Begin with `take_replies.py`."""
