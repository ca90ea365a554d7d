"""What may go wrong, as typed errors whose text a civil servant can act on.

Every error carries an English message id with `{names}`, and the facts to fill it; `tell(language)` writes it.
"""

from collections.abc import Sequence
from typing import TypeVar

from models.i18n import Words, _, _n, translate

T = TypeVar("T")


class DondocError(Exception):
    """The base of every error told to a user."""

    exit_code = 1

    def __init__(self, message: str, /, **facts: object) -> None:
        super().__init__(Words(message, **facts))
        self.message, self.facts = message, facts

    def tell(self, language: str) -> str:
        return translate(self.message, language, **self.facts)


class BadInput(DondocError):
    """Wrong usage or input: names the field, the value and what would be right. Exit code 2, HTTP 422."""

    exit_code = 2


class NotFound(BadInput):
    """Something named by the user is not there. Exit code 2, HTTP 404."""


class Refused(DondocError):
    """A rule of the domain says no: not now, not by this person, not twice. Exit code 1, HTTP 409."""


class Busy(Refused):
    """More is asked of this machine than it can do at this moment. HTTP 503; `seconds`: when to try again."""

    seconds = 10


class Overtaken(Refused):
    """Somebody else was making the very same at this moment; nothing was written, and it may be tried again."""

    def __init__(self) -> None:
        super().__init__(
            _("somebody else is giving out the same tasks at this moment: look at the board and try again")
        )


class BadRows(BadInput):
    """Several faults of one file, each with its row or line and field; nothing was written."""

    def __init__(self, source: str, faults: Sequence[BadInput]) -> None:
        super().__init__(
            _n("{source}: {count} fault, nothing was written", "{source}: {count} faults, nothing was written"),
            source=source,
            count=len(faults),
        )
        self.faults = faults

    def tell(self, language: str) -> str:
        return "\n".join([super().tell(language), *(f"  - {fault.tell(language)}" for fault in self.faults)])


class Failures(DondocError):
    """Several faults at once, each told in a line of its own."""

    def __init__(self, faults: Sequence[DondocError]) -> None:
        super().__init__("{faults}", faults=faults)
        self.faults, self.exit_code = faults, max(fault.exit_code for fault in faults)

    def tell(self, language: str) -> str:
        return "\n".join(dict.fromkeys(fault.tell(language) for fault in self.faults))


class BadFields(BadInput):
    """Faults of a form, each with its field, the field's label and what is wrong; nothing was written."""

    def __init__(self, faults: Sequence[tuple[str, Words, object]]) -> None:
        told = [Words("{label}: {fault}", label=label, fault=fault) for _field, label, fault in faults]
        super().__init__("{faults}", faults=told)
        self.fields = {field: fault for field, _label, fault in faults}
        self._told = told

    def tell(self, language: str) -> str:
        return "\n".join(translate(one, language) for one in self._told)


def need(value: T | None, error: DondocError) -> T:
    if value is None:
        raise error
    return value


def reason_of(fault: BaseException) -> str:
    """In one line; of a group, the first."""
    if isinstance(fault, BaseExceptionGroup):
        return reason_of(fault.exceptions[0])
    lines = str(fault).strip().splitlines()
    return f"{type(fault).__name__}: {lines[0] if lines else '–'}"
