"""Take in messages of the document exchange (edXML, QCVN 102:2016).

Begin with `keep_message.py`; `envelope.py` reads the XML in a process of its own.
"""
