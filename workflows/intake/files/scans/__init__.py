"""Read pages that are pictures, by tesseract: each page in processes of its own, within bounds.

Begin with `read_scan.py`, which leads the others: a page's picture, its words, their spelling, the text, the PDF.
"""
