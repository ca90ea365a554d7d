"""Find paragraphs and tables on PDF pages.

Begin with `page.py`.
"""
