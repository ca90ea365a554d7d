"""The front door of the command line."""
