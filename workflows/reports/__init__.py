"""Count, and report to those who answer to the Minister. Begin with `report_figures.py`."""
