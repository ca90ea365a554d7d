"""The format of Word 97–2003, through the programs that this machine has; no file is shipped, the tests make theirs."""

import subprocess
from pathlib import Path

import pytest

from models.errors import BadInput
from tests.intake.files.made import SEED, blocks_of, docx, numbering, w_numbered, words
from workflows.intake.files import doc, read_file


def made_by_office(folder: Path, content: bytes, ending: str) -> bytes:
    """A .docx in another format, by LibreOffice."""
    program = doc.office()
    if program is None:
        pytest.skip("LibreOffice is not installed: apt-get install --no-install-recommends libreoffice-writer")
    (folder / "a.docx").write_bytes(content)
    profile = (folder / "profile").as_uri()
    command = [
        program,
        "--headless",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        ending,
        "--outdir",
        str(folder),
    ]
    subprocess.run([*command, str(folder / "a.docx")], check=True, capture_output=True, timeout=120)
    return (folder / f"a.{ending}").read_bytes()


TABLE = [["TT", "Nhiệm vụ", "Hạn"], ["1", "Rà soát", "Quý I"]]
ROWS = ["| TT | Nhiệm vụ | Hạn |", "| 1 | Rà soát | Quý I |"]


@pytest.mark.parametrize("ending", ["doc", "odt", "rtf", "html", "pdf"])
def test_twins_made_by_an_office_program_read_the_same(tmp_path: Path, ending: str) -> None:
    made = made_by_office(tmp_path, docx([*blocks_of(SEED), TABLE]), ending)
    assert words(read_file("chi-thi.doc", made)) == words(SEED) + ROWS


@pytest.mark.parametrize("ending", ["doc", "odt", "rtf", "pdf"])
def test_automatic_numbers_survive_the_office_program(tmp_path: Path, ending: str) -> None:
    levels = numbering(("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"))
    body = "".join(
        w_numbered(text, level) for text, level in (("VIỆC", 0), ("Bộ", 1), ("Sở", 2), ("Cục", 2), ("XONG", 0))
    )
    made = made_by_office(tmp_path, docx(body, numbering=levels), ending)
    assert words(read_file("a", made)) == ["I. VIỆC", "1. Bộ", "a) Sở", "b) Cục", "II. XONG"]


def test_antiword_reads_where_only_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if doc.antiword() is None:
        pytest.skip("antiword is not installed: apt-get install antiword")
    made = made_by_office(tmp_path, docx(blocks_of(SEED)), "doc")
    monkeypatch.setattr("workflows.intake.files.office", lambda: None)
    assert words(read_file("a.doc", made)) == words(SEED)


@pytest.mark.parametrize("program", ["office", "antiword"])
def test_a_doc_cut_off_is_damaged_and_leaves_nothing_behind(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if getattr(doc, program)() is None:
        pytest.skip(f"{program} is not installed: apt-get install --no-install-recommends libreoffice-writer antiword")
    made = made_by_office(tmp_path, docx(blocks_of(SEED)), "doc")
    if program == "antiword":
        monkeypatch.setattr("workflows.intake.files.office", lambda: None)
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    with pytest.raises(BadInput, match="damaged"):
        read_file("a.doc", made[:600] + "WordDocument".encode("utf-16-le"))
    assert list(room.iterdir()) == []


def test_a_program_that_works_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nkill -KILL $$\n", encoding="utf-8")  # as the system does when its time is used up
    program.chmod(0o755)
    monkeypatch.setattr("workflows.intake.files.office", lambda: str(program))
    with pytest.raises(BadInput, match="longer than 5 seconds"):
        read_file("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))


def test_a_program_that_hangs_is_stopped_with_all_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 60 & sleep 60\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(doc, "PATIENCE", 2)
    monkeypatch.setattr("workflows.intake.files.office", lambda: str(program))
    with pytest.raises(BadInput) as caught:
        read_file("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))
    assert caught.value.tell("en") == (
        "file a.doc: reading it takes longer than 2 seconds; save it as .docx and send that"
    )
    assert caught.value.tell("vi").startswith("tệp a.doc: đọc quá 2 giây chưa xong; đề nghị ông/bà")
