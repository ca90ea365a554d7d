"""Read a pack: a folder with a directive's metadata, its text, and a template for each duty."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.directives.directive import Urgency
from models.directives.template import PeriodRule, TemplateSpec
from models.errors import BadInput, BadRows, Refused
from models.i18n import _
from models.tasks.act_inputs import Day
from workflows.rules.secrecy import stamped_secrecy
from workflows.templates.spec_faults import fault, shorten, spec_faults
from workflows.templates.template_check import TEMPLATE_MODELS, normalise, template_faults
from workflows.templates.yaml_lines import YamlFile, read_yaml

PACK_FILE = "pack.yaml"


class DirectiveSpec(BaseModel):
    """The document's own data. `sources` says where each value comes from that the text itself does not give."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)
    kind: str = Field(default="chỉ thị", min_length=1, max_length=64)
    number: str | None = Field(default=None, min_length=1, max_length=64)
    issued_on: Day | None = None
    issuer: str = Field(min_length=1, max_length=300)
    subject: str = Field(min_length=1, max_length=1000)
    urgency: Urgency = Urgency.NORMAL
    secrecy: Literal["none", "mật", "tối mật", "tuyệt mật"] = Field(
        default="none", description="Anything but none is refused: secret documents do not enter a networked system"
    )
    legal_bases: tuple[str, ...] = ()
    sources: dict[str, str] = Field(default_factory=dict)
    text: str = Field(pattern=r"^[\w-][\w. -]*$", max_length=100, description="Name of the text file beside pack.yaml")
    coordinating_unit: str = Field(min_length=1, description="Code of the unit that follows the directive up")
    issuer_office: str = Field(min_length=1, description="Code of the issuer's office (Văn phòng Bộ)")

    @field_validator("secrecy", mode="before")
    @classmethod
    def as_stamped(cls, value: object) -> object:
        return unicodedata.normalize("NFC", value).strip().casefold() if isinstance(value, str) else value


class PackSpec(BaseModel):
    """What pack.yaml holds. `presets` are reporting periods to share by YAML anchors."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Đôn đốc: a directive and its workflow templates")

    directive: DirectiveSpec
    presets: dict[str, PeriodRule] = Field(default_factory=dict)
    templates: tuple[TemplateSpec, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Pack:
    """A pack without faults."""

    path: Path
    spec: PackSpec
    text: str  # of the directive, unchanged

    @property
    def directive(self) -> DirectiveSpec:
        return self.spec.directive

    @property
    def templates(self) -> tuple[TemplateSpec, ...]:
        return self.spec.templates


_MODELS: tuple[type[BaseModel], ...] = (PackSpec, DirectiveSpec, *TEMPLATE_MODELS)


def template_schema() -> dict[str, Any]:
    """Return the JSON schema of a pack for text editors. docs/schema/template.schema.json is a copy of it."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **PackSpec.model_json_schema()}


def read_pack(path: Path) -> Pack:
    """Read a pack folder (or its pack.yaml). Raises BadInput, BadRows (file, line, field), Refused if secret."""
    file = read_yaml(path / PACK_FILE if path.is_dir() else path)
    try:
        spec = PackSpec.model_validate(file.data)
    except ValidationError as error:
        raise BadRows(file.path.name, spec_faults(file, error, _MODELS)) from error
    text = _read_directive(file, spec.directive)
    _refuse_secrets(spec.directive, text)
    faults = [*_duplicates(file, spec), *_unknown_parents(file, spec), *_template_faults(file, spec, text)]
    if faults:
        raise BadRows(file.path.name, sorted(faults, key=lambda fault: int(str(fault.facts["line"]))))
    return Pack(file.path, spec, text)


def _read_directive(file: YamlFile, directive: DirectiveSpec) -> str:
    path = file.path.parent / directive.text
    place = ("directive", "text")
    if not path.is_file():
        raise fault(file, place, _("{field}: there is no file {value} beside it"), value=directive.text)
    try:
        # bytes, because reading as text would change the line ends of a document that is kept word for word
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fault(file, place, _("{field}: {value} is not UTF-8; save it as UTF-8"), value=directive.text) from error
    if not text.strip():
        raise fault(file, place, _("{field}: {value} is empty"), value=directive.text)
    return text


def _refuse_secrets(directive: DirectiveSpec, text: str) -> None:
    level = directive.secrecy if directive.secrecy != "none" else stamped_secrecy(text)
    if level:
        raise Refused(
            "directive {code} is stamped {level}: secret documents do not enter a networked system; nothing stored",
            code=directive.code,
            level=level.upper(),
        )


def _duplicates(file: YamlFile, spec: PackSpec) -> Iterator[BadInput]:
    seen: set[str] = set()
    for index, template in enumerate(spec.templates):
        if template.duty in seen:
            message = _("{field}: duty {value} has a template already")
            yield fault(file, ("templates", index, "duty"), message, value=template.duty)
        seen.add(template.duty)


def _unknown_parents(file: YamlFile, spec: PackSpec) -> Iterator[BadInput]:
    """Yield parents that the pack does not have, and duties that are their own ancestors."""
    parents = {template.duty: template.parent for template in spec.templates}
    for index, template in enumerate(spec.templates):
        place = ("templates", index, "parent")
        if template.parent is not None and template.parent not in parents:
            message = _("{field}: no duty {value} here; expected one of {right}")
            yield fault(file, place, message, value=shorten(template.parent), right=", ".join(parents))
        ancestor, steps = template.parent, 0
        while ancestor in parents and ancestor != template.duty and steps <= len(parents):
            ancestor, steps = parents[ancestor], steps + 1
        if ancestor == template.duty:
            message = _("{field}: duty {value} would stand under itself")
            yield fault(file, place, message, value=template.duty)


def _template_faults(file: YamlFile, spec: PackSpec, text: str) -> Iterator[BadInput]:
    words = normalise(text)
    for index, template in enumerate(spec.templates):
        yield from template_faults(file, template, words, spec.directive.text, ("templates", index))
