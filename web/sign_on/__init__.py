"""Pages of sign-in by the office's identity provider."""
