"""Write a template as YAML, and read it back with the line and field of each fault."""

import unicodedata
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from models.directives.directive import Directive
from models.directives.template import TemplateSpec
from models.errors import BadInput, BadRows
from models.i18n import _
from workflows.templates.spec_faults import fault, spec_faults
from workflows.templates.template_check import TEMPLATE_MODELS, normalise, template_faults
from workflows.templates.yaml_lines import decode_yaml, parse_yaml

LONGEST = 64 * 1024  # bytes; a template has a few thousand
_WIDTH = 54
_ORDER = list(TemplateSpec.model_fields)


class _TemplateDumper(yaml.SafeDumper):
    """Indents lists below their key, and repeats equal values instead of anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _InlineMapping(dict[str, Any]):
    """A mapping short enough for one line: {day: 15, months_before: 1}."""


_TemplateDumper.add_representer(
    _InlineMapping, lambda writer, data: writer.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def write_yaml(data: dict[str, Any]) -> str:
    """Return template data as YAML, with the fields in the order of the schema."""
    known = {name: data[name] for name in _ORDER if name in data}
    ordered = known | {name: value for name, value in data.items() if name not in known}
    inlined = _inline_short_mappings(ordered)
    return yaml.dump(inlined, Dumper=_TemplateDumper, allow_unicode=True, sort_keys=False, width=_WIDTH)


def spec_data(spec: TemplateSpec) -> dict[str, Any]:
    """Return the values that differ from the defaults, as plain data."""
    data = spec.model_dump(mode="json", exclude_defaults=True)
    if spec.deadline.rule != "none":
        data["deadline"] = {"rule": spec.deadline.rule} | spec.deadline.model_dump(mode="json", exclude_defaults=True)
    return {"duty": spec.duty} | data


def spec_yaml(spec: TemplateSpec) -> str:
    """Return a specification as YAML, without values that equal the defaults."""
    return write_yaml(spec_data(spec))


def read_template(directive: Directive, duty: str, text: str) -> TemplateSpec:
    """Read a template. Raises BadInput, or BadRows with the line and field of each fault."""
    return _read(directive, duty, Path(f"{duty}.yaml"), text)


def read_template_file(directive: Directive, duty: str, name: str, content: bytes) -> TemplateSpec:
    """Read a template as `read_template` does. Faults name the file."""
    path = Path(name)
    _check_size(path, content)
    return _read(directive, duty, path, decode_yaml(path, content))


def _check_size(path: Path, given: str | bytes) -> None:
    if len(given) > LONGEST:
        raise BadInput("{file}: is larger than {limit} bytes", file=path.name, limit=LONGEST)


def _read(directive: Directive, duty: str, path: Path, text: str) -> TemplateSpec:
    _check_size(path, text)
    file = parse_yaml(path, unicodedata.normalize("NFC", text))
    if not isinstance(file.data, dict):
        wrong = _("{file}, line {line}: a template is fields with values, such as title: …")
        raise BadInput(wrong, file=path.name, line=1)
    try:
        spec = TemplateSpec.model_validate(file.data)
    except ValidationError as error:
        raise BadRows(path.name, spec_faults(file, error, TEMPLATE_MODELS)) from error
    faults = list(template_faults(file, spec, normalise(directive.text), directive.number or directive.code))
    if spec.duty != duty:
        wrong = _("{field}: the template says {value}, but it is for {right}")
        faults.append(fault(file, ("duty",), wrong, value=spec.duty, right=duty))
    if faults:
        raise BadRows(path.name, sorted(faults, key=lambda fault: int(str(fault.facts["line"]))))
    return spec


def _inline_short_mappings(value: Any, depth: int = 0) -> Any:
    """Make mappings of a few plain values inline, but for those of the first two levels."""
    if isinstance(value, dict):
        inner = {key: _inline_short_mappings(item, depth + 1) for key, item in value.items()}
        is_plain = depth > 1 and all(_is_short(item) for item in inner.values())
        return _InlineMapping(inner) if is_plain and len(str(inner)) < 90 else inner
    return [_inline_short_mappings(item, depth + 1) for item in value] if isinstance(value, list | tuple) else value


def _is_short(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str | int) and len(str(item)) < 30 for item in value)
    return not isinstance(value, dict) and len(str(value)) < 40
