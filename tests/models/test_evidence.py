"""Files of results: what is taken, under which name, and what is not."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from models.errors import BadInput
from models.tasks.evidence_files import GivenFile, StoredFile, clean_name, evidence_path, store_file

PDF = b"%PDF-1.4\n" + b"x" * 100


def given(name: str, content: bytes) -> GivenFile:
    return GivenFile(name, lambda: io.BytesIO(content))


def archive(*members: str) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as zip_file:
        for member in members:
            zip_file.writestr(member, "nội dung")
    return made.getvalue()


def store(folder: Path, name: str, content: bytes, most: int = 1000) -> StoredFile:
    return store_file(folder / "evidence", given(name, content), max_bytes=most)


def left_behind(folder: Path) -> list[Path]:
    return [path for path in (folder / "evidence").rglob("*") if path.is_file()]


def test_a_file_is_kept_once_under_its_content(tmp_path: Path) -> None:
    first, second = store(tmp_path, "a.pdf", PDF), store(tmp_path, "b.pdf", PDF)
    assert first.sha256 == second.sha256
    assert (first.filename, second.filename, first.media_type, first.size) == ("a.pdf", "b.pdf", "application/pdf", 109)
    assert left_behind(tmp_path) == [evidence_path(tmp_path / "evidence", first.sha256)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a", PDF),
        ("a.pdf", b"MZ\x90"),
        ("a.png", PDF),
        ("a.docx", archive("xl/workbook.xml")),
        ("a.docx", b"PK\x03\x04"),
        ("a.docx", b"word/document.xml"),
        ("a.txt", b"MZ\0\0"),
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_and_not_kept(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(BadInput, match="type is not accepted"):
        store(tmp_path, name, content)
    assert left_behind(tmp_path) == []


def test_the_office_formats_are_told_apart(tmp_path: Path) -> None:
    for name, member in (("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml"), ("a.odt", "content.xml")):
        assert store(tmp_path, name, archive("[Content_Types].xml", member)).filename == name


@pytest.mark.parametrize("content", [b"", b"%PDF-" + b"x" * 2000])
def test_too_large_and_empty_files_are_refused_and_not_kept(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadInput, match="allowed are 1 to 1000 bytes"):
        store(tmp_path, "a.pdf", content)
    assert left_behind(tmp_path) == []


def test_reading_ends_where_the_limit_is(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(BadInput):
        store_file(tmp_path, GivenFile("a.txt", lambda: endless), max_bytes=100_000)  # type: ignore[arg-type,return-value]
    assert endless.taken < 300_000


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\An\\báo cáo.pdf", "báo cáo.pdf"),
        ("bao\r\ncao\x00.pdf", "baocao.pdf"),
        ("b\u202efdp.exe.pdf", "bfdp.exe.pdf"),
        (".pdf", "pdf"),
        ("   a   b .pdf", "a b.pdf"),
        ("x" * 400 + ".pdf", "x" * 116 + ".pdf"),
        ("", "–"),
    ],
)
def test_names_are_cleaned(name: str, kept: str) -> None:
    assert clean_name(name) == kept
