"""Take in what people answer to letters: keep it, do what is proved, ask to confirm the rest.

Begin with `take_replies.py`.
"""
