"""The whole file of a directive as one archive that can be checked without this software."""
