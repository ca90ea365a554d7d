"""Back-ups: one file with everything an office may not lose, made while the programs run, and how it comes back."""

from workflows.operations.backups.make_backup import back_up
from workflows.operations.backups.manifest import Manifest
from workflows.operations.backups.restore import Restored, missing_files, restore

__all__ = ["Manifest", "Restored", "back_up", "missing_files", "restore"]
