"""Set an installation up, look after it and save it. Begin with `setup.py`, `doctor/` and `backups/`."""
