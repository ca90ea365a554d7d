"""Every `dondoc …` in the README and the documentation is one that the command line accepts."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.every_command import EVERY, LEAVES, is_missing
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[\s=/])dondoc ([a-z-].*)$")
_INLINE = re.compile(r"`dondoc ([^`]+)`")


def _words(line: str) -> list[str]:
    """A shell line's words up to a comment, a pipe or a redirection."""
    reader = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    reader.whitespace_split = True
    words = []
    for word in reader:
        if word[0] in "|&;<>":
            break
        words.append(word)
    return words


def _commands(*, fenced: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("$(date +%F)", "2026-12-01")
        if fenced:
            lines = "\n".join(_FENCE.findall(text)).replace("\\\n", " ").splitlines()
            found = [match[1] for line in lines if not line.startswith("#") and (match := _COMMAND.search(line))]
        else:
            found = _INLINE.findall(_FENCE.sub("", text))
        for words in map(_words, dict.fromkeys(found)):
            if not is_missing(words[0]):
                yield page.relative_to(ROOT).as_posix(), tuple(words)


def _path(words: tuple[str, ...]) -> tuple[str, ...]:
    """The longest beginning that names a command."""
    return max((words[:size] for size in range(4) if words[:size] in EVERY), key=len)


def _name(given: tuple[str, tuple[str, ...]]) -> str:
    return f"{given[0]}: {' '.join(given[1])}"


@pytest.mark.parametrize("given", list(_commands(fenced=True)), ids=_name)
def test_a_command_to_type_is_accepted(given: tuple[str, tuple[str, ...]]) -> None:
    words = given[1]
    path = _path(words)
    assert path in LEAVES, f"{path} is no whole command"
    context = LEAVES[path].make_context(path[-1], list(words[len(path) :]))
    if path == ("task", "act"):
        fields = SPECS[Action(context.params["action"])].input.model_fields
        known = {*fields, "name", "action", "person", "now", "json", "language"}
        taken = {name for name, value in context.params.items() if value}
        assert taken <= known
        assert {name for name, field in fields.items() if field.is_required()} <= taken


@pytest.mark.parametrize("given", list(_commands(fenced=False)), ids=_name)
def test_a_command_in_a_sentence_exists_with_its_options(given: tuple[str, tuple[str, ...]]) -> None:
    words = given[1]
    path = _path(words)
    assert path, f"{words[0]} is no command"
    known = {option for param in EVERY[path].params for option in param.opts + param.secondary_opts} | {"--help"}
    assert {word for word in words if word.startswith("-")} <= known


def test_every_how_to_stands_in_both_languages_and_is_short() -> None:
    home = ROOT / "docs" / "how-to"
    vietnamese, english = sorted((home / "vi").glob("*.md")), sorted((home / "en").glob("*.md"))
    assert len(vietnamese) == len(english) == 6
    for page in (*vietnamese, *english):
        assert page.read_text(encoding="utf-8").count("\n") <= 80, page


def test_the_verifier_to_take_from_us_is_that_of_the_archives() -> None:
    ours = ROOT / "workflows/history/archive/archive_verifier.py"
    assert (ROOT / "docs/verify.py").read_bytes() == ours.read_bytes()
