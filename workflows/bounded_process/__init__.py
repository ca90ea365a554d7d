"""Do risky work with a file in a child process that has limits. Begin with `bounded_call.py`."""
