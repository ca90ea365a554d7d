"""Read issuer, number, date and title from the head of a document.

Begin with `heading.py`.
"""
