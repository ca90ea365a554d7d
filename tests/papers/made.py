"""Papers read back from their files, each by another library than the one that wrote it."""

import io
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from docx.document import Document as DocumentObject
from docx.oxml.ns import qn

OFFICE_SUITE = shutil.which("soffice")


def read_docx(content: bytes) -> DocumentObject:
    return docx.Document(io.BytesIO(content))


def docx_text(content: bytes) -> str:
    """Every paragraph, those of cells included, in the document's order."""
    body = read_docx(content).element.body
    return "\n".join("".join(text.text or "" for text in one.iter(qn("w:t"))) for one in body.iter(qn("w:p")))


def docx_cells(content: bytes) -> list[list[list[str]]]:
    """The bordered tables: those of the paper itself, without the frame of head and signature."""
    tables = [one for one in read_docx(content).tables if one.style is not None and one.style.name == "Table Grid"]
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def pdf_pages(content: bytes) -> list[str]:
    """Each page's text, lines joined, composed as Vietnamese is."""
    pages = []
    for page in pypdfium2.PdfDocument(content):
        text = page.get_textpage().get_text_bounded()
        pages.append(unicodedata.normalize("NFC", " ".join(text.replace("\r", "\n").split())))
    return pages


def pdf_text(content: bytes) -> str:
    return " ".join(pdf_pages(content))


def flat(text: str) -> str:
    """Without blanks: a PDF does not say where a line that is too long was broken."""
    return re.sub(r"\s+", "", text)


def by_office_suite(content: bytes, folder: Path) -> bytes:
    """The .docx as LibreOffice prints it, which refuses what is damaged; skipped where there is none."""
    if OFFICE_SUITE is None:
        pytest.skip("LibreOffice is not installed: the .docx is not opened by a second program")
    given = folder / "paper.docx"
    given.write_bytes(content)
    home = f"-env:UserInstallation=file://{folder / 'home'}"
    command: list[Any] = [OFFICE_SUITE, home, "--headless", "--convert-to", "pdf", "--outdir", folder, given]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "paper.pdf").read_bytes()
