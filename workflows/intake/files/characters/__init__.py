"""Find the encoding of Vietnamese text and mend its characters.

Begin with `encodings.py`.
"""
