"""Measurements: what the product costs beside the bare database doing the same."""
