"""docs/limits.md says the numbers that hold: each is compared with the code or the setting that it names."""

import re
from datetime import timedelta
from importlib import import_module

import pytest

from models.settings import MailSettings, ReplySettings, Settings
from tests.architecture.product import ROOT
from tests.rooms import is_missing_code

TEXT = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^- (.+): ([\d,]+)(?: (\w+))? \(`([\w.:]+)`\)$", TEXT, re.MULTILINE)
UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "MB": 10**6}


def held(name: str) -> object:
    """What the code, or a setting's default, says."""
    module, colon, constant = name.partition(":")
    if colon:
        return getattr(import_module(module), constant)
    of_mail = name.startswith("mail.")
    of = MailSettings if of_mail else ReplySettings if name.startswith("replies.") else Settings
    return of.model_fields[name.rpartition(".")[2]].default


@pytest.mark.parametrize(("what", "number", "unit", "name"), ROWS, ids=[row[3] for row in ROWS])
def test_a_number_on_the_page_is_the_one_in_the_code(what: str, number: str, unit: str, name: str) -> None:
    if is_missing_code(name.partition(":")[0]):
        pytest.skip("its room is not installed")
    said, holds = int(number.replace(",", "")), held(name)
    assert holds == (timedelta(**{unit: said}) if isinstance(holds, timedelta) else said * UNITS[unit]), what


def test_every_line_of_the_list_is_compared() -> None:
    listed = TEXT.partition("## How much")[2].partition("More numbers")[0]
    assert len([line for line in listed.splitlines() if line.startswith("- ")]) == len(ROWS) > 20


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(\w[\w/.]*(?:\.py|\.json|/))`", TEXT))
    assert len(named) > 10
    assert [one for one in named if not (ROOT / one).exists()] == []
