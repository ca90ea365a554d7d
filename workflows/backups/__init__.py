"""Back-ups: one file with everything an office may not lose, made while the programs run, and how it comes back."""

from workflows.backups.make import back_up
from workflows.backups.manifest import Manifest
from workflows.backups.restore import Restored, missing_files, restore

__all__ = ["Manifest", "Restored", "back_up", "missing_files", "restore"]
