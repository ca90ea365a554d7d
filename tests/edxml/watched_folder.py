"""Messages in the watched folder, and what becomes of them there."""

from pathlib import Path

from tests.edxml.taking import NOW
from tests.office import Office
from workflows.exchange.watch_folder import take_folder


def put(office: Office, name: str, data: bytes) -> Path:
    path = office.settings.edxml_folder / "in" / name
    path.write_bytes(data)
    return path


def look(office: Office) -> int:
    return take_folder(office.engine, office.settings, now=NOW, calendar=office.calendar)


def lies(office: Office, folder: str) -> list[str]:
    where = office.settings.edxml_folder / folder
    return sorted(path.name for path in where.iterdir()) if where.is_dir() else []
