"""Whatever the bytes are: text in NFC, or an error that is told to the user; nothing else ever comes out."""

import random
import unicodedata
from pkgutil import resolve_name

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadInput
from tests.intake.files.mutations import mutated, seeds
from workflows.bounded_process.limits import Unreadable
from workflows.intake.files import read_file
from workflows.intake.files.sniff import sniff

pytestmark = pytest.mark.long

MADE = [name for name in seeds() if name != "doc"]
"""Those that are read without a program of the machine."""
BEGINNINGS = [
    b"",
    b"PK\x03\x04",
    b"%PDF-1.7\n",
    b"{\\rtf1",
    b"<html>",
    b"\xff\xfe",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
]


def is_text(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text) and not set(text) & {"\0", "\r", "\x0b", "\x0c", "\ufeff"}


def read_or_refused(data: bytes) -> str | BadInput:
    try:
        return read_file("a", data)
    except BadInput as error:
        return error


def read_in_this_process(data: bytes) -> None:
    try:
        kind = sniff(data)
        if kind not in ("doc", "pdf"):  # a PDF is never read in the process that serves
            assert is_text(resolve_name(f"workflows.intake.files.{kind}:read")(data))
    except (Unreadable, RecursionError):
        pass


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=2000))
def test_any_bytes(beginning: bytes, rest: bytes) -> None:
    read_in_this_process(beginning + rest)


@given(st.text(max_size=1000))
def test_any_text(text: str) -> None:
    read_in_this_process(text.encode("utf-8", "surrogatepass"))


@given(st.sampled_from(MADE), st.integers(0, 2**32))
def test_a_valid_file_with_some_of_it_changed(name: str, seed: int) -> None:
    read_in_this_process(mutated(seeds()[name], random.Random(seed)))


@settings(max_examples=25)
@given(st.sampled_from(MADE), st.integers(0, 2**32))
def test_the_whole_way(name: str, seed: int) -> None:
    read = read_or_refused(mutated(seeds()[name], random.Random(seed)))
    if isinstance(read, str):
        assert is_text(read)
    else:
        assert "{" not in read.tell("vi") + read.tell("en")
        assert read.tell("vi").startswith("tệp a: ")


@pytest.mark.parametrize("name", MADE)
def test_the_valid_files_are_read(name: str) -> None:
    assert any(words in read_file("a", seeds()[name]) for words in ("áo cáo", "ngân hàng", "an ninh"))
