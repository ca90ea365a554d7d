"""Store notices and what was read of them, letters, attempts to send them, bounces, messages of other channels.

Begin with `letter.py`.
"""
