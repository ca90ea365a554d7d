"""Instants in what forms, addresses and programs say: with their zone, within the years that the program knows."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from models.errors import BadInput
from models.text.localtime import FIRST_DAY, LAST_DAY, at_local, end_of_day

EXAMPLE = "2026-11-05T02:00:00Z"
Instant = Annotated[AwareDatetime, Field(ge=at_local(FIRST_DAY), lt=end_of_day(LAST_DAY), examples=[EXAMPLE])]
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def given_instant(name: str, given: str) -> datetime:
    """Return an instant that a page of ours wrote. BadInput for anything else."""
    try:
        return _INSTANT.validate_python(given)
    except ValidationError as error:
        raise BadInput(
            "{name} {value}: expected an instant with its zone, such as {example}",
            name=name,
            value=given,
            example=EXAMPLE,
        ) from error
