"""Import the register from spreadsheets, and export it. Begin with `import_register.py`."""
