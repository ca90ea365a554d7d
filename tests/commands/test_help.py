"""Every command explains itself in the user's language, with an example that is true."""

import re
import shlex
from io import BytesIO

import pytest
import typer
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from commands.help_words import in_their_language
from models.i18n import LANGUAGES, LOCALE
from tests.commands.every_command import EVERY, LEAVES
from tests.commands.terminal import Cli

WORD_EXAMPLE = {"vi": "Ví dụ", "en": "Example"}
CODES = re.compile(r"[a-z_-]+(, [a-z_-]+)*\.")
"""A paragraph that only names what may be typed."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_help_ends_with_an_example(
    path: tuple[str, ...], language: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_LANGUAGE", language)
    answer = cli(*path, "--help")
    assert answer.code == 0
    assert f"{WORD_EXAMPLE[language]}: dondoc {' '.join(path)}".strip() in " ".join(answer.out.split())


def help_texts(path: tuple[str, ...], language: str) -> list[str]:
    """Every paragraph that the help of a command shows."""
    context = typer.Context(EVERY[path], obj=["--language", language])
    told = in_their_language(EVERY[path], context)
    shown = [told, *told.params, *getattr(told, "commands", {}).values()]
    return [one for part in shown for one in part.help.split("\n\n")]


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_nothing_in_the_vietnamese_help_is_left_in_english(path: tuple[str, ...]) -> None:
    pairs = zip(help_texts(path, "en"), help_texts(path, "vi"), strict=True)
    assert [english for english, shown in pairs if shown == english and not CODES.fullmatch(english)] == []


@pytest.mark.parametrize(
    ("words", "of_settings", "spoken"),
    [((), "vi", "vi"), (("task",), "vi", "vi"), ((), "en", "en"), (("task", "show", "-L", "vi", "--help"), "en", "vi")],
)
def test_the_language_is_the_commands_own_else_that_of_the_settings(
    words: tuple[str, ...], of_settings: str, spoken: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_LANGUAGE", of_settings)
    answer = cli(*words)
    shown = {"vi": ("Cách dùng: ", "Tuỳ chọn", "Xem hướng dẫn này."), "en": ("Usage: ", "Options", "Show this message")}
    assert [one for one in shown[spoken] if one not in answer.out + answer.err] == []


def test_typers_own_words_are_vietnamese(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_LANGUAGE", "vi")
    shown = cli("task", "show", "--help").out + cli("simulate", "--help").out + cli("unit", "--help").out
    for word in ("[bắt buộc]", "[mặc định: ", "─ Tham số ─", "─ Tuỳ chọn ─", "─ Các lệnh ─"):
        assert word in shown
    assert not re.search(r"Arguments|Options|Commands|\[required|\[default", shown)


def test_the_catalogue_that_typer_reads_is_compiled_from_its_source() -> None:
    folder, compiled = LOCALE / "vi" / "LC_MESSAGES", BytesIO()
    write_mo(compiled, read_po(BytesIO((folder / "typer.po").read_bytes())))
    assert (folder / "typer.mo").read_bytes() == compiled.getvalue(), "run `make messages`"


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_the_example_is_one_that_the_command_accepts(path: tuple[str, ...]) -> None:
    words = shlex.split(LEAVES[path].epilog.removeprefix("Example: "))
    assert words[: len(path) + 1] == ["dondoc", *path]
    LEAVES[path].make_context(path[-1], words[len(path) + 1 :])


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_takes_json_and_a_language(path: tuple[str, ...]) -> None:
    options = {option for param in LEAVES[path].params for option in param.opts}
    assert {"--json", "--language", "-L"} <= options


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_option_and_argument_says_what_it_is(path: tuple[str, ...]) -> None:
    assert [param.name for param in LEAVES[path].params if not getattr(param, "help", None)] == []


def test_the_fixed_commands_are_there() -> None:
    wanted = "init,demo,serve,template list,launch,simulate,tick,task list,task act,outbox list,report,why,config"
    assert {tuple(name.split()) for name in wanted.split(",")} <= LEAVES.keys()
