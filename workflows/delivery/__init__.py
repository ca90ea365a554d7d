"""Turn notices into letters and send each letter once. Begin with `deliver.py`, then `letter_delivery.py`."""
