"""The bundled directive's text as somebody sends it in."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from models.intake.intake import Intake
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from tests.office import at
from workflows.intake.read import read
from workflows.intake.review.store_reading import draft_of, store_reading
from workflows.templates.packs import bundled

NOW = at(2)
COORDINATOR, UNIT = "le.thi.c", "VU-VT"
SEED = (bundled()[0] / "directive.txt").read_text(encoding="utf-8")


def coordinator(session: Session) -> Person:
    return resolve_person(session, COORDINATOR)


def unit_id(session: Session, code: str = UNIT) -> UUID:
    return session.exec(select(Unit.id).where(Unit.code == code)).one()


def take_in(session: Session, text: str = SEED, filename: str = "chi-thi.txt") -> Intake:
    """Reads a text for the coordinator's unit."""
    return store_reading(
        session,
        draft_of(text, read(text)),
        filename=filename,
        unit_id=unit_id(session),
        person_id=coordinator(session).id,
        now=NOW,
    )


def scan(*words: str, text: str = SEED, confidence: float = 0.6) -> dict[str, Any]:
    """The facts of a scan of a text in which each of these words, where it first stands, was read unsurely."""
    lines: list[list[float]] = []
    at = 0
    for row, line in enumerate(text.split("\n")):
        lines.append([at, at + len(line), row // 40, 0.1, 0.02 * (row % 40), 0.9, 0.02 * (row % 40) + 0.015])
        at += len(line) + 1
    doubtful = [[text.index(word), text.index(word) + len(word), "", confidence] for word in words]
    return {"pages": 3, "scanned": [0, 1, 2], "lines": lines, "doubtful": doubtful}
