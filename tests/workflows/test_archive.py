"""The archive of a directive: what is in it, what is not, and that it proves itself with Python alone."""

import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, update
from sqlmodel import col

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.letters.letter import Letter, LetterKind
from models.tasks.evidence_files import GivenFile, evidence_path
from models.tasks.history import History, HistoryNote
from models.tasks.task import Evidence, Result, Task
from tests.office import Office, at, furnish
from tests.tampering import unguarded
from workflows.access.rights import read_principal
from workflows.history.archive.archive_verifier import Broken, check
from workflows.history.archive.write_archive import Exported, export_directive, may_export
from workflows.history.verify_history import verify
from workflows.operations.setup import BUNDLED

pytestmark = pytest.mark.long

NAMES = {
    "README.txt",
    "verify.py",
    "directive.json",
    "directive.txt",
    "duties.jsonl",
    "launches.jsonl",
    "incidents.jsonl",
    "tasks.jsonl",
    "contributions.jsonl",
    "extensions.jsonl",
    "obstacles.jsonl",
    "lead_changes.jsonl",
    "telephone_notes.jsonl",
    "signed_presses.jsonl",
    "templates.jsonl",
    "results.jsonl",
    "messages.jsonl",
    "letters.jsonl",
    "notices.jsonl",
    "people.jsonl",
    "units.jsonl",
    "history.jsonl",
    "history_tail.jsonl",
    "notes.jsonl",
    "seals.jsonl",
    "signatures.jsonl",
    "seal_rows.jsonl",
    "manifest.json",
    "manifest.sha256",
}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Duty 4 done with a file, letters sent, all but the last step sealed."""
    made = furnish(engine, tmp_path / "data")
    made.launch("4")
    for day in (1, 2):
        made.tick(at(day, minute=5))
    task = made.task("4")
    made.act(task, "accept", "luong.thi.ngan", at(2))
    made.act(task, "progress", "luong.thi.ngan", at(2, hour=9), note="Đang dự thảo đề án")
    file = tmp_path / "đề án.txt"
    file.write_text("Đề án miễn, giảm giá cước", encoding="utf-8")
    made.act(
        task,
        "submit",
        "luong.thi.ngan",
        at(3),
        number="12/BC",
        date=at(3).date(),
        subject="Đề án",
        signer="Lương Thị Ngân",
        file=(GivenFile.at(file),),
    )
    made.tick(at(3, hour=9))
    made.act(task, "approve", "le.thi.c", at(4))
    return made


def export(office: Office, path: Path, **given: Any) -> Exported:
    with reading(office.engine) as session:
        directive = find_directive(session, BUNDLED)
    return export_directive(
        office.engine, directive.id, path, evidence=office.settings.evidence, now=at(4, hour=9), **given
    )


def run(archive: Path, *given: str, verifier: Path | None = None) -> tuple[int, str]:
    """What verify.py says, alone with Python's own library."""
    if verifier is None:
        verifier = archive.with_name("verify.py")
        with zipfile.ZipFile(archive) as packed:
            verifier.write_bytes(packed.read("verify.py"))
    command = [sys.executable, "-I", "-S", str(verifier), str(archive), *given]
    done = subprocess.run(command, capture_output=True, check=False, cwd=archive.parent)
    assert not done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


