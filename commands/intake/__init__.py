"""Commands that read documents and tables in."""
