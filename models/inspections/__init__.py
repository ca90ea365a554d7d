"""Store inspections and what they find. Begin with `inspection.py`."""
