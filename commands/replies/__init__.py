"""Commands of replies by mail."""
