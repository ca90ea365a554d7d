"""The audit finds what is known against what we are built of, and never says "nothing" when it could not ask."""

from pathlib import Path

import pytest

from tests.audit.__main__ import NOBODY_ANSWERED, NOTHING_KNOWN, SOMETHING_KNOWN, WRONG_ARGUMENT, main
from tests.audit.advisories import findings, pins

_ADVISORY = """\
id: PYSEC-2026-1
aliases: [CVE-2026-0001]
affected:
- package: {name: Some_Thing, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: "0"}]
  - type: ECOSYSTEM
    events: [{introduced: "1.2"}, {fixed: "1.4"}, {introduced: "2.0"}, {last_affected: "2.1"}]
  versions: [0.9]
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    advisory = tmp_path / "database" / "vulns" / "some-thing" / "PYSEC-2026-1.yaml"
    advisory.parent.mkdir(parents=True)
    advisory.write_text(_ADVISORY, encoding="utf-8")
    return tmp_path / "database"


def _lock(folder: Path, version: str) -> Path:
    path = folder / "requirements.lock"
    lines = ("other==7.0 \\", "    --hash=sha256:00", f"some.thing=={version} ; python_version < '4' \\")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("version", "is_known"),
    [
        *(("0.9", True), ("1.1.9", False), ("1.2", True), ("1.3.99", True)),
        *(("1.4", False), ("2.0", True), ("2.1", True), ("2.1.1", False)),
    ],
)
def test_a_version_that_an_advisory_means_is_found_and_no_other(
    version: str, is_known: bool, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(database), "--lock", str(_lock(tmp_path, version))])

    said = capsys.readouterr().out
    assert code == (SOMETHING_KNOWN if is_known else NOTHING_KNOWN)
    assert ("PYSEC-2026-1 (CVE-2026-0001), mended in 1.4" in said) is is_known
    assert f"{int(is_known)} known against 2 packages" in said


def test_an_advisory_that_was_taken_back_counts_no_more(database: Path, tmp_path: Path) -> None:
    advisory = database / "vulns" / "some-thing" / "PYSEC-2026-1.yaml"
    advisory.write_text(_ADVISORY + "withdrawn: '2026-02-01T00:00:00Z'\n", encoding="utf-8")
    assert findings(database, pins(_lock(tmp_path, "1.2"))) == []


@pytest.mark.parametrize("wrong", ["folder", "lock", "advisory"])
def test_what_cannot_be_read_is_said_and_is_no_clean_audit(
    wrong: str, database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = _lock(tmp_path, "1.2")
    asked = database
    if wrong == "folder":
        asked = tmp_path / "nowhere"
    elif wrong == "lock":
        lock.write_text("# nothing is pinned here\n", encoding="utf-8")
    else:
        (database / "vulns" / "some-thing" / "PYSEC-2026-1.yaml").write_text("just words", encoding="utf-8")

    assert main([str(asked), "--lock", str(lock)]) == WRONG_ARGUMENT
    assert capsys.readouterr().err.startswith("audit: ")


def test_where_pypi_does_not_answer_it_is_said_that_nothing_was_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = tmp_path / "pip-audit"
    silent.write_text("#!/bin/sh\necho 'no route to host' >&2\nexit 1\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setattr("tests.audit.__main__._TOOLS", tmp_path)

    assert main([]) == NOBODY_ANSWERED
    assert "NOT AUDITED" in capsys.readouterr().out


def test_the_lock_of_the_product_pins_what_it_is_built_of() -> None:
    pinned = pins(Path(__file__).resolve().parents[2] / "requirements.lock")
    assert {"prefect", "sqlmodel", "apscheduler", "yagmail", "pydantic"} <= pinned.keys()
