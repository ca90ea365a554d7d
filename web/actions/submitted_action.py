"""The values that were typed into an action's form, and their reading into the action's input."""

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


def typed_values(form: FormData, fields: Sequence[FormField]) -> Typed:
    typed: dict[str, str | list[str]] = {}
    for field in fields:
        if field.kind is Kind.UNITS:
            typed[field.name] = [str(value) for value in form.getlist(field.name)]
        elif field.kind is not Kind.FILES:
            typed[field.name] = text(form, field.name)
    return typed


def uploads(form: FormData) -> list[GivenFile]:
    """Return the files. Browsers send an empty file field as a file without a name."""
    return [
        given_file(value) for _name, value in form.multi_items() if isinstance(value, UploadFile) and value.filename
    ]


def given_file(upload: UploadFile) -> GivenFile:
    """Return a file whose bytes are read only when it is opened."""

    def opened() -> BinaryIO:
        upload.file.seek(0)
        return upload.file

    return GivenFile(upload.filename or "", opened)


def check_typed(
    kind: type[ActionInput], fields: Sequence[FormField], typed: Typed
) -> tuple[dict[str, Any], list[FieldFault]]:
    values: dict[str, Any] = {name: value for name, value in typed.items() if value}
    missing = [field.name for field in fields if is_needed(kind, field) and not typed.get(field.name, True)]
    faults = [FieldFault(name, _("this is needed")) for name in missing]
    try:
        kind.model_validate(values)
    except ValidationError as error:
        for detail in error.errors():
            name = str(detail["loc"][0])
            if name not in missing:
                faults.append(FieldFault(name, fault_words(detail)))
    return values, faults


def is_needed(kind: type[ActionInput], field: FormField) -> bool:
    return field.needed or kind.model_fields[field.name].is_required()


def max_length(kind: type[ActionInput], name: str) -> int | None:
    limits = [getattr(constraint, "max_length", None) for constraint in kind.model_fields[name].metadata]
    return next((limit for limit in limits if limit is not None), None)
