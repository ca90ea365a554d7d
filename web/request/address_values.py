"""Read a page's choices from its address, and write them back. A fault names the parameter and the possible values."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pydantic import AfterValidator, BaseModel, model_validator

from models.errors import BadInput
from models.text.faults import fault_words, listed

_Choice = TypeVar("_Choice", bound=StrEnum)
SearchWords = Annotated[str, AfterValidator(lambda words: words.strip()[:200])]


class Asked(BaseModel):
    """What an address asks for, read by `Annotated[…, Query()]`. What is empty counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, Mapping) else given

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """Return the address's parameters, some changed, without what is as it is anyway."""
        given = self.model_copy(update=changes).model_dump(mode="json", exclude_defaults=True)
        return [
            (name, "1" if value is True else str(value))
            for name, values in given.items()
            for value in (values if isinstance(values, list) else [values])
            if value not in ("", None, False)
        ]

    def address(self, path: str, **changes: Any) -> str:
        """Return `path` with these parameters, some changed."""
        query = urlencode(self.parameters(**changes))
        return f"{path}?{query}" if query else path


def wrong_choice(fault: Mapping[str, Any]) -> BadInput | None:
    """Return what is wrong with a choice of an address; None for a number or an id, which an address cut short has."""
    if fault["loc"][0] != "query" or fault["type"] not in ("enum", "told"):
        return None
    choices = fault.get("ctx", {})
    names = (name.strip("'") for name in listed(choices.get("expected", "")).split(", "))
    possible = ", ".join(filter(None, names)) or fault_words(fault)
    return BadInput(
        "{name} {value}: it can be {possible}", name=fault["loc"][1], value=fault["input"], possible=possible
    )


def check_one_of(name: str, value: str, possible: Iterable[str]) -> None:
    """Raise BadInput where a value is none of those possible."""
    known = list(possible)
    if value not in known:
        raise BadInput(
            "{name} {value}: it can be {possible}", name=name, value=value, possible=", ".join(filter(None, known))
        )


def one_of(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice:
    """Return the value as a member of its kind."""
    check_one_of(name, value, kind if possible is None else possible)
    return kind(value)


def choice(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice | None:
    """Return the value as a member of its kind, or None if it is empty."""
    return one_of(kind, name, value, possible) if value else None


def read_id(name: str, value: str) -> UUID:
    """Return an id."""
    try:
        return UUID(value)
    except ValueError as error:
        raise BadInput("{name} {value}: it can be {possible}", name=name, value=value, possible="0190f3a2-…") from error
