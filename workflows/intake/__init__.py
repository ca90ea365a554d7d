"""A document's bytes → text → outline → duties, each quoting its sentence."""
