"""Write a document as Word, PDF or Excel. Begin with `as_docx.py`."""
