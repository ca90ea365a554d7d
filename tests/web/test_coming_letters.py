"""The letters to come are those that then leave, each once, and only for those who oversee their tasks."""

import re
from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models.database.session import reading, transaction
from models.errors import NotFound, Refused
from models.letters.letter import Letter, LetterState
from models.organization.register_reads import resolve_person
from models.text.localtime import at_local, local_date
from tests.web.site import Office
from workflows.access.audit_log import note as note_audit
from workflows.access.rights import Principal, read_principal
from workflows.jobs import coming_letters, launch_preview
from workflows.jobs.coming_letters import ask_coming, coming_on, coming_words, find_coming
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.simulate import list_letters, run_ahead
from workflows.rules.tasks.actions import Action

pytestmark = pytest.mark.long

SUNDAY = at_local(date(2026, 11, 15), time(14, 0))


def principal(office: Office, code: str) -> Principal:
    with reading(office.engine) as session:
        return read_principal(session, resolve_person(session, code), local_date(office.now))


def forecast(office: Office, who: Principal) -> dict[str, list[dict[str, Any]]]:
    """The letters of each day, as somebody is told of them."""
    with transaction(office.engine) as session:
        job_id = ask_coming(session, who, now=office.now, again=True).id
    assert (
        run_background_jobs(office.engine, office.settings, now=office.now, only=job_id)["background_jobs_failed"] == 0
    )
    with reading(office.engine) as session:
        coming = find_coming(session, who)
        return {day.isoformat(): coming_on(session, coming, day) for day, _count in coming.days}


@pytest.fixture
def sunday(office: Office) -> Office:
    """The office on a Sunday, two weeks after its launch: letters have left, and one waits."""
    run_ahead(office.engine, office.settings, start=office.now, until=SUNDAY)
    office.now = SUNDAY
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, SUNDAY)
    return office


def test_the_letters_forecast_are_those_that_leave(sunday: Office) -> None:
    days = forecast(sunday, principal(sunday, "dang.thu.thuy"))
    told = Counter((day, one["recipient_code"], one["kind"], one["subject"]) for day in days for one in days[day])
    until = at_local(local_date(SUNDAY) + timedelta(days=coming_letters.DAYS), time(23, 59))
    run_ahead(sunday.engine, sunday.settings, start=SUNDAY, until=until)
    with reading(sunday.engine) as session:
        left = list_letters(session, since=SUNDAY)
    happened = Counter((one["date"], one["recipient"], one["kind"], one["subject"]) for one in left)
    assert told == happened and len(happened) > 10


def test_letters_to_come_say_that_something_was_done_since(sunday: Office) -> None:
    task, code = sunday.task("4"), "le.thi.c"
    reader = sunday.sign_in(code)
    forecast(sunday, principal(sunday, code))
    fresh, note = reader.get("/letters/coming?lang=en").text, "Since then something was done that changes these letters"
    assert note not in fresh and "Computed at 14:00, 15 November 2026" in fresh
    shown = re.search(r'<a class="tile[^>]*href="/letters/coming"[^>]*>.*?</a>', reader.get("/?lang=en").text, re.S)
    assert shown and re.search(r"\d", re.sub("<[^>]*>", "", shown[0]))
    sunday.now += timedelta(minutes=5)
    lead = sunday.head(task).id
    sunday.act(task, Action.SUBMIT, lead, sunday.now, number="1", date="2026-11-13", subject="a", signer="b")
    assert note in reader.get("/letters/coming?lang=en").text
    shown = re.search(r'<a class="tile[^>]*href="/letters/coming"[^>]*>.*?</a>', reader.get("/?lang=en").text, re.S)
    assert shown and "open to compute them" in shown[0], "a stale number is not shown"
    forecast(sunday, principal(sunday, code))
    assert note not in reader.get("/letters/coming?lang=en").text
    sunday.now += timedelta(minutes=5)
    with transaction(sunday.engine) as session:
        person = resolve_person(session, code)
        note_audit(session, "absence_recorded", now=sunday.now, actor_id=person.id, about=person.code)
    assert note in reader.get("/letters/coming?lang=en").text


def test_a_letter_that_waits_for_monday_is_forecast_once_with_its_words(sunday: Office) -> None:
    task, coordinator = sunday.task("4"), principal(sunday, "le.thi.c")
    sunday.act(
        task, Action.SUBMIT, sunday.head(task).id, SUNDAY, number="12/BC", date="2026-11-13", subject="a", signer="b"
    )
    sunday.act(task, Action.RETURN, coordinator.person.id, SUNDAY, note="Đề nghị bổ sung số liệu quý III")
    monday = forecast(sunday, coordinator)["2026-11-16"]
    told = [one for one in monday if task.id.hex in {task["id"] for task in one["tasks"]}]
    returned = [one for one in told if one["recipient_code"] == sunday.head(task).code]
    assert len(returned) == 1 and returned[0]["at"] == "2026-11-16T01:00:00+00:00"
    with reading(sunday.engine) as session:
        found = find_coming(session, coordinator).result
        assert found is not None
        words = coming_words(session, coordinator, found.id, returned[0]["words"])
        waiting = session.scalars(select(Letter).where(col(Letter.state) == LetterState.QUEUED)).all()
    assert "bổ sung số liệu quý III" in words["text"] and "href=" not in words["html"].split("<body")[1]
    assert all(letter.sent_at is None for letter in waiting), "nothing of it happened"


