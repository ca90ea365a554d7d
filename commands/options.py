"""The options that several commands take, and the readers of their days, moments and lists."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer
from sqlmodel import Session

from commands.context import now
from models.errors import BadInput
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import FIRST_YEAR, LAST_YEAR, read_day, read_instant

DirectiveName = Annotated[str, typer.Argument(metavar="DIRECTIVE", help="Code or number of the directive.")]
TaskName = Annotated[str, typer.Argument(metavar="TASK", help="Id of the task, or its last eight digits.")]
AsPerson = Annotated[str, typer.Option("--as", metavar="PERSON", help="Code of the person who acts.")]
AsPersonOrNobody = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help="Code of the person who acts; kept in the history.")
]
Now = Annotated[str | None, typer.Option("--now", metavar="ISO", help="The moment to act at, instead of the real one.")]
Units = Annotated[
    list[str] | None,
    typer.Option("--units", "--unit", metavar="UNIT", help="Code, name or alias; repeat it, or separate by commas."),
]
Duties = Annotated[
    list[str] | None, typer.Option("--duty", metavar="PATH", help="Only this duty (2.a); may be repeated.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen and keep nothing.")]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_optional_day(option: str, text: str | None) -> date | None:
    return None if text is None else read_day(option, text)


def read_moment(option: str, text: str) -> datetime:
    """Read a moment. A day means 08:00 local; a time without a zone is local. BadInput for anything else."""
    stripped = text.strip()
    try:
        if _DAY.match(stripped):
            moment = read_instant(stripped)
            if FIRST_YEAR <= moment.year < LAST_YEAR:
                return moment
            raise BadInput(
                "{option} {value}: expected a moment of the years {first} to {last}",
                option=option,
                value=text,
                first=FIRST_YEAR,
                last=LAST_YEAR - 1,
            )
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        "{option} {value}: not a moment; write it as YYYY-MM-DD (08:00 local) or YYYY-MM-DDTHH:MM[+ZONE], "
        "such as 2026-11-05T14:30+07:00",
        option=option,
        value=text,
    )


def read_now(text: str | None) -> datetime:
    return now() if text is None else read_moment("--now", text)


def split(values: Sequence[str] | None) -> list[str]:
    """Return a repeated or comma-separated option as one list, without blanks and repeats."""
    parts = [part.strip() for value in values or () for part in value.split(",")]
    return list(dict.fromkeys(part for part in parts if part))


def person_or_none(session: Session, code: str | None) -> Person | None:
    return None if code is None else resolve_person(session, code)
