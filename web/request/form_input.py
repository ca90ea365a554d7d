"""What a form sends, as an input of its page: declared field by field, and a typed parameter of the handler.

`given: Annotated[Absence, Depends(Absence.sent)]`. FastAPI's own `Form()` would read all that is sent before anything
is known of the sender; `posted` counts while it reads, and asks first whose form it is.
"""

from typing import Annotated, Any, Self, get_origin
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from starlette.datastructures import ImmutableMultiDict

from models.errors import BadInput
from web.request.faults import UNFIT
from web.request.given_values import revision_seen
from web.request.request_context import Posted

Ticked = Annotated[bool, BeforeValidator(bool)]
"""A box, or a button pressed."""
Yes = Annotated[bool, BeforeValidator(lambda sent: sent in ("yes", True))]
Revision = Annotated[int, BeforeValidator(lambda sent: revision_seen(str(sent)))]
"""Of the row that the form showed."""
Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A password: blanks at its ends are part of it."""


class FormInput(BaseModel):
    """The base: texts as they were typed, trimmed; empty where nothing came. What a text means the page's act reads."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    @classmethod
    def sent(cls, form: Posted) -> Self:
        return cls.of(form)

    @classmethod
    def asked(cls, request: Request) -> Self:
        """Return the same as an address has it."""
        return cls.of(request.query_params)

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        """Return the fields among these; files and unknown names are passed over.

        BadInput for a text that was given twice, or that no database keeps.
        """
        found: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            sent_as = field.alias or name
            if get_origin(field.annotation) is tuple:
                found[sent_as] = [one for one in given.getlist(sent_as) if isinstance(one, str)]
            elif isinstance(value := given.get(sent_as), str):
                found[sent_as] = value
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            raise BadInput(UNFIT) from error

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Return what was filled in, as an address or hidden fields have it."""
        return [
            (type(self).model_fields[name].alias or name, one)
            for name, value in self
            if name not in without
            for one in (value if isinstance(value, tuple) else (value,))
            if one
        ]

    @property
    def query(self) -> str:
        return urlencode(self.pairs())


class Reason(FormInput):
    """Why, in a few words."""

    reason: str = ""


class Code(FormInput):
    """The digits of a letter, of an app, or of the first set-up."""

    code: str = ""


class Switch(FormInput):
    """On or off."""

    on: Yes = False
