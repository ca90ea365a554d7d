"""Read YAML 1.2 with the nodes beside the data, so that each fault can name its line. Duplicate keys are faults."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.errors import BadInput, BadRows, need
from models.i18n import _

LARGEST_FILE = 2 * 1024 * 1024  # bytes; a pack has a few dozen kilobytes

_TAG = "tag:yaml.org,2002:"
_ESCAPED, _NO_VALUE = "an escape no text may hold", "no value of its kind"


class _Loader(yaml.SafeLoader):
    """Leaves dates and words such as `on` as text. YAML 1.1 reads `on` as true, and fails at 2004-02-30."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Raise a MarkedYAMLError also for forbidden escapes, huge numbers, and values that do not fit their tags.

        SafeLoader lets Python's own errors through, for `!!int x` for example.
        """
        if isinstance(node, yaml.ScalarNode) and yaml.reader.Reader.NON_PRINTABLE.search(node.value):
            raise yaml.constructor.ConstructorError(None, None, _ESCAPED, node.start_mark)
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int) and value.bit_length() > 64:
                raise ValueError(node.tag)
        except (ValueError, LookupError, AttributeError) as error:
            raise yaml.constructor.ConstructorError(None, None, _NO_VALUE, node.start_mark) from error
        return value


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_TAG + "bool", _TAG + "timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


@dataclass(frozen=True)
class YamlFile:
    path: Path
    data: Any
    root: yaml.Node

    def locate(self, loc: Sequence[str | int]) -> tuple[int, tuple[str | int, ...]]:
        """Return the line (from 1) of the deepest part of `loc` that the file has, and the parts on the way to it.

        Parts that only the validator knows, such as the name of a union's member, are skipped.
        """
        node, line, known_parts = self.root, self.root.start_mark.line + 1, []
        for part in loc:
            child = _child(node, part)
            if child is not None:
                key, node = child
                line = key.start_mark.line + 1
                known_parts.append(part)
        return line, tuple(known_parts)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the nodes of the key and of the value. Merged keys stand first, so the last one counts."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in reversed(node.value) if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def read_yaml(path: Path) -> YamlFile:
    """Read one document. Raises BadInput (no file, not UTF-8, not YAML) or BadRows (duplicate keys)."""
    return parse_yaml(path, _read_text(path))


def decode_yaml(path: Path, content: bytes) -> str:
    """Decode UTF-8; BadInput names the line that is not UTF-8. `path` only names the file in faults."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            "{file}, line {line}: is not UTF-8; save the file as UTF-8", file=path.name, line=line
        ) from error


def parse_yaml(path: Path, text: str) -> YamlFile:
    """Read one document from text. Raises as `read_yaml`. `path` only names the file in faults."""
    _check_characters(path, text)
    loader = _Loader(text)
    try:
        root = need(loader.get_single_node(), BadInput("{file}: is empty", file=path.name))
        duplicates = [_duplicate(path, key) for key in _duplicate_keys(root, set())]
        if duplicates:
            raise BadRows(path.name, duplicates)
        return YamlFile(path, loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadInput(
            "{file}, line {line}: not valid YAML: {problem}",
            file=path.name,
            line=mark.line + 1 if mark else 1,
            problem=_problem(error),
        ) from error
    except (ValueError, OverflowError) as error:  # an escape beyond the last character
        raise BadInput(
            "{file}, line {line}: not valid YAML: {problem}",
            file=path.name,
            line=loader.line + 1,
            problem=_PROBLEMS[_ESCAPED],
        ) from error
    except RecursionError as error:
        raise BadInput("{file}: is nested too deeply", file=path.name) from error


_PROBLEMS = {
    "mapping values are not allowed": _("a colon stands where none may; put the text in quotes"),
    "could not find expected ':'": _("a colon is missing"),
    "cannot start any token": _("a value may not begin with this character; quote the text, indent by spaces not tabs"),
    "expected <block end>": _("the indentation does not fit the lines above"),
    "unexpected end of stream": _("a quotation mark is not closed"),
    "expected ',' or": _("a bracket is not closed"),
    "undefined alias": _("an anchor is named that is not there"),
    "constructor for the tag": _("tags with an exclamation mark are not taken"),
    _ESCAPED: _("an escape stands for a character that no text may hold"),
    _NO_VALUE: _("a value does not fit its tag, or is a number of far too many digits"),
    "another document": _("a file holds one document only"),
}


def _problem(error: yaml.MarkedYAMLError) -> str:
    """Return our words for a frequent mistake, or the words of the library."""
    problem = " ".join(filter(None, (error.context, error.problem)))
    return next((words for part, words in _PROBLEMS.items() if part in problem), problem)


def _read_text(path: Path) -> str:
    if not path.is_file():
        raise BadInput("{file}: there is no such file", file=str(path))
    if path.stat().st_size > LARGEST_FILE:
        raise BadInput("{file}: is larger than {limit} bytes", file=path.name, limit=LARGEST_FILE)
    return decode_yaml(path, path.read_bytes())


def _check_characters(path: Path, text: str) -> None:
    wrong = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if wrong:
        line = text.count("\n", 0, wrong.start()) + 1
        raise BadInput(
            "{file}, line {line}: character {character} may not stand in YAML",
            file=path.name,
            line=line,
            character=f"U+{ord(wrong.group()):04X}",
        )


def _duplicate(path: Path, key: yaml.Node) -> BadInput:
    return BadInput(
        _("{file}, line {line}: {field} stands twice in the same place"),
        file=path.name,
        line=key.start_mark.line + 1,
        field=key.value,
    )


def _duplicate_keys(node: yaml.Node, seen: set[int]) -> Iterator[yaml.Node]:
    """Yield keys that a mapping has twice, of which YAML takes the last. `seen` holds nodes that were visited."""
    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _duplicate_keys(item, seen)
        return
    keys: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _TAG + "merge":
            if key.value in keys:
                yield key
            keys.add(key.value)
        yield from _duplicate_keys(value, seen)
