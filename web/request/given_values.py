"""What addresses and forms give: one value of a name, filters, choices, numbers, instants.

A fault names the parameter and the possible values.
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
"""Characters of a single value of an address: the longest that a page of ours writes there is a letter's text."""
EXAMPLE = "2026-11-05T02:00:00Z"
Instant = Annotated[AwareDatetime, Field(ge=at_local(FIRST_DAY), lt=end_of_day(LAST_DAY), examples=[EXAMPLE])]
"""With its zone, within the years that the program knows."""
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_Choice = TypeVar("_Choice", bound=StrEnum)
_T = TypeVar("_T")
SearchWords = Annotated[str, AfterValidator(lambda words: words.strip()[:200])]


class AddressQuery(BaseModel):
    """What an address asks for, read by `Annotated[…, Query()]`. What is empty counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, Mapping) else given

    def parameters(self, **changes: Any) -> list[tuple[str, str]]:
        """Leave out what is as it is anyway."""
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
    """None for a number or an id, which an address cut short has."""
    if fault["loc"][0] != "query" or fault["type"] not in ("enum", "told"):
        return None
    choices = fault.get("ctx", {})
    names = (name.strip("'") for name in listed(choices.get("expected", "")).split(", "))
    possible = ", ".join(filter(None, names)) or fault_words(fault)
    return BadInput(
        "{name} {value}: it can be {possible}", name=fault["loc"][1], value=fault["input"], possible=possible
    )


def check_one_of(name: str, value: str, possible: Iterable[str]) -> None:
    known = list(possible)
    if value not in known:
        raise BadInput(
            "{name} {value}: it can be {possible}", name=name, value=value, possible=", ".join(filter(None, known))
        )


def one_of(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice:
    check_one_of(name, value, kind if possible is None else possible)
    return kind(value)


def choice(kind: type[_Choice], name: str, value: str, possible: Iterable[_Choice] | None = None) -> _Choice | None:
    return one_of(kind, name, value, possible) if value else None


def read_id(name: str, value: str) -> UUID:
    """BadInput for what is no id."""
    try:
        return UUID(value)
    except ValueError as error:
        raise BadInput("{name} {value}: it can be {possible}", name=name, value=value, possible="0190f3a2-…") from error


def single_value(name: str, given: Sequence[_T]) -> Sequence[_T]:
    """One value, or none. BadInput where there are more.

    A proxy, a firewall and a program may each take another of two, so there is no right one. Names that may come
    several times are read by `getlist`.
    """
    if len(given) > 1:
        raise BadInput("{field}: given {count} times; expected once", field=name, count=len(given))
    return given


class AskedOnce(QueryParams):
    def __getitem__(self, name: str) -> str:
        single_value(name, self.getlist(name))
        value = super().__getitem__(name)
        if len(value) > LONGEST:  # SQLite compares with no pattern of 50,000 bytes
            raise BadInput(
                "{field}: {length} characters; expected at most {most}", field=name, length=len(value), most=LONGEST
            )
        return value


class SentOnce(FormData):
    def __getitem__(self, name: str) -> Any:
        single_value(name, self.getlist(name))
        return super().__getitem__(name)


async def ask_once(request: Request) -> None:
    """Before every page and call: what they read of the address, by their signature or themselves, is read so."""
    request._query_params = AskedOnce(request.scope["query_string"])


def id_or_none(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def whole(given: str) -> int | None:
    """The number that a field holds, of nine digits at most; None for anything else.

    Of what `str.isdigit` calls digits `int` reads only some (not "²"), and of too many none: no fault of ours.
    """
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None


def revision_seen(given: str) -> int:
    """-1, which nothing ever was, where the page holds no number."""
    number = whole(given)
    return -1 if number is None else number


def given_instant(name: str, given: str) -> datetime:
    """One that a page of ours wrote. BadInput for anything else."""
    try:
        return _INSTANT.validate_python(given)
    except ValidationError as error:
        raise BadInput(
            "{name} {value}: expected an instant with its zone, such as {example}",
            name=name,
            value=given,
            example=EXAMPLE,
        ) from error
