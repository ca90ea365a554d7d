"""Pages of answers by mail."""
