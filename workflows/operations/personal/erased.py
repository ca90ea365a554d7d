"""The stand-in for an erased person, and the list of erased ids with which a restored back-up is compared.

A back-up that is older than an erasure brings the person back. So ids are kept twice: in the audit, and in a file of
the data folder, which remains when the database is lost. Neither contains a name.
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
"""The action's name in the audit."""
LIST = "erased.txt"
WORDS = "[đã xoá · erased]"
"""Replaces erased words in columns that must not be empty."""
_TAIL = 12  # the last hexadecimal digits of an id are random


@dataclass(frozen=True)
class StandIn:
    """Code and name of an erased person. They are made from the id alone, so they are unique and reveal nothing."""

    code: str
    full_name: str

    @classmethod
    def of(cls, person_id: UUID) -> "StandIn":
        tail = person_id.hex[-_TAIL:]
        return cls(f"da-xoa-{tail}", f"Đã xoá (erased) {tail[-6:]}")

    def put_on(self, person: Person) -> None:
        """Replace everything that the register says of a person, except id, language and that they are retired."""
        person.code, person.full_name = self.code, self.full_name
        person.name_folded, person.sort_key = fold(self.full_name), sort_key(self.full_name)
        person.address_form, person.unit_address, person.title = "Ông/Bà", "đơn vị", ""
        person.unit_id = person.email = person.email_refused_at = person.email_doubted_at = person.phone = None


def is_erased(person: Person) -> bool:
    return person.code == StandIn.of(person.id).code


def list_erased(folder: Path, person_id: UUID, now: datetime) -> None:
    """Append an id durably to the list in the data folder."""
    with (folder / LIST).open("a", encoding="utf-8") as file:
        file.write(f"{person_id} {now.isoformat()}\n")
        file.flush()
        fsync(file.fileno())


def find_restored(session: Session, folder: Path) -> list[str]:
    """Return the codes of erased people whom a restored back-up has brought back."""
    erased_ids = {*_read_list(folder / LIST), *_read_audit(session)}
    codes = []
    for chunk in chunks(sorted(erased_ids)):
        people = session.execute(select(col(Person.id), col(Person.code)).where(col(Person.id).in_(chunk)))
        codes += [code for person_id, code in people if code != StandIn.of(person_id).code]
    return sorted(codes)


def _read_list(path: Path) -> Iterator[UUID]:
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            yield UUID(line.split()[0])
        except (ValueError, IndexError):
            continue  # a line that was cut off while it was written, or a remark


def _read_audit(session: Session) -> Iterator[UUID]:
    for facts in session.scalars(select(col(Audit.facts)).where(col(Audit.action) == ERASED)):
        yield UUID(facts["person"])
