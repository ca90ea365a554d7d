"""YAML read so that every fault can name its line: YAML 1.2 scalars, no duplicate keys, nodes kept beside the data."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.errors import BadInput, BadRows, need
from models.i18n import _

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes; a pack is a few dozen kilobytes."""

_TAG = "tag:yaml.org,2002:"
_ESCAPED, _NO_VALUE = "an escape no text may hold", "no value of its kind"


class _Loader(yaml.SafeLoader):
    """YAML 1.1 would read the key `on` as true, and die without a line at 2004-02-30: both stay text here."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """MarkedYAMLError also for what its tag or its number of digits makes none, and for an escape.

        SafeLoader fails at `!!int x` as Python happens to.
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
    """The data, and the nodes it came from."""

    path: Path
    data: Any
    root: yaml.Node

    def locate(self, loc: Sequence[str | int]) -> tuple[int, tuple[str | int, ...]]:
        """The 1-based line of the deepest part of `loc` that the file has, and the parts found on the way.

        Parts that only a validator knows (the name of a union's member) are passed over.
        """
        node, line, found = self.root, self.root.start_mark.line + 1, []
        for part in loc:
            step = _child(node, part)
            if step is not None:
                mark, node = step
                line = mark.start_mark.line + 1
                found.append(part)
        return line, tuple(found)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that shows the line, and the value's. Merged keys come first: the last one counts."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in reversed(node.value) if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def read_yaml(path: Path) -> YamlFile:
    """Read one document. Raises BadInput (no file, not UTF-8, not YAML: with its line) or BadRows (duplicate keys)."""
    return parse_yaml(path, _read_text(path))


def decode_yaml(path: Path, content: bytes) -> str:
    """`path` only names the file in faults. Raises BadInput with the line that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadInput(
            "{file}, line {line}: is not UTF-8; save the file as UTF-8", file=path.name, line=line
        ) from error


def parse_yaml(path: Path, text: str) -> YamlFile:
    """`path` only names the file in faults. Raises BadInput or BadRows as `read_yaml`."""
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
    """In our words where it is one of the usual slips."""
    found = " ".join(filter(None, (error.context, error.problem)))
    return next((words for part, words in _PROBLEMS.items() if part in found), found)


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
    """Keys that a mapping gives twice: YAML would quietly take the last. `seen` spares walking aliases again."""
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
