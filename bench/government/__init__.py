"""A believable government of any size in seconds: its offices, its people, and some years of what they were told to do.

The same for the same seed. Nothing of it is real but the names of ministries and of the 63 provinces of before 2025.
"""

from bench.government.filling import Government, fill_government

__all__ = ["Government", "fill_government"]
