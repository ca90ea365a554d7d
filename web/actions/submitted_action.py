"""What was typed into a form: kept as it was typed, and read into what the action takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from models.i18n import Words, _
from models.tasks.act_inputs import ActionInput
from models.tasks.evidence_files import GivenFile
from models.text.faults import fault_words
from web.actions.action_forms import FormField, Kind
from web.request.form_input import text

Typed = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class FieldFault:
    name: str
    words: Words


def typed_in(form: FormData, fields: Sequence[FormField]) -> Typed:
    """Files are not among them."""
    return {
        one.name: [str(value) for value in form.getlist(one.name)] if one.kind is Kind.UNITS else text(form, one.name)
        for one in fields
        if one.kind is not Kind.FILES
    }


def uploads(form: FormData) -> list[GivenFile]:
    """A field left empty is sent as a file without a name."""
    return [
        given_file(value) for _name, value in form.multi_items() if isinstance(value, UploadFile) and value.filename
    ]


def given_file(upload: UploadFile) -> GivenFile:
    """Its bytes are read where they are."""

    def opened() -> BinaryIO:
        upload.file.seek(0)
        return upload.file

    return GivenFile(upload.filename or "", opened)


def read(kind: type[ActionInput], fields: Sequence[FormField], typed: Typed) -> tuple[dict[str, Any], list[FieldFault]]:
    given: dict[str, Any] = {name: value for name, value in typed.items() if value}
    faults = [
        FieldFault(one.name, _("this is needed"))
        for one in fields
        if needs(kind, one) and not typed.get(one.name, True)
    ]
    try:
        kind.model_validate(given)
    except ValidationError as error:
        known = {fault.name for fault in faults}
        faults += [
            FieldFault(str(one["loc"][0]), fault_words(one))
            for one in error.errors()
            if str(one["loc"][0]) not in known
        ]
    return given, faults


def needs(kind: type[ActionInput], asked: FormField) -> bool:
    return asked.needed or kind.model_fields[asked.name].is_required()


def longest(kind: type[ActionInput], name: str) -> int | None:
    limits = [getattr(one, "max_length", None) for one in kind.model_fields[name].metadata]
    return next((one for one in limits if one is not None), None)
