"""What was asked and what was sent: a single value is read of a name only if one was given.

A proxy, a firewall and a program may each take another of two, so there is no right one: whoever reads a single value
of a name that was given twice gets BadInput. Names that may come several times are read by `getlist`.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from fastapi import Request
from starlette.datastructures import FormData, QueryParams

from models.errors import BadInput

LONGEST = 20_000
"""Characters of a single value of an address: the longest that a page of ours writes there is a letter's text."""
_T = TypeVar("_T")


def single_value(name: str, given: Sequence[_T]) -> Sequence[_T]:
    """Return the values of a name: one, or none. BadInput where there are more."""
    if len(given) > 1:
        raise BadInput("{field}: given {count} times; expected once", field=name, count=len(given))
    return given


class AskedOnce(QueryParams):
    """The parameters of an address."""

    def __getitem__(self, name: str) -> str:
        single_value(name, self.getlist(name))
        value = super().__getitem__(name)
        if len(value) > LONGEST:  # SQLite compares with no pattern of 50,000 bytes
            raise BadInput(
                "{field}: {length} characters; expected at most {most}", field=name, length=len(value), most=LONGEST
            )
        return value


class SentOnce(FormData):
    """The fields of a form."""

    def __getitem__(self, name: str) -> Any:
        single_value(name, self.getlist(name))
        return super().__getitem__(name)


async def ask_once(request: Request) -> None:
    """Before every page and call: what they read of the address, by their signature or themselves, is read so."""
    request._query_params = AskedOnce(request.scope["query_string"])
