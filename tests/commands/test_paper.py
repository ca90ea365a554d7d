"""Papers from the command line."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.commands.terminal import Cli
from tests.papers.made import docx_text, pdf_text

LATE = ("--now", "2004-07-27")


def test_a_report_is_written_with_the_figures_of_the_report(cli: Cli, launched: Path, tmp_path: Path) -> None:
    of = ("--directive", "ct-06-2004")
    told = cli.json("paper", "report", *of, *LATE, "--out", str(tmp_path / "a.docx"), "-L", "vi")
    figures = cli.json("report", *of, "--cutoff", "2004-07-27")
    for name in ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline"):
        assert told["facts"][name] == figures[name]
    content = (tmp_path / "a.docx").read_bytes()
    assert (told["bytes"], told["sha256"]) == (len(content), sha256(content).hexdigest())
    assert f"tổng số nhiệm vụ đã giao là {figures['total']}" in docx_text(content)


@pytest.mark.parametrize(
    "args",
    [
        ("briefing", "--directive", "ct-06-2004"),
        ("tracking", "--directive", "06/2004/CT-BBCVT"),
        ("unit-report", "--unit", "CTY-M"),
        ("unit-outline", "--unit", "CTY-M", "--directive", "ct-06-2004"),
        ("report", "--office", "VU-VT"),
        ("press", "--directive", "ct-06-2004", "--unit", "CTY-M"),
    ],
)
@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_every_kind_is_written(cli: Cli, launched: Path, tmp_path: Path, args: tuple[str, ...], ending: str) -> None:
    out = tmp_path / f"a.{ending}"
    assert cli("paper", *args, *LATE, "--out", str(out)).code == 0
    text = docx_text(out.read_bytes()) if ending == "docx" else pdf_text(out.read_bytes())
    assert "CỘNG HÒA" in text or "SOCIALIST REPUBLIC" in text
    if args[0] == "press":
        assert "CỘNG HÒA" in text, "a letter is Vietnamese whoever asks"


def test_a_slip_is_written_of_a_task(cli: Cli, launched: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.docx"
    assert cli("paper", "assignment", "--task", cli.task("4")["id"], "--out", str(out)).code == 0
    assert "PHIẾU GIAO VIỆC" in docx_text(out.read_bytes())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("pres", "--out", "a.docx"), "kind of document pres: expected one of report, unit-report"),
        (("report", "--out", "a.doc"), "--out a.doc: expected one of .docx, .pdf, .xlsx"),
        (("report", "--out", "no/such/a.docx"), "there is no such folder"),
        (("press", "--out", "a.docx"), "a directive is needed"),
        (("report", "--cutoff", "2098-01-01", "--out", "a.docx"), "expected today or earlier"),
        (("report", "--out", "a.docx"), "give the unit that writes it"),
        (("press", "--directive", "ct-06-2004", "--unit", "nobody", "--out", "a.docx"), "there is no unit nobody"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(
    cli: Cli, launched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = cli("paper", *args)
    assert answer.code == 2 and answer.out == "" and said in " ".join(answer.err.split())
    assert not list(tmp_path.glob("a.*")), "nothing is written"


def test_nothing_to_press_for_is_refused(cli: Cli, launched: Path, tmp_path: Path) -> None:
    args = ("press", "--directive", "ct-06-2004", "--unit", "CTY-M", "--now", "2004-06-01")
    answer = cli("paper", *args, "--out", str(tmp_path / "a.pdf"))
    assert answer.code == 1 and "nothing to remind it of" in " ".join(answer.err.split())
