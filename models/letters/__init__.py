"""Store notices, letters, attempts to send them and bounces.

Begin with `letter.py`.
"""
