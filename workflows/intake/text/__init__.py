"""Cut a document into paragraphs, labels, sentences and passages.

Begin with `paragraphs.py` and `outline.py`.
"""
