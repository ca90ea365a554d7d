"""Plan on-site inspections, record findings and follow up corrections. Begin with `plan.py` and `find.py`."""
