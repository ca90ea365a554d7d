"""Notice a clock that jumps, stands still or runs behind. Begin with `clock_ahead.py`."""
