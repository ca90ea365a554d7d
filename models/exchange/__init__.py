"""Store messages of the document exchange (edXML). Begin with `edxml.py`."""
