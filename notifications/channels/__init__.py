"""Carry short messages beside mail: each channel is a file with `send(message) -> outcome`.

Begin with `port.py`. `http_client.py` makes every call that leaves for an address somebody typed in, webhooks' too.
"""