def members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def rewrite(archive: Path, files: dict[str, bytes]) -> Path:
    """The archive packed again, with sound checksums of its own."""
    target = archive.with_name("again.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return target


def lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


def test_it_verifies_in_a_bare_python_packed_and_unpacked(office: Office, tmp_path: Path) -> None:
    done = export(office, tmp_path / "a.zip")
    code, told = run(tmp_path / "a.zip")
    assert (code, told.splitlines()[-1]) == (0, "NGUYÊN VẸN / WHOLE"), told
    head = verify(office.engine).head
    assert head == done.head and f"head: {head}" in told
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        packed.extractall(tmp_path / "out")
    assert run(tmp_path / "out", verifier=tmp_path / "out" / "verify.py")[0] == 0
    assert run(tmp_path / "a.zip", "--head", str(head)[:16])[0] == 0
    assert run(tmp_path / "a.zip", "--head", "0" * 16)[0] == 1


def test_the_verifier_of_the_docs_is_the_archives_own(office: Office, tmp_path: Path) -> None:
    """Whoever does not trust the archive has another place to take it from."""
    done = export(office, tmp_path / "a.zip")
    verifier = Path(__file__).parents[2] / "docs" / "verify.py"
    assert run(tmp_path / "a.zip", "--head", str(done.head), verifier=verifier)[0] == 0


def test_too_few_digits_prove_nothing_and_are_refused(office: Office, tmp_path: Path) -> None:
    head = str(export(office, tmp_path / "a.zip").head)
    for given in ((), ("",), (head[:1],), (head[:11],), ("no digest, but long",)):
        code, told = run(tmp_path / "a.zip", "--head", *given)
        assert code == 2 and "12" in told, given


def test_everything_of_the_directive_is_in_it(office: Office, tmp_path: Path) -> None:
    done = export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    assert set(files) >= NAMES
    more = set(files) - NAMES
    (evidence,) = [name for name in more if name.startswith("evidence/")]
    assert files[evidence].decode() == "Đề án miễn, giảm giá cước" and evidence.endswith("/đề án.txt")
    letters = [name for name in more if name.startswith("letters/")]
    assert len(letters) == len([one for one in office.letters() if office.content(one)]) > 3
    sent = {raw for _to, raw in office.sender.letters}
    assert all(files[name] in sent for name in letters), "byte by byte as it was sent"
    assert more == {evidence, *letters}
    with reading(office.engine) as session:
        tasks = session.scalars(select(Task)).all()
        rows = session.scalars(select(History)).all()
    assert len(lines(files["tasks.jsonl"])) == len(tasks) == done.counts["tasks"]
    history, tail = lines(files["history.jsonl"]), lines(files["history_tail.jsonl"])
    assert {one[2] for one in (*history, *tail)} == {row.id.hex for row in rows}
    assert [one[6] for one in tail] == ["approved"]
    assert "Đang dự thảo đề án" in files["notes.jsonl"].decode()
    named = {one["code"] for one in lines(files["people.jsonl"])}
    assert {"luong.thi.ngan", "le.thi.c"} <= named
    assert "Căn cứ" in files["directive.txt"].decode() or len(files["directive.txt"]) > 1000
    assert {"mode", "email", "phone"}.isdisjoint(lines(files["people.jsonl"])[0])


def test_any_flipped_byte_of_any_file_is_found_and_named(office: Office, tmp_path: Path) -> None:
    export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(files["verify.py"])
    for name, data in files.items():
        if not data:
            continue
        for place in (0, len(data) // 3, len(data) // 2, len(data) - 1):
            flipped = bytearray(data)
            flipped[place] ^= 1
            again = rewrite(tmp_path / "a.zip", files | {name: bytes(flipped)})
            try:
                told = "\n".join(check(again).faults)
            except Broken as fault:
                told = str(fault)
            assert name in told, (name, place, told)
        code, answer = run(again, verifier=verifier)
        assert code == 1 and name in answer


def test_a_flipped_byte_of_the_zip_itself_is_found_and_named(office: Office, tmp_path: Path) -> None:
    export(office, tmp_path / "a.zip")
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(members(tmp_path / "a.zip")["verify.py"])
    raw = (tmp_path / "a.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        places = {
            one.filename: one.header_offset + 60 + len(one.filename) for one in packed.infolist() if one.file_size
        }
    for name in ("history.jsonl", "tasks.jsonl", "directive.txt"):
        flipped = bytearray(raw)
        flipped[places[name] + 10] ^= 0x10
        (tmp_path / "b.zip").write_bytes(flipped)
        code, told = run(tmp_path / "b.zip", verifier=verifier)
        assert code == 1 and name in told


def test_a_file_taken_out_or_put_in_is_named(office: Office, tmp_path: Path) -> None:
    export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(files["verify.py"])
    for name in files:
        left = {one: data for one, data in files.items() if one != name}
        code, told = run(rewrite(tmp_path / "a.zip", left), verifier=verifier)
        assert code == 1 and name in told, (name, told)
    code, told = run(rewrite(tmp_path / "a.zip", files | {"letters/more.eml": b"x"}))
    assert code == 1 and "letters/more.eml: bị thêm vào" in told


def _forged(files: dict[str, bytes]) -> dict[str, bytes]:
    """With a manifest that fits, as whoever means to deceive would write it."""
    import hashlib

    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
        if not name.startswith("manifest.")
    }
    written = json.dumps(manifest).encode()
    return files | {
        "manifest.json": written,
        "manifest.sha256": f"{hashlib.sha256(written).hexdigest()}  manifest.json\n".encode(),
    }


def test_with_a_forged_manifest_the_chain_still_names_the_line(office: Office, tmp_path: Path) -> None:
    export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    rows = files["history.jsonl"].splitlines(keepends=True)
    changed = rows[2].replace(b'"2004-', b'"2005-')
    assert changed != rows[2]
    for forged, place in (
        ([*rows[:2], changed, *rows[3:]], 3),
        ([*rows[:2], rows[3], rows[2], *rows[4:]], 3),
        ([*rows[:2], *rows[3:]], 3),
        ([*rows[:3], rows[2], *rows[3:]], 4),
        (rows[:-1], 0),
        ([*rows, rows[0]], len(rows) + 1),
    ):
        again = rewrite(tmp_path / "a.zip", _forged(files | {"history.jsonl": b"".join(forged)}))
        code, told = run(again)
        assert code == 1 and f"history.jsonl, {place}" in told, told
    seals = files["seals.jsonl"].replace(b'"2004-', b'"2005-', 1)
    first = files["seal_rows.jsonl"].index(b'"hashes": "') + len(b'"hashes": "')
    other = b"0" if files["seal_rows.jsonl"][first : first + 1] != b"0" else b"1"
    hashes = files["seal_rows.jsonl"][:first] + other + files["seal_rows.jsonl"][first + 1 :]
    notes = files["notes.jsonl"].replace("dự".encode(), "dư".encode())
    for name, text in (("seals.jsonl", seals), ("seal_rows.jsonl", hashes), ("notes.jsonl", notes)):
        code, told = run(rewrite(tmp_path / "a.zip", _forged(files | {name: text})))
        assert code == 1 and f"  {name}, " in told, told
    erased = run(rewrite(tmp_path / "a.zip", _forged(files | {"notes.jsonl": b""})))
    assert erased[0] == 0 and "0 lời kèm / notes, 1 đã xoá / erased" in erased[1], "erasing words breaks no chain"


def test_of_other_directives_there_are_hashes_alone(office: Office, tmp_path: Path) -> None:
    other = _another_directive(office)
    office.tick(at(4, hour=10))
    done = export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    with reading(office.engine) as session:
        foreign = session.scalars(select(History).where(col(History.directive_id) == other)).all()
    assert foreign
    everything = b"".join(data for name, data in files.items() if name != "verify.py")
    for row in foreign:
        assert row.id.hex.encode() not in everything and str(row.id).encode() not in everything
    assert other.hex.encode() not in everything and str(other).encode() not in everything
    assert done.counts["letters_withheld"] >= 0
    assert run(tmp_path / "a.zip")[0] == 0


def test_letters_that_may_tell_of_other_directives_are_kept_out_unless_asked_for(
    office: Office, tmp_path: Path
) -> None:
    _another_directive(office)
    with transaction(office.engine) as session:
        session.execute(update(Letter).where(col(Letter.id) == office.letters()[0].id).values(kind=LetterKind.DIGEST))
        session.execute(update(Task).where(col(Task.directive_id) != _directive(office)).values(assigned_at=at(1)))
    done = export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    told = lines(files["letters.jsonl"])
    kept_out = [one for one in told if one.get("withheld") == "tells of other directives"]
    assert done.counts["letters_withheld"] == len(kept_out) > 0
    assert all(one["sha256"] and one["file"] is None for one in kept_out)
    assert run(tmp_path / "a.zip")[0] == 0
    whole = export(office, tmp_path / "b.zip", shared_letters=True)
    assert whole.counts["letters_withheld"] == 0
    assert len([name for name in members(tmp_path / "b.zip") if name.startswith("letters/")]) >= len(kept_out)


def test_a_result_sent_by_classified_mail_is_its_number_and_date(office: Office, tmp_path: Path) -> None:
    with transaction(office.engine) as session:
        session.add(
            Result(
                task_id=office.task("4").id,
                number="05/M-BC",
                document_date=date(2004, 6, 3),
                is_classified=True,
                signer="Nguyễn Văn A",
                submitted_at=at(3),
                submitted_by=office.person("le.thi.c").id,
            )
        )
    export(office, tmp_path / "a.zip")
    files = members(tmp_path / "a.zip")
    (row,) = [one for one in lines(files["results.jsonl"]) if one["is_classified"]]
    assert row["number"] == "05/M-BC" and row["document_date"] == "2004-06-03"
    assert {"subject", "signer", "link"}.isdisjoint(row) and row["evidence"] == []


def test_a_file_that_is_not_what_was_submitted_is_named(office: Office, tmp_path: Path) -> None:
    with reading(office.engine) as session:
        kept = session.scalars(select(Evidence)).one()
    path = evidence_path(office.settings.evidence, kept.sha256)
    path.write_text("khác", encoding="utf-8")
    export(office, tmp_path / "a.zip")
    code, told = run(tmp_path / "a.zip")
    assert code == 1 and f"evidence/{kept.sha256}/đề án.txt: không khớp" in told
    path.unlink()
    export(office, tmp_path / "b.zip")
    assert run(tmp_path / "b.zip")[0] == 0
    (row,) = [one for one in lines(members(tmp_path / "b.zip")["results.jsonl"]) if one["evidence"]]
    assert row["evidence"][0]["file"] is None


def test_no_archive_is_made_of_a_history_that_is_broken(office: Office, tmp_path: Path) -> None:
    with unguarded(office.engine) as connection:
        one = select(col(History.id)).where(col(History.seal_id).is_not(None)).limit(1).scalar_subquery()
        connection.execute(update(History).where(col(History.id) == one).values(event="approved"))
    with pytest.raises(Exception, match="dondoc verify"):
        export(office, tmp_path / "a.zip")
    assert not list(tmp_path.glob("*.zip*")) and not list(tmp_path.glob(".*.part"))


def test_erased_words_are_erased_in_it_too(office: Office, tmp_path: Path) -> None:
    with transaction(office.engine) as session:
        session.execute(delete(HistoryNote))
    export(office, tmp_path / "a.zip")
    code, told = run(tmp_path / "a.zip")
    assert code == 0 and "0 lời kèm / notes, 1 đã xoá / erased" in told


@pytest.mark.parametrize(
    ("who", "may"),
    [("le.thi.c", True), ("dang.thu.thuy", True), ("nguyen.minh.quan", False), ("luong.thi.ngan", False)],
)
def test_who_may_take_it_out(office: Office, who: str, may: bool) -> None:
    with reading(office.engine) as session:
        directive = find_directive(session, BUNDLED)
        principal = read_principal(session, office.person(who), at(4).date())
        assert may_export(session, principal, directive) is may


def _directive(office: Office) -> Any:
    with reading(office.engine) as session:
        return find_directive(session, BUNDLED).id


def _another_directive(office: Office) -> Any:
    """Another directive with a task of its own and lines in the same seals; its id."""
    from models.database.ids import new_id
    from models.directives.directive import Directive, Duty
    from models.directives.launch import Launch
    from models.directives.template import TemplateVersion

    with transaction(office.engine) as session:
        like = session.get_one(Directive, _directive(office))
        directive = Directive(**like.model_dump(exclude={"id"}) | {"code": "kl-1"})
        session.add(directive)
        task = session.get_one(Task, office.task("4").id)
        duty = Duty(**session.get_one(Duty, task.duty_id).model_dump(exclude={"id"}) | {"directive_id": directive.id})
        launch = Launch(
            **session.get_one(Launch, task.launch_id).model_dump(exclude={"id"}) | {"directive_id": directive.id}
        )
        session.add_all([duty, launch])
        version = session.get_one(TemplateVersion, task.template_version_id)
        session.add(own := TemplateVersion(**version.model_dump(exclude={"id", "reports_to"}) | {"duty_id": duty.id}))
        session.flush()
        row_id, task_id = new_id(), new_id()
        values = task.model_dump(exclude={"id"}) | {
            "id": task_id,
            "directive_id": directive.id,
            "duty_id": duty.id,
            "launch_id": launch.id,
            "template_version_id": own.id,
            "assigned_anchor_id": row_id,
            "due_anchor_id": row_id,
            "wait_anchor_id": None,
        }
        session.add(Task(**values))
        session.add(
            History(
                id=row_id,
                recorded_at=at(4),
                occurred_on=at(4).date(),
                directive_id=directive.id,
                task_id=task_id,
                event="assigned",
                relation="system",
                facts={"bí mật": "của văn bản khác"},
            )
        )
    return directive.id
