"""Turn a duty into a published template, and templates into packs. Begin with `draft.py`."""
