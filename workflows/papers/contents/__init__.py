"""Say what each kind of document contains. Begin with `report_paper.py`."""
