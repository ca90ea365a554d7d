"""Turn a document into duties: open the file, read it, let a person review it.

Begin with `read.py`; `files/` opens files, `review/` and `tables/` hold what waits for a person.
"""
