"""Store notices and what was read of them, letters, bounces, replies, and messages of other channels.

Begin with `letter.py`.
"""
