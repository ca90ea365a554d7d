"""A command that was typed wrongly is told in the user's language: what is wrong, and what would be right."""

import json
import re

import pytest

from models.i18n import LANGUAGES
from tests.commands.terminal import Answer, Cli, shell

TYPED = {
    "an option that is not there": (("task", "list", "--limt", "3"), ("--limt", "--limit", "dondoc task list --help")),
    "a command that is not there": (("taks",), ("taks", "task", "dondoc --help")),
    "a command of a group that is not there": (("unit", "remove"), ("remove", "dondoc unit --help")),
    "no command, only an option": (("--data", "x"), ("dondoc --help",)),
    "an argument that is missing": (("launch",), ("DIRECTIVE", "dondoc launch --help")),
    "an option that is missing": (("task", "act", "x", "accept"), ("--as", "dondoc task act --help")),
    "a word too many": (("report", "all", "of", "it"), ("all of it", "dondoc report --help")),
    "an option without its value": (("task", "list", "--limit"), ("--limit",)),
    "a value for an option that takes none": (("task", "list", "--json=yes"), ("--json",)),
    "a word where a number is needed": (("task", "list", "--limit", "ba"), ("--limit", "ba")),
    "a number that is too small": (("task", "list", "--limit", "-1"), ("--limit", "-1", "0")),
    "a kind that is not known": (("unit", "list", "--kind", "good"), ("good", "enterprise")),
}
ENGLISH = ("usage", "such", "missing", "invalid", "error", "try", "unexpected", "extra", "requires", "did you")


def tell(cli: Cli, words: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    monkeypatch.setenv("DONDOC_LANGUAGE", language)
    return cli(*words)


@pytest.mark.parametrize("words", [words for words, _named in TYPED.values()], ids=TYPED)
def test_it_is_told_in_vietnamese_with_the_code_of_wrong_input(
    cli: Cli, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = tell(cli, words, "vi", monkeypatch)
    assert answer.code == 2 and answer.out == ""
    assert not [word for word in ENGLISH if re.search(rf"\b{word}\b", answer.err.casefold())], answer.err


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("words", "named"), TYPED.values(), ids=TYPED)
def test_it_names_what_was_typed_and_what_would_be_right(
    cli: Cli, words: tuple[str, ...], named: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = tell(cli, words, language, monkeypatch)
    assert [name for name in named if name not in answer.err.replace("dondoc.py", "dondoc")] == []


def test_the_language_of_that_very_command_counts(cli: Cli) -> None:
    assert "không có lệnh này" in cli("taks", "--language", "vi").err
    assert "không có tuỳ chọn này" in cli("task", "list", "-L", "vi", "--limt").err
    assert "không có lệnh này" in cli("taks", "-L", "fr").err, "what is none of the two is told in Vietnamese"


def test_who_wants_json_gets_it_so(cli: Cli) -> None:
    answer = cli("task", "list", "--limit", "ba", "--json")
    assert answer.code == 2
    assert "--limit" in answer.json["error"] and answer.json["error"] in answer.err


@pytest.mark.long
def test_a_shell_sees_the_same() -> None:
    done = shell("task", "list", "--limt", DONDOC_LANGUAGE="vi")
    assert (done.returncode, done.stdout) == (2, "") and "không có tuỳ chọn này" in done.stderr
    done = shell("task", "list", "--limt", "--json", DONDOC_LANGUAGE="vi")
    assert done.returncode == 2 and "--limt" in json.loads(done.stdout)["error"]


def test_a_group_without_a_command_shows_its_help(cli: Cli) -> None:
    for words in ((), ("unit",)):
        answer = cli(*words)
        assert answer.code == 2 and "list" in answer.out + answer.err
