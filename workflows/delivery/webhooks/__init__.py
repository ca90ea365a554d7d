"""Tell other systems of events.

A call is queued in the transaction of its event, then signed, sent, retried and given up visibly. Begin with `call.py`.
"""
