"""What a form that is shown again tells at a field with names: which are unknown, and who may be meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlmodel import Session

from models.errors import DondocError
from models.organization.register_reads import resolve_person, resolve_unit
from workflows.launch.launch_plan import find_directive

_RESOLVE: Mapping[str, Callable[[Session, str], object]] = {
    "units": resolve_unit,
    "leads": resolve_unit,
    "people": resolve_person,
    "directives": find_directive,
}


class _Reads(Protocol):
    """Of a request's context what is needed here."""

    language: str

    def reading(self) -> AbstractContextManager[Session]:
        """Open the database to read."""
        ...


def lookup_faults(context: _Reads, of: str, names: Sequence[str]) -> list[str]:
    """Return what is wrong with names of units, leads, people or directives; empty ones are left out."""
    typed = [name.strip() for name in names if name.strip()]
    if not typed:
        return []
    with context.reading() as session:
        return [error.tell(context.language) for error in _faults(session, _RESOLVE[of], typed)]


def _faults(session: Session, resolve: Callable[[Session, str], object], names: Sequence[str]) -> Iterator[DondocError]:
    for name in names:
        try:
            resolve(session, name)
        except DondocError as error:
            yield error
