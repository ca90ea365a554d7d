"""Hold the conversation on a task or a directive: write, answer, publish, read, tell.

Begin with `post.py`; `conversation_access.py` says who sees what of it, `tell_message.py` who hears of it by mail.
"""
