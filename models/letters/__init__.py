"""Store notices, letters, attempts to send them, bounces and replies.

Begin with `letter.py`.
"""
