"""Store gateways, messages beside mail, and webhooks. Begin with `channel.py`."""
