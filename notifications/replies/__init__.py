"""Read what people answer to letters: who wrote it, their own words, and what they ask for. Nothing here is acted upon.

Begin with `reply_message.py`.
"""
