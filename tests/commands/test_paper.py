"""The report as an office document, from the command line."""

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


@pytest.mark.parametrize("args", [("--directive", "06/2004/CT-BBCVT"), ("--office", "VU-VT")], ids=" ".join)
@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_a_report_of_one_directive_or_of_all_is_written(
    cli: Cli, launched: Path, tmp_path: Path, args: tuple[str, ...], ending: str
) -> None:
    out = tmp_path / f"a.{ending}"
    assert cli("paper", "report", *args, *LATE, "--out", str(out)).code == 0
    text = docx_text(out.read_bytes()) if ending == "docx" else pdf_text(out.read_bytes())
    assert "CỘNG HÒA" in text or "SOCIALIST REPUBLIC" in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("report", "--out", "a.doc"), "--out a.doc: expected one of .docx, .pdf, .xlsx"),
        (("report", "--out", "no/such/a.docx"), "there is no such folder"),
        (("report", "--cutoff", "2098-01-01", "--out", "a.docx"), "expected today or earlier"),
        (("report", "--out", "a.docx"), "give the unit that writes it"),
        (("report", "--directive", "nothing", "--out", "a.docx"), "nothing"),
        (("press", "--out", "a.docx"), "press: there is no such command"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(
    cli: Cli, launched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = cli("paper", *args)
    assert answer.code == 2 and answer.out == "" and said in " ".join(answer.err.split())
    assert not list(tmp_path.glob("a.*")), "nothing is written"
