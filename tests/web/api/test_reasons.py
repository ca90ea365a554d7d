"""What the engine decided is told to programs in the caller's language, with its facts beside it."""

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import col, update

from models.database.session import transaction
from models.directives.template import NoDeadline
from models.organization.person import Person
from models.tasks.due_facts import CountedFrom, WholeMovedUp, store_due_facts
from models.tasks.history import History
from models.tasks.task import Task
from tests.web.api.programs import Make
from tests.web.site import Office, one_more_unit
from workflows.jobs.run_background_jobs import run_background_jobs

pytestmark = pytest.mark.long

CODE, SATURDAY = "ct-06-2004", "2026-12-19"
COUNTED = CountedFrom(amount=15, unit="days", since="signed", day=date(2004, 5, 7))
languages = pytest.mark.parametrize(
    ("language", "weekday", "counted", "moved"),
    [
        ("vi", "thứ Bảy", "15 ngày kể từ ngày ký 07/05/2004", "thời hạn của nhiệm vụ cấp trên đã chuyển lên sớm hơn"),
        ("en", "a Saturday", "15 days from signing on 7 May 2004", "the deadline of the task above moved to"),
    ],
)


def speak(office: Office, language: str) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Person).where(col(Person.code) == "le.thi.c").values(language=language))


@languages
def test_a_task_and_its_history_say_why_its_date_is_what_it_is(
    office: Office, program: Make, language: str, weekday: str, counted: str, moved: str
) -> None:
    speak(office, language)
    mine = program("le.thi.c")
    name = mine.get("/tasks", params={"limit": 1}).json()["items"][0]["id"]
    with transaction(office.engine) as session:
        task = session.get_one(Task, UUID(name))
        task.due_facts = store_due_facts([COUNTED])
        session.add(
            History(
                recorded_at=office.now,
                occurred_on=date(2026, 11, 6),
                directive_id=task.directive_id,
                task_id=task.id,
                event="due_moved",
                facts={"due_on": "2026-12-01", "due_facts": store_due_facts([WholeMovedUp()])},
                relation="system",
            )
        )
    for told in (mine.get(f"/tasks/{name}").json(), mine.get("/tasks", params={"limit": 1}).json()["items"][0]):
        assert told["due_reason"] == counted
        assert told["due_facts"] == store_due_facts([COUNTED])
    line = mine.get(f"/tasks/{name}").json()["history"][-1]
    assert line["note"].startswith(moved)
    page = office.sign_in("le.thi.c").get(f"/tasks/{name}?lang={language}").text
    assert counted in page and moved in page


@languages
def test_a_preview_says_why_a_day_is_off(
    office: Office, program: Make, language: str, weekday: str, counted: str, moved: str
) -> None:
    speak(office, language)
    mine = program("le.thi.c")
    office.change(lambda session: one_more_unit(session, NoDeadline()))
    wanted = {"duties": ["4"], "due": SATURDAY, "override": True, "reason": "thiếu"}
    assert {one["why"] for one in mine.post(f"/directives/{CODE}/plan", wanted).json()["days_off"]} == {weekday}
    job = mine.post(f"/directives/{CODE}/previews", wanted | {"days": 60}).json()["id"]
    run_background_jobs(office.engine, office.settings, now=office.now)
    (told,) = mine.get(f"/background-jobs/{job}").json()["outcome"]["days_off"]
    assert told[:2] == [SATURDAY, weekday]
    due = mine.get(f"/background-jobs/{job}/days/{SATURDAY}").json()["due"]
    assert {one["day_off"] for one in due} == {weekday}
    reader = office.sign_in("le.thi.c")
    for page in ("", f"/day/{SATURDAY}", "/print"):
        assert weekday in reader.get(f"/launch/{CODE}/preview/{job}{page}?lang={language}").text, page
