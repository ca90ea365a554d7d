"""Sign in by the identity provider of the office. Begin with `oidc.py`."""
