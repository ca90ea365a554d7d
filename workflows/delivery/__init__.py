"""Turn notices into letters and send each once. Begin with `deliver.py`, then `letter_delivery.py`."""
