"""Send messages of the document exchange (edXML): statuses from what happens to tasks, answers, reports.

Begin with `statuses.py`; `hand_out.py` is the one place through which messages leave.
"""
