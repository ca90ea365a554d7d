"""Files of results: sent, kept while the form is filled in, refused when wrong, and given to those who may see them."""

from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlmodel import select

from models.database.session import reading
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Contribution, Evidence, Task, TaskStatus
from tests.web.sending import PDF, RESULT, hidden, send, through
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action


def stored(office: Office) -> list[Path]:
    return [path for path in office.settings.evidence.rglob("*") if path.is_file()]


def submitted(office: Office, *files: tuple[str, bytes]) -> tuple[Task, list[Evidence]]:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = through(reader, f"/tasks/{task.id.hex}/submit", send(reader, task, *files))
    assert answer.status_code == 303, answer.text
    with reading(office.engine) as session:
        return office.task("4"), list(session.exec(select(Evidence).order_by(Evidence.filename)))


def test_several_files_go_with_a_result_and_can_be_fetched(office: Office) -> None:
    task, files = submitted(office, ("báo cáo.pdf", PDF), ("ảnh.png", b"\x89PNG\r\n\x1a\n" + b"y" * 50))
    assert task.status is TaskStatus.SUBMITTED
    assert [(one.filename, one.media_type) for one in files] == [
        ("báo cáo.pdf", "application/pdf"),
        ("ảnh.png", "image/png"),
    ]
    reader = office.sign_in("le.thi.c")
    assert "báo cáo.pdf" in reader.get(f"/tasks/{task.id.hex}").text
    answer = reader.get(f"/tasks/{task.id.hex}/files/{files[0].id.hex}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote('báo cáo.pdf')}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (("a.exe", b"MZ"), "its type is not accepted"),
        (("a.pdf", b"MZ" * 100), "its type is not accepted"),
        (("a.pdf", b""), "allowed are 1 to"),
        (("a.pdf", b"%PDF-" + b"x" * 3000), "allowed are 1 to 2000 bytes"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_typed_is_lost(office: Office, file: tuple[str, bytes], words: str) -> None:
    office.settings.file_max_bytes = 2000
    task = office.task("4")
    answer = send(office.sign_in(office.head(task).code), task, file)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="12/BC"' in answer.text
    assert stored(office) == []


def test_of_several_files_the_good_ones_before_a_wrong_one_are_kept(office: Office) -> None:
    task = office.task("4")
    answer = send(office.sign_in(office.head(task).code), task, ("a.pdf", PDF), ("b.exe", b"MZ"))
    assert answer.status_code == 422
    assert "a.pdf" in answer.text and "b.exe" in answer.text
    assert len(hidden(answer.text)["kept"]) == 1


def test_what_is_sent_is_counted_while_it_is_read(office: Office) -> None:
    office.settings.file_max_bytes = 1000
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = send(reader, task, ("a.pdf", b"%PDF-" + b"x" * 4_000_000))
    assert answer.status_code == 413
    assert "larger than 2 MB" in answer.text


def test_nobody_sends_files_without_signing_in(office: Office) -> None:
    big = [("file", ("a.pdf", b"x" * 3_000_000, "application/pdf"))]
    answer = office.reader.send("/sign-in", "/sign-in?lang=en", files=big, name="a", password="b")
    assert answer.status_code == 413
    assert "larger than" in answer.text


def test_too_many_files_are_refused(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    many = [(f"{number}.pdf", PDF + bytes([number])) for number in range(11)]
    answer = send(reader, task, *many)
    assert answer.status_code == 409
    assert "at most 10 files" in answer.text
    assert stored(office) == []
    assert send(reader, task, *many, *many).status_code == 422


def test_a_file_sent_is_kept_while_the_rest_is_put_right_and_may_be_left_out(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = send(reader, task, ("a.pdf", PDF), ("b.pdf", PDF + b"2"), date="31/31/2026")
    assert "a.pdf" in answer.text and "received" in answer.text
    fields = hidden(answer.text)
    page = f"/tasks/{task.id.hex}/submit"
    check = reader.ask("POST", page, data=fields | RESULT | {"drop": [fields["kept"][0]]})
    assert "b.pdf" in check.text and "a.pdf" not in check.text
    assert through(reader, page, check).status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(Evidence.filename)).all() == ["b.pdf"]


def test_a_kept_file_is_worth_nothing_to_another_person_or_task_or_a_day_later(office: Office) -> None:
    task, other = office.task("4"), office.task("2")
    reader = office.sign_in(office.head(task).code)
    kept = hidden(send(reader, task, ("a.pdf", PDF)).text)["kept"]
    page = f"/tasks/{task.id.hex}/submit"
    fields = hidden(reader.get(page).text)
    assert "a.pdf" in reader.ask("POST", page, data=fields | RESULT | {"kept": kept}).text
    for forged in (["x"], [kept[0][:-2]]):
        assert "a.pdf" not in reader.ask("POST", page, data=fields | RESULT | {"kept": forged}).text
    theirs, second = office.sign_in(office.head(other).code), f"/tasks/{other.id.hex}/submit"
    number = {"number": "1", "date": "2026-11-02"}
    assert (
        "a.pdf" not in theirs.ask("POST", second, data=hidden(theirs.get(second).text) | number | {"kept": kept}).text
    )
    office.now = LAUNCHED.replace(day=4)
    late = office.sign_in(office.head(task).code)
    assert "a.pdf" not in late.ask("POST", page, data=hidden(late.get(page).text) | RESULT | {"kept": kept}).text


def test_a_classified_result_takes_number_and_date_and_never_a_file(office: Office) -> None:
    task = office.task("2")
    reader = office.sign_in(office.head(task).code)
    form = reader.get(f"/tasks/{task.id.hex}/submit?lang=en").text
    assert "classified mail" in form
    for name in ("file", "subject", "link", "note", "signer"):
        assert f'name="{name}"' not in form
    refused = send(reader, task, ("phuong-an.pdf", PDF))
    assert refused.status_code == 409
    assert "No file may be given here" in refused.text
    assert stored(office) == []
    check = reader.send(f"/tasks/{task.id.hex}/submit", number="7/M", date="2026-11-02")
    assert through(reader, f"/tasks/{task.id.hex}/submit", check).status_code == 303


def test_only_those_who_see_the_task_whole_get_its_files(office: Office) -> None:
    task, (file,) = submitted(office, ("a.pdf", PDF))
    with reading(office.engine) as session:
        partner = session.exec(select(Unit).where(Unit.code == "VU-BC")).one()
    office.change(lambda session: session.add(Contribution(task_id=task.id, unit_id=partner.id)))
    path = f"/tasks/{task.id.hex}/files/{file.id.hex}"
    for who, status in (
        (office.head(task).code, 200),
        ("le.thi.c", 200),
        ("nguyen.minh.quan", 200),
        (office.head(office.task("2")).code, 404),
    ):
        assert office.sign_in(who).get(path).status_code == status, who
    with reading(office.engine) as session:
        reader = office.sign_in(session.get_one(Person, partner.head_id).code)
    assert reader.get(f"/tasks/{task.id.hex}").status_code == 200
    assert reader.get(path).status_code == 404
    assert office.get(path).status_code == 303


def test_a_file_of_another_task_is_not_found_under_this_one(office: Office) -> None:
    task, (file,) = submitted(office, ("a.pdf", PDF))
    other = office.task("2")
    reader = office.sign_in("le.thi.c")
    assert reader.get(f"/tasks/{other.id.hex}/files/{file.id.hex}").status_code == 404
    assert reader.get(f"/tasks/{task.id.hex}/files/{uuid4()}").status_code == 404
    for path in office.settings.evidence.rglob("*"):
        if path.is_file():
            path.unlink()
    gone = reader.get(f"/tasks/{task.id.hex}/files/{file.id.hex}?lang=en")
    assert gone.status_code == 404 and "missing from the store" in gone.text


def test_returned_then_sent_again_then_approved(office: Office) -> None:
    """The whole way of a result with two documents, each kept with its decision."""
    task, _files = submitted(office, ("a.pdf", PDF))
    watcher, reader = office.sign_in("le.thi.c"), office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}"
    assert watcher.send(f"{page}/return", note="thiếu phụ lục").status_code == 303
    assert "thiếu phụ lục" in reader.get(page).text
    again = send(reader, task, ("b.pdf", PDF + b"2"), number="13/BC")
    assert through(reader, f"{page}/submit", again).status_code == 303
    assert watcher.send(f"{page}/approve").status_code == 303
    text = reader.get(f"{page}?lang=en").text
    for words in ("12/BC", "13/BC", "a.pdf", "b.pdf", "thiếu phụ lục", "Done"):
        assert words in text
    assert office.task("4").status is TaskStatus.APPROVED
    assert Action.REOPEN.value not in reader.get(page).text
