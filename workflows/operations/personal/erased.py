"""Who has been erased: what stands in a person's place, and the list that a restored back-up is held against.

A back-up made before knows the person still, and nothing of their erasure. So ids are kept twice: in the audit, and in
a file of the data folder, which outlives a database that is lost. Neither holds a name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from os import fsync
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.organization.audit import Audit
from models.organization.person import Person
from models.text.vietnamese import fold, sort_key

ERASED = "person_erased"
"""The audit's name of the deed."""
LIST = "erased.txt"
WORDS = "[đã xoá · erased]"
"""Stands where somebody's words were, in tables that need some."""
_TAIL = 12  # hexadecimal digits of an id, the random ones


@dataclass(frozen=True)
class StandIn:
    """What an erased person is called: made of their id alone, so that it is unique and tells nothing."""

    code: str
    full_name: str

    @classmethod
    def of(cls, person_id: UUID) -> "StandIn":
        """The code replaces the old one, which is usually the name without marks."""
        tail = person_id.hex[-_TAIL:]
        return cls(f"da-xoa-{tail}", f"Đã xoá (erased) {tail[-6:]}")

    def put_on(self, person: Person) -> None:
        """Everything that the register says of a person goes; id, language and being retired stay."""
        person.code, person.full_name = self.code, self.full_name
        person.name_folded, person.sort_key = fold(self.full_name), sort_key(self.full_name)
        person.address_form, person.unit_address, person.title = "Ông/Bà", "đơn vị", ""
        person.unit_id = person.email = person.email_refused_at = person.email_doubted_at = person.phone = None


def is_erased(person: Person) -> bool:
    return person.code == StandIn.of(person.id).code


def write_down(folder: Path, person_id: UUID, now: datetime) -> None:
    """Append an id to the list in the data folder, on the disk when it returns."""
    with (folder / LIST).open("a", encoding="utf-8") as file:
        file.write(f"{person_id} {now.isoformat()}\n")
        file.flush()
        fsync(file.fileno())


def come_back(session: Session, folder: Path) -> list[str]:
    """Codes of those who had been erased and are here with their names again, as a back-up brings them."""
    listed = {*_of_file(folder / LIST), *_of_audit(session)}
    back = []
    for some in chunks(sorted(listed)):
        found = session.execute(select(col(Person.id), col(Person.code)).where(col(Person.id).in_(some)))
        back += [code for person_id, code in found if code != StandIn.of(person_id).code]
    return sorted(back)


def _of_file(path: Path) -> Iterator[UUID]:
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            yield UUID(line.split()[0])
        except (ValueError, IndexError):
            continue  # a line that was cut off while it was written, or a remark


def _of_audit(session: Session) -> Iterator[UUID]:
    for facts in session.scalars(select(col(Audit.facts)).where(col(Audit.action) == ERASED)):
        yield UUID(facts["person"])
