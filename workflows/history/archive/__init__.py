"""Write the archive of a directive, and the program that checks it without us. Begin with `write_archive.py`."""
