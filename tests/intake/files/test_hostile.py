"""Files made to hurt their reader: refused or read within seconds and half a gigabyte, whatever they hold."""

import random
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from models.errors import BadInput
from tests.intake.files.made import SEED, W, archive, blocks_of, docx, html, odt, part, pdf, w_p
from workflows.bounded_process import bounded_call, limits
from workflows.intake.files import read_file
from workflows.intake.files.sniff import sniff

pytestmark = pytest.mark.long

MOST_MEMORY = 500 << 20
MEASURE = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(os.wait4(child.pid, 0)[2].ru_maxrss)
"""
DOCUMENT = f'xmlns:w="{W}"'


def laughs() -> str:
    """A billion laughs."""
    names = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return f'<!DOCTYPE w:document [<!ENTITY l0 "ha">{names}]><w:document {DOCUMENT}><w:body>&l9;</w:body></w:document>'


def quadratic() -> str:
    """One long entity, many times, in attributes."""
    uses = "".join('<w:p w:rsid="&a;"/>' for _ in range(2000))
    return f'<!DOCTYPE w:document [<!ENTITY a "{"x" * 50_000}">]><w:document {DOCUMENT}>{uses}</w:document>'


def outside(system: str) -> str:
    return (
        f'<!DOCTYPE w:document [<!ENTITY a SYSTEM "{system}">]><w:document {DOCUMENT}><w:body><w:p><w:r><w:t>&a;</w:t>'
        "</w:r></w:p></w:body></w:document>"
    )


def noise(count: int, *seed: int) -> str:
    """Letters that do not pack well."""
    made = random.Random(str(seed))
    return "".join(chr(made.randrange(0x61, 0x7B)) for _ in range(count))


PDF = pdf(blocks_of(SEED))
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (lambda: archive({"word/document.xml": b" " * (200 << 20)}), "unpacked"),
    "zip bomb in another part": (lambda: docx(w_p("x"), numbering=part("numbering", " " * (30 << 20))), "unpacked"),
    "zip bomb of an open document": (lambda: odt(" " * (30 << 20)), "unpacked"),
    "many entries": (lambda: archive({f"word/document{at}.xml": "x" for at in range(2001)}), "more than 2000 parts"),
    "billion laughs": (lambda: archive({"word/document.xml": laughs()}), "entities"),
    "quadratic entities": (lambda: archive({"word/document.xml": quadratic()}), "entities"),
    "a file from outside": (lambda: archive({"word/document.xml": outside("file:///etc/passwd")}), "entities"),
    "a page from outside": (lambda: archive({"word/document.xml": outside("http://127.0.0.1:9/")}), "entities"),
    "deep XML": (lambda: docx("<w:sdt>" * 2_000 + noise(60_000) + "</w:sdt>" * 2_000), "nested too deeply"),
    "deep open document": (lambda: odt("<text:list>" * 230 + "</text:list>" * 230), "nested too deeply"),
    "deep page": (lambda: html("<div>" * 500_000), "nested too deeply"),
    "deep tables": (lambda: html("<table><tr><td>" * 20_000), "nested too deeply"),
    "huge table": (lambda: html("<table>" + ("<tr>" + "<td>ô</td>" * 60 + "</tr>") * 900 + "</table>"), "50000 cells"),
    "huge table of Word": (
        lambda: docx([[[noise(9, at, row) for at in range(60)] for row in range(900)]]),
        "50000 cells",
    ),
    "endless page": (lambda: html("<ol>" + "<li>x" * 3_000_000), "longer than 5 seconds|more memory|characters"),
    "endless text": (lambda: "ươ".encode() * 4_000_000, "characters"),
    "one long word": (lambda: ("a^" * 450_000).encode(), ""),
    "nested groups": (lambda: b"{\\rtf1" + b"{" * 5_000_000, "no text|longer than|more memory"),
    "endless rich text": (lambda: b"{\\rtf1 " + b"\\'e1" * 4_000_000, "longer than|more memory|characters"),
    "picture in rich text": (lambda: b"{\\rtf1 {\\pict " + b"ab" * 8_000_000 + b"}Xong}", ""),
    "pdf of one page a million times": (lambda: PDF.replace(b"/Count 2", b"/Count 999999999"), ""),
    "spans": (lambda: html("<table><tr><td colspan=999999 rowspan=999999>x<td>y<tr><td>z</table>"), ""),
    "numbers": (lambda: html(f"<ol type=i start=999999><li>x<li value={'9' * 50}>y</ol>"), ""),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_bounded(kind: str) -> None:
    make, told = HOSTILE[kind]
    data = make()
    assert len(data) <= limits.MOST_BYTES
    if told:
        with pytest.raises(BadInput, match=told):
            read_file("a", data)
    else:
        assert read_file("a", data)


@pytest.mark.skipif(sys.platform != "linux", reason="the system tells a child's memory only on Linux in kilobytes")
@pytest.mark.parametrize("kind", ["endless page", "nested groups", "endless rich text", "quadratic entities"])
def test_the_process_that_reads_stays_small(kind: str) -> None:
    """Measured by a small process between: a child's peak is at least what its parent had when it was forked."""
    data = HOSTILE[kind][0]()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            MEASURE,
            sys.executable,
            "-m",
            "workflows.bounded_process",
            f"workflows.intake.files.{sniff(data)}.read",
        ],
        input=b"{}\n" + data,
        capture_output=True,
        cwd=limits.ROOM,
        check=True,
    )
    assert int(done.stdout) << 10 < MOST_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can take the network away from a process")
def test_a_bound_process_has_no_network_and_no_more_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        tried = (
            "import socket, sys\n"
            "try: bytearray(400 << 20); print('memory')\n"
            "except MemoryError: print('no memory')\n"
            f"try: socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2); print('network')\n"
            "except OSError: print('no network')\n"
        )
        command = [sys.executable, "-m", "workflows.bounded_process", "run", sys.executable, "-c", tried]
        done = subprocess.run(command, cwd=limits.ROOM, capture_output=True, text=True, check=True)
    memory, network = done.stdout.splitlines()
    assert memory == "no memory"
    if network == "network":
        pytest.skip("this system lets no process give up its network: allow unprivileged user namespaces")


def test_nothing_of_the_machine_is_told_to_the_process_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, dict[str, str]] = {}

    def run(_command: list[str], **options: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        given["env"] = options["env"]
        return subprocess.CompletedProcess([], 0, b'{"text": "x"}', b"")

    monkeypatch.setenv("DONDOC_SECRET", "mat-khau")
    monkeypatch.setattr(subprocess, "run", run)
    assert bounded_call.call_bounded("workflows.intake.files.plain.read", b"x") == {"text": "x"}
    assert set(given["env"]) == {"PATH", "LANG", "PYTHONUTF8"}


@pytest.mark.parametrize("code", [-11, -6, 1])
def test_a_reader_that_dies_is_told_as_a_damaged_file(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    died = subprocess.CompletedProcess[bytes]([], code, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: died)
    with pytest.raises(limits.Unreadable, match="damaged"):
        bounded_call.call_bounded("workflows.intake.files.pdf.read", b"%PDF-")


@pytest.mark.parametrize("code", [-9, -24])
def test_a_reader_that_is_stopped_is_told_as_slow(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    died = subprocess.CompletedProcess[bytes]([], code, b"", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: died)
    with pytest.raises(limits.Unreadable, match="longer than"):
        bounded_call.call_bounded("workflows.intake.files.pdf.read", b"%PDF-")
