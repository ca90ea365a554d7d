"""Serve one request: who asks, in which language, with which rights, and how to answer.

Begin with `request_context.py`.
"""
