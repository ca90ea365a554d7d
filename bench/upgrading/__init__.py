"""The upgrade from the first release under load: `python -m bench.upgrade_drill`."""
