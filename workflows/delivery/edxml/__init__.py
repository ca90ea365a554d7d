"""Send messages of the document exchange (edXML): statuses from what happens to tasks, answers, reports.

Begin with `statuses.py`; `edxml_port.py` is the one place through which messages leave.
"""