def test_a_reader_is_told_of_letters_about_tasks_they_oversee_only(sunday: Office) -> None:
    everything = forecast(sunday, principal(sunday, "dang.thu.thuy"))
    observer = principal(sunday, "luong.thi.ngan")
    with pytest.raises(Refused), transaction(sunday.engine) as session:
        ask_coming(session, observer, now=sunday.now)
    coordinator = principal(sunday, "le.thi.c")
    assert sum(map(len, forecast(sunday, coordinator).values())) <= sum(map(len, everything.values()))
    with reading(sunday.engine) as session:
        found = find_coming(session, coordinator).result
        assert found is not None
        with pytest.raises(NotFound):
            coming_words(session, principal(sunday, "dang.thu.thuy"), found.id, 1)


def test_a_result_found_by_other_rights_is_not_shown(sunday: Office) -> None:
    before = principal(sunday, "le.thi.c")
    forecast(sunday, before)
    less = Principal(before.person, before.standings, speaks_for=frozenset(), people=before.people)
    with reading(sunday.engine) as session:
        assert find_coming(session, before).result is not None
        assert find_coming(session, less).result is None


def test_it_is_asked_for_once_a_day(sunday: Office) -> None:
    who = principal(sunday, "le.thi.c")
    with transaction(sunday.engine) as session:
        first = ask_coming(session, who, now=sunday.now)
        assert ask_coming(session, who, now=sunday.now + timedelta(hours=1)).id == first.id
        assert ask_coming(session, who, now=sunday.now, again=True).id == first.id, "it is under way"
        assert ask_coming(session, who, now=sunday.now + timedelta(days=1)).id != first.id


def test_many_open_tasks_are_restricted_to_those_that_letters_speak_of(
    sunday: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = principal(sunday, "le.thi.c")
    whole = forecast(sunday, who)
    monkeypatch.setattr(launch_preview, "_MOST_COPIED", 0)
    few = forecast(sunday, who)
    with reading(sunday.engine) as session:
        found = find_coming(session, who).result
    assert found is not None and found.outcome["whole"] is False
    assert {day: len(letters) for day, letters in few.items()} == {day: len(rows) for day, rows in whole.items()}


def test_the_page_has_the_letters_worked_out_and_shows_each_with_its_words(sunday: Office) -> None:
    reader = sunday.sign_in("le.thi.c")
    assert "Tomorrow&#39;s letters" in reader.get("/?lang=en").text
    assert "are being computed" in reader.get("/letters/coming?lang=en").text
    assert reader.get("/letters/coming?lang=en").text.count("are being computed") == 1, "asked for once"
    run_background_jobs(sunday.engine, sunday.settings, now=sunday.now)
    page = reader.get("/letters/coming?lang=en").text
    count = re.search(r"Tomorrow, Monday 16 November 2026: <strong>(\d+) letters", page)
    assert count is not None and "Computed at 14:00, 15 November 2026" in page
    assert page.count('href="/letters/coming?day=') >= 15
    assert f"<strong>{count[1]}</strong><span>Tomorrow&#39;s letters" in reader.get("/?lang=en").text
    letter = re.search(r'href="(/letters/coming/[0-9a-f]{32}/\d+)"', page)
    assert letter is not None
    assert "Not sent yet: it leaves at 08:00 on Monday 16 November 2026" in reader.get(letter[1]).text
    frame = reader.get(f"{letter[1]}/html")
    assert "sandbox" in frame.headers["content-security-policy"] and "Kính gửi" in frame.text
    assert sunday.sign_in("dang.thu.thuy").get(letter[1]).status_code == 404
    assert sunday.sign_in("luong.thi.ngan").get("/letters/coming").status_code == 403
    saturday = reader.get("/letters/coming?day=2026-11-21&lang=en").text
    assert "No letter leaves on this day: a Saturday" in saturday
    assert "No letters match" in reader.get("/letters/coming?day=2026-11-16&q=nobody+of+this+name").text
    assert "&amp;q=A%26B" in reader.get("/letters/coming?day=2026-11-16&q=A%26B").text
    again = reader.send("/letters/coming")
    assert "are being computed" in reader.follow(again).text


def test_an_act_on_a_sunday_says_when_its_letter_leaves(sunday: Office) -> None:
    task = sunday.task("4")
    sunday.act(
        task, Action.SUBMIT, sunday.head(task).id, SUNDAY, number="12/BC", date="2026-11-13", subject="a", signer="b"
    )
    reader = sunday.sign_in("le.thi.c")
    form = f"/tasks/{task.id.hex}/return"
    given = {"note": "Đề nghị bổ sung số liệu", "step": "send"}
    done = reader.follow(reader.send(form, **given))
    assert "leaves at 08:00 on Monday 16 November 2026" in reader.get(f"{done.url.path}?lang=en").text
    sunday.act(
        task, Action.SUBMIT, sunday.head(task).id, SUNDAY, number="12/BC", date="2026-11-13", subject="a", signer="b"
    )
    listed = reader.follow(reader.send(form, then="/inbox", **given))
    assert "leaves at 08:00 on Monday 16 November 2026" in listed.text
