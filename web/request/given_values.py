"""Read values from addresses and forms: a single value for a name, choices, numbers, ids, instants.

Errors name the parameter and the possible values.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError, model_validator
from starlette.datastructures import FormData, QueryParams

from models.errors import BadInput
from models.text.faults import fault_words, listed
from models.text.localtime import FIRST_DAY, LAST_DAY, at_local, end_of_day

LONGEST = 20_000
"""The most characters of one value in an address. The longest that our pages write there is a letter's text."""
EXAMPLE = "2026-11-05T02:00:00Z"
Instant = Annotated[AwareDatetime, Field(ge=at_local(FIRST_DAY), lt=end_of_day(LAST_DAY), examples=[EXAMPLE])]
"""A moment with its time zone, within the years that the program knows."""
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_Choice = TypeVar("_Choice", bound=StrEnum)
_T = TypeVar("_T")
SearchWords = Annotated[str, AfterValidator(lambda words: words.strip()[:200])]


class AddressQuery(BaseModel):
    """The base of queries in addresses, read by `Annotated[…, Query()]`. An empty value counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty_values(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, Mapping) else given

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """Return the names and values of the address, without defaults."""
        given = self.model_copy(update=changes).model_dump(mode="json", exclude_defaults=True)
        return [
            (name, "1" if value is True else str(value))
            for name, values in given.items()
            for value in (values if isinstance(values, list) else [values])
            if value not in ("", None, False)
        ]

    def address(self, path: str, **changes: Any) -> str:
        query = urlencode(self.parameters(**changes))
        return f"{path}?{query}" if query else path


def wrong_choice(fault: Mapping[str, Any]) -> BadInput | None:
    """Return the error that names the possible values, or None for other faults, as in an address that was cut off."""
    if fault["loc"][0] != "query" or fault["type"] not in ("enum", "told"):
        return None
    choices = fault.get("ctx", {})
    names = (name.strip("'") for name in listed(choices.get("expected", "")).split(", "))
    possible = ", ".join(filter(None, names)) or fault_words(fault)
    return BadInput(
        "{name} {value}: it can be {possible}", name=fault["loc"][1], value=fault["input"], possible=possible
    )


def read_choice(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice:
    """Return one of the possible members, by default of all. BadInput for any other value."""
    members = list(kind if possible is None else possible)
    if value not in members:
        raise BadInput(
            "{name} {value}: it can be {possible}", name=name, value=value, possible=", ".join(filter(None, members))
        )
    return kind(value)


def read_id(name: str, value: str) -> UUID:
    """Return the id, or raise BadInput."""
    try:
        return UUID(value)
    except ValueError as error:
        raise BadInput("{name} {value}: it can be {possible}", name=name, value=value, possible="0190f3a2-…") from error


def single_value(name: str, values: Sequence[_T]) -> Sequence[_T]:
    """Return the one value, if there is any. BadInput for several.

    A proxy, a firewall and a program may each take another of several values, so none is right. Names that may occur
    several times are read by `getlist`.
    """
    if len(values) > 1:
        raise BadInput("{field}: given {count} times; expected once", field=name, count=len(values))
    return values


class SingleQueryParams(QueryParams):
    """The parameters of an address, each of which has a single value of limited length."""

    def __getitem__(self, name: str) -> str:
        single_value(name, self.getlist(name))
        value = super().__getitem__(name)
        if len(value) > LONGEST:  # SQLite refuses a pattern of 50,000 bytes
            raise BadInput(
                "{field}: {length} characters; expected at most {most}", field=name, length=len(value), most=LONGEST
            )
        return value


class SingleFormData(FormData):
    """The fields of a form, each of which has a single value."""

    def __getitem__(self, name: str) -> Any:
        single_value(name, self.getlist(name))
        return super().__getitem__(name)


async def require_single_values(request: Request) -> None:
    """Make every page and call read the address by SingleQueryParams, FastAPI's own reading of parameters included."""
    request._query_params = SingleQueryParams(request.scope["query_string"])


def id_or_none(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def int_or_none(given: str) -> int | None:
    """Return a whole number of at most nine digits, or None for any other text.

    `int` itself raises for some characters that `str.isdigit` calls digits, such as "²", and for thousands of digits.
    """
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None


def read_revision(given: str) -> int:
    """Return the number, or -1, which no row ever has, for any other text."""
    number = int_or_none(given)
    return -1 if number is None else number


def read_instant(name: str, given: str) -> datetime:
    """Return the moment, or raise BadInput."""
    try:
        return _INSTANT.validate_python(given)
    except ValidationError as error:
        raise BadInput(
            "{name} {value}: expected an instant with its zone, such as {example}",
            name=name,
            value=given,
            example=EXAMPLE,
        ) from error
