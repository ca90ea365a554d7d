"""Typed errors, whose text tells a civil servant what to do.

An error has an English message id with `{names}`, and the facts for them. `tell(language)` writes it.
"""

from collections.abc import Sequence
from typing import TypeVar

from models.i18n import Words, _, _n, translate

T = TypeVar("T")


class DondocError(Exception):
    """The base of every error that users read."""

    exit_code = 1

    def __init__(self, message: str, /, **facts: object) -> None:
        super().__init__(Words(message, **facts))
        self.message, self.facts = message, facts

    def tell(self, language: str) -> str:
        return translate(self.message, language, **self.facts)


class BadInput(DondocError):
    """Wrong usage or input. The message names the field, the value and what is expected. Exit code 2, HTTP 422."""

    exit_code = 2


class NotFound(BadInput):
    """The object that the user named does not exist. Exit code 2, HTTP 404."""


class Refused(DondocError):
    """A rule of the domain forbids the action: now, for this person, or twice. Exit code 1, HTTP 409."""


class Busy(Refused):
    """The machine has too much to do. Try again after `seconds`. HTTP 503."""

    seconds = 10


class Overtaken(Refused):
    """Somebody else was creating the same tasks. Nothing was written, and the action can be tried again."""

    def __init__(self) -> None:
        super().__init__(
            _("somebody else is giving out the same tasks at this moment: look at the board and try again")
        )


class BadRows(BadInput):
    """Several faults of one file, each with its row or line and field. Nothing was written."""

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
    """Several errors at once, each in a line of its own."""

    def __init__(self, faults: Sequence[DondocError]) -> None:
        super().__init__("{faults}", faults=faults)
        self.faults, self.exit_code = faults, max(fault.exit_code for fault in faults)

    def tell(self, language: str) -> str:
        return "\n".join(dict.fromkeys(fault.tell(language) for fault in self.faults))


class BadFields(BadInput):
    """Faults of a form: triples of the field, its label and what is wrong. Nothing was written."""

    def __init__(self, faults: Sequence[tuple[str, Words, object]]) -> None:
        sentences = [Words("{label}: {fault}", label=label, fault=fault) for _field, label, fault in faults]
        super().__init__("{faults}", faults=sentences)
        self.fields = {field: fault for field, _label, fault in faults}
        self._sentences = sentences

    def tell(self, language: str) -> str:
        return "\n".join(translate(sentence, language) for sentence in self._sentences)


def need(value: T | None, error: DondocError) -> T:
    if value is None:
        raise error
    return value


def reason_of(fault: BaseException) -> str:
    """Describe an exception in one line. Of a group, describe the first."""
    if isinstance(fault, BaseExceptionGroup):
        return reason_of(fault.exceptions[0])
    lines = str(fault).strip().splitlines()
    return f"{type(fault).__name__}: {lines[0] if lines else '–'}"
