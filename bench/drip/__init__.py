"""A mail server that drips, and an office that lives beside it."""
