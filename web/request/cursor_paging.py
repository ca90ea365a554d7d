"""Lists in pages. A cursor names the row after which the next page begins; to the caller it is opaque."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from models.errors import BadInput
from models.tasks.act_inputs import Day

T = TypeVar("T")

Cursor = Annotated[
    str | None, Query(description="`next` of the page before", max_length=200, examples=["AZoS8EBRdfW0lTwog5238Q"])
]
TextCursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many")]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
LocalDay = Annotated[Day, Field(examples=["2026-11-05"])]


class Page(BaseModel, Generic[T]):
    """A page of a list. `next` is null on the last one."""

    items: list[T]
    next: str | None = Field(default=None, description="Pass it as `cursor` for the next page")


def write_cursor(last: UUID) -> str:
    return urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def read_cursor(cursor: str | None) -> UUID | None:
    """Return the id of the row after which the page begins. BadInput for a cursor that is not ours."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(cursor.encode("ascii") + b"=="))
    except (ValueError, UnicodeEncodeError) as error:
        raise BadInput("cursor {cursor}: expected `next` of the page before", cursor=cursor) from error
