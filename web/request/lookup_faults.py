"""What a form that is shown again tells at a field with names: which are unknown, and who may be meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlmodel import Session

from models.directives.directive import find_directive
from models.errors import DondocError
from models.organization.register_reads import resolve_person, resolve_unit

_RESOLVE: Mapping[str, Callable[[Session, str], object]] = {
    "units": resolve_unit,
    "leads": resolve_unit,
    "people": resolve_person,
    "directives": find_directive,
}


def lookup_faults(session: Session, of: str, names: Sequence[str]) -> Iterator[DondocError]:
    """Yield what is wrong with names of units, leads, people or directives; empty ones are left out."""
    for name in filter(None, map(str.strip, names)):
        try:
            _RESOLVE[of](session, name)
        except DondocError as error:
            yield error
