"""Store notices, letters and what was read of them, bounces, replies, other channels. Begin with `letter.py`."""
