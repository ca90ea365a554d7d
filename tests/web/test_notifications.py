"""The bell: what letters told a person, what is unread of it, and that it is theirs alone."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select, update

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeRead, NoticesReadUntil, NoticeState
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.plans import walks
from tests.web.bell import COORDINATOR, HEAD, OTHER_HEAD, notices_of, send, unread
from tests.web.site import LAUNCHED, Office, Reader
from workflows.rules.tasks.actions import Action
from workflows.worklists.notification_centre import (
    KEPT,
    LATECOMERS,
    MOST_COUNTED,
    list_notifications,
    mark_all_read,
    mark_read,
)

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def told(office: Office) -> Office:
    """The office after the assignments left."""
    return send(office, LAUNCHED + timedelta(minutes=1))


def me(office: Office, code: str = HEAD) -> UUID:
    with reading(office.engine) as session:
        return resolve_person(session, code).id


def bell(reader: Reader) -> str:
    """The number at the bell; "" without one."""
    found = re.search(r'class="bell".*?</a>', reader.get("/notifications?lang=en").text, re.DOTALL)
    assert found is not None
    number = re.search(r'class="count">([^<]*)<', found[0])
    return number[1] if number else ""


def test_the_bell_counts_and_lists_what_a_letter_told(told: Office) -> None:
    reader = told.sign_in(HEAD)
    (notice,) = notices_of(told)
    text = reader.get("/notifications?lang=en").text
    assert bell(reader) == "1" and "Today" in text
    assert f"/notifications/{notice.id.hex}" in text and "Assigned" in text and "06/2004/CT-BBCVT" in text
    for page in ("/", "/work", "/account"):
        assert 'class="bell"' in reader.get(page).text


def test_opening_marks_read_and_leads_to_the_task(told: Office) -> None:
    reader = told.sign_in(HEAD)
    (notice,) = notices_of(told)
    answer = reader.get(f"/notifications/{notice.id.hex}", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 303 and unread(told) == 1, "another site's link marks nothing"
    answer = reader.get(f"/notifications/{notice.id.hex}", headers={"sec-fetch-site": "same-origin"})
    assert answer.headers["location"] == f"/tasks/{notice.task_id.hex}"
    assert reader.follow(answer).status_code == 200
    assert bell(reader) == "" and "You have read everything" in reader.get("/notifications?show=unread&lang=en").text


def test_one_and_all_are_marked_by_forms(told: Office) -> None:
    reader = told.sign_in(HEAD)
    (notice,) = notices_of(told)
    answer = reader.send("/notifications", "/notifications/read", notification=notice.id.hex)
    assert answer.status_code == 303 and unread(told) == 0
    told.change(lambda session: session.delete(session.get_one(NoticeRead, (notice.recipient_id, notice.id))))
    assert unread(told) == 1
    answer = reader.send("/notifications", "/notifications/read", until=told.now.isoformat())
    assert answer.status_code == 303 and bell(reader) == ""
    for until in ("tomorrow", "2026-11-02T08:00:00", "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00"):
        assert reader.send("/notifications", "/notifications/read", until=until).status_code == 422, until
    assert reader.send("/notifications", "/notifications/read", notification="x").status_code == 422
    assert reader.get("/notifications?older=x").status_code == 422


def test_nobody_sees_or_marks_anothers(told: Office) -> None:
    (mine,) = notices_of(told)
    stranger, nobody = told.sign_in(OTHER_HEAD), told.reader
    assert stranger.get(f"/notifications/{mine.id.hex}").status_code == 404
    assert stranger.get(f"/notifications/{new_id().hex}").status_code == 404
    assert stranger.send("/notifications", "/notifications/read", notification=mine.id.hex).status_code == 404
    assert nobody.get("/notifications").status_code == 303
    assert mine.id.hex not in stranger.get("/notifications").text
    administrator = told.sign_in("dang.thu.thuy")
    assert administrator.get(f"/notifications/{mine.id.hex}").status_code == 404, "not even who sees everything"
    assert unread(told) == 1


def test_a_stand_in_sees_what_their_letter_tells(office: Office) -> None:
    day = local_date(LAUNCHED)

    def away(session: Session) -> None:
        head, stand_in = resolve_person(session, HEAD), resolve_person(session, OTHER_HEAD)
        session.add(Absence(person_id=head.id, stand_in_id=stand_in.id, starts_on=day, ends_on=day))

    office.change(away)
    send(office, LAUNCHED + timedelta(minutes=1))
    assert unread(office, HEAD) == 0
    told = [one for one in notices_of(office, OTHER_HEAD) if one.task_id == office.task("4").id]
    assert told and office.sign_in(OTHER_HEAD).get(f"/notifications/{told[0].id.hex}").status_code == 303


@pytest.mark.parametrize("state", NoticeState)
def test_dropped_and_covered_notices_are_not_listed(told: Office, state: NoticeState) -> None:
    told.change(lambda session: session.execute(update(Notice).values(state=state)))
    shown = state in (NoticeState.PENDING, NoticeState.SENT, NoticeState.FAILED)
    assert unread(told) == int(shown)
    assert ("Assigned" in told.sign_in(HEAD).get("/notifications?lang=en").text) is shown


def test_an_event_is_listed_before_its_letter_once_it_cannot_be_undone(told: Office) -> None:
    task, evening = told.task("4"), LAUNCHED + timedelta(hours=12)
    told.act(task, Action.ACCEPT, me(told), evening)
    told.act(task, Action.PROGRESS, me(told), evening, note="đang làm")
    told.act(task, Action.RAISE_OBSTACLE, me(told), evening, note="thiếu số liệu")
    asked = [one for one in notices_of(told, COORDINATOR) if one.rung == "event:obstacle_raised"]
    assert asked and asked[0].letter_id is None and asked[0].slot > evening
    before = unread(told, COORDINATOR)
    told.now = evening + timedelta(seconds=59)
    assert unread(told, COORDINATOR) == before
    told.now = evening + timedelta(seconds=60)
    reader = told.sign_in(COORDINATOR)
    assert asked[0].id.hex in reader.get("/notifications").text
    assert reader.get(f"/notifications/{asked[0].id.hex}").status_code == 303
    assert asked[0].id not in [one.id for one in listed(told, COORDINATOR, unread_only=True)]
    send(told, asked[0].slot + timedelta(minutes=1))
    assert [one.is_read for one in listed(told, COORDINATOR) if one.id == asked[0].id] == [True], "it stays read"


def listed(office: Office, code: str = HEAD, **given: Any) -> list[Any]:
    with reading(office.engine) as session:
        return list(list_notifications(session, resolve_person(session, code).id, office.now, **given).notifications)


def many(office: Office, count: int, *, slot: datetime, letters: int = 1, code: str = HEAD) -> list[UUID]:
    """Notices that left in letters of a moment, as the sweep and the delivery write them."""
    pattern = notices_of(office, code)[0].model_dump()
    fields = pattern | {"state": NoticeState.SENT, "slot": slot, "fired_at": slot, "offset": 3, "rung": "overdue"}
    made, letter_rows, rows = [new_id() for _ in range(letters)], list[Any](), list[Any]()
    for number, letter_id in enumerate(made):
        letter_rows.append({"id": letter_id, "slot": slot - timedelta(seconds=number)})
    ids = [new_id() for _ in range(count)]
    for number, notice_id in enumerate(ids):
        rows.append({"id": notice_id, "anchor_id": new_id(), "letter_id": made[number % letters]})
    constant = {"recipient_id": pattern["recipient_id"], "kind": LetterKind.DIGEST, "topic": "", "is_drill": False}
    done = {
        "state": LetterState.SENT,
        "attempts": 1,
        "lease_token": 1,
        "resent": False,
        "error": "",
        "not_before": slot,
    }
    shared = {name: value for name, value in fields.items() if name not in ("id", "anchor_id", "letter_id")}
    with transaction(office.engine) as session:
        insert_new(session, table_of(Letter), letter_rows, constant | done)
        insert_new(session, table_of(Notice), rows, shared)
    return ids


def test_more_than_ninety_nine_are_not_counted(told: Office) -> None:
    many(told, 150, slot=LAUNCHED - timedelta(days=1))
    assert unread(told) == MOST_COUNTED + 1
    assert bell(told.sign_in(HEAD)) == "99+"


def test_pages_follow_each_other_without_gap_or_repeat(told: Office) -> None:
    (first,) = notices_of(told)
    ids = set(many(told, 120, slot=LAUNCHED - timedelta(days=2), letters=7)) | {first.id}
    person, seen, cursor = me(told), list[UUID](), ""
    while True:
        with reading(told.engine) as session:
            page = list_notifications(session, person, told.now, cursor=cursor, limit=25)
        seen += [one.id for one in page.notifications]
        if page.older is None:
            break
        cursor = page.older
    assert len(seen) == len(set(seen)) == 121 and set(seen) == ids


def test_the_newest_event_stands_first_whenever_its_letter_left(told: Office) -> None:
    """Gathered news of Friday, a rung of long ago and a mention that left at once, page by page."""
    hours = (50, 3, 1, 30, 0, 700, 26)
    for number, ago in enumerate(hours):
        slot = LAUNCHED - timedelta(minutes=number)
        ids = many(told, 9, slot=slot, letters=2)
        fired = (LAUNCHED if ago == 0 else slot) - timedelta(hours=ago)
        moved = update(Notice).where(col(Notice.id).in_(ids)).values(fired_at=fired)
        with transaction(told.engine) as session:
            session.execute(moved)
    everything = listed(told, limit=200)
    moments = [one.happened_at for one in everything]
    assert len(everything) == 9 * len(hours) + 1 and moments == sorted(moments, reverse=True)
    seen, cursor = list[UUID](), ""
    while True:
        with reading(told.engine) as session:
            page = list_notifications(session, me(told), told.now, cursor=cursor, limit=4)
        seen += [one.id for one in page.notifications]
        if page.older is None:
            break
        cursor = page.older
    assert seen == [one.id for one in everything]
    text = told.sign_in(HEAD).get("/notifications?lang=en").text
    assert text.index("Today") < text.index("<h2>Sunday") < text.index("<h2>Saturday"), "by the day of the event"


def test_what_waits_for_its_letter_stands_among_the_rest(told: Office) -> None:
    task, noon = told.task("4"), LAUNCHED + timedelta(hours=3)
    told.act(task, Action.ACCEPT, me(told), noon)
    told.act(task, Action.RAISE_OBSTACLE, me(told), noon, note="thiếu số liệu")
    told.now = noon + timedelta(hours=2)
    (waiting,) = [one for one in notices_of(told, COORDINATOR) if one.rung == "event:obstacle_raised"]
    newer = many(told, 3, slot=noon + timedelta(hours=1), code=COORDINATOR)
    older = many(told, 3, slot=noon - timedelta(hours=1), code=COORDINATOR)
    order = [one.id for one in listed(told, COORDINATOR)]
    assert set(order[:3]) == set(newer) and order[3] == waiting.id and set(older) <= set(order[4:])
    with reading(told.engine) as session:
        first = list_notifications(session, me(told, COORDINATOR), told.now, limit=3)
        second = list_notifications(session, me(told, COORDINATOR), told.now, cursor=first.older or "", limit=3)
    assert [one.id for one in (*first.notifications, *second.notifications)] == order[:6]


def test_reading_all_leaves_what_happened_after_the_page_was_opened(told: Office) -> None:
    task, noon = told.task("4"), LAUNCHED + timedelta(hours=3)
    told.act(task, Action.ACCEPT, me(told), noon)
    told.act(task, Action.RAISE_OBSTACLE, me(told), noon, note="thiếu số liệu")
    told.now = noon + timedelta(minutes=5)
    before = unread(told, COORDINATOR)
    with transaction(told.engine) as session:
        mark_all_read(session, me(told, COORDINATOR), told.now, until=noon - timedelta(minutes=1))
    assert before >= 1 and unread(told, COORDINATOR) == 1


def test_reading_all_passes_over_nothing_that_comes_late(told: Office) -> None:
    """A letter that waits gets one more notice after its reader had marked everything as read."""
    waiting = LAUNCHED - timedelta(days=2)
    (old,) = many(told, 1, slot=waiting)
    with transaction(told.engine) as session:
        mark_all_read(session, me(told), told.now)
    assert unread(told) == 0
    late = many(told, 1, slot=waiting - timedelta(hours=1))
    assert [one.id for one in listed(told, unread_only=True)] == late and unread(told) == 1
    long_ago = told.now - LATECOMERS - timedelta(days=1)
    many(told, 1, slot=long_ago)
    assert unread(told) == 1, "what is older than a letter waits was read"
    assert old not in [one.id for one in listed(told, unread_only=True)]


def test_all_up_to_a_moment_leaves_what_came_after(told: Office) -> None:
    person = me(told)
    with transaction(told.engine) as session:
        mark_all_read(session, person, told.now, until=LAUNCHED - timedelta(hours=1))
    assert unread(told) == 1
    with transaction(told.engine) as session:
        assert mark_all_read(session, person, told.now) >= 1
        assert mark_all_read(session, person, told.now) == 0, "a second time changes nothing"
    assert unread(told) == 0


def test_a_mark_from_a_clock_ahead_does_not_hide_what_comes(told: Office) -> None:
    ahead = NoticesReadUntil(person_id=me(told), until=told.now + timedelta(days=300))
    told.change(lambda session: session.add(ahead))
    assert unread(told) == 1


def test_what_is_older_than_ninety_days_is_not_listed(told: Office) -> None:
    (notice,) = notices_of(told)
    told.now = told.now + KEPT + timedelta(minutes=1)
    assert unread(told) == 0 and not listed(told)
    assert told.sign_in(HEAD).get(f"/notifications/{notice.id.hex}").status_code == 404


def test_nothing_is_marked_where_one_is_anothers(told: Office) -> None:
    mine, theirs = notices_of(told)[0], notices_of(told, OTHER_HEAD)[0]
    with transaction(told.engine) as session, pytest.raises(Exception, match="no such notification"):
        mark_read(session, me(told), [mine.id, theirs.id], told.now)
    assert unread(told) == 1


@pytest.mark.long
def test_counting_and_listing_cost_no_walk_however_much_there_is(told: Office) -> None:
    """A hundred thousand notices of others, thousands of one's own: the count reads letters by their reader."""
    for days in range(1, 41):
        many(told, 500, slot=LAUNCHED - timedelta(days=days), code=OTHER_HEAD)
        many(told, 50, slot=LAUNCHED - timedelta(days=days))
    with transaction(told.engine) as session:
        mark_all_read(session, me(told), told.now)
    every = [one.id for one in listed(told, limit=3000)]
    assert len(every) == len(set(every)) == 2001
    asked: dict[str, Any] = {}

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.setdefault(statement, values)

    event.listen(told.engine, "before_cursor_execute", keep)
    assert unread(told) == 0
    counts = {statement: values for statement, values in asked.items() if "notice_read" in statement}
    assert len(counts) == 1
    person = me(told)
    asked.clear()
    with reading(told.engine) as session:
        page = list_notifications(session, person, told.now)
        assert len([one for one in asked if one.startswith("SELECT")]) == 3
        list_notifications(session, person, told.now, cursor=page.older or "")
        list_notifications(session, person, told.now, cursor=page.older or "", unread_only=True)
    event.remove(told.engine, "before_cursor_execute", keep)
    counts |= {statement: values for statement, values in asked.items() if statement.startswith("SELECT")}
    if told.engine.dialect.name == "sqlite":
        assert not [walk for statement, values in counts.items() for walk in walks(told.engine, statement, values)]


def test_news_of_a_directive_show_nobodys_task(told: Office) -> None:
    head, coordinator = told.sign_in(HEAD), told.sign_in(COORDINATOR)
    where = "/directives/ct-06-2004/conversation"
    assert head.send(where, where, text="Có mẫu chung không?", nonce=new_id().hex).status_code == 303
    send(told, told.now + timedelta(minutes=5))
    page = coordinator.get("/notifications?lang=en").text
    (item,) = (one for one in re.findall(r"<li.*?</li>", page, re.DOTALL) if "Question about the directive" in one)
    assert "Directive 06/2004/CT-BBCVT" in item and told.head(told.task("4")).full_name in item
    with reading(told.engine) as session:
        units = session.exec(select(Unit.name).join(Task, col(Task.lead_unit_id) == col(Unit.id))).all()
    assert units and not any(unit in item for unit in units) and "deadline" not in item and "Item" not in item


def test_a_retired_persons_page_is_nobodys(told: Office) -> None:
    reader = told.sign_in(HEAD)
    told.change(lambda session: session.execute(update(Person).where(col(Person.code) == HEAD).values(is_active=False)))
    assert reader.get("/notifications").status_code == 303


def test_a_mention_says_by_whom_and_opens_at_the_message(told: Office) -> None:
    task = told.task("4")
    head, coordinator = told.sign_in(HEAD), told.sign_in(COORDINATOR)
    where, nonce = f"/tasks/{task.id.hex}/conversation", new_id()
    assert head.send(where, where, text=f"Nhờ @{COORDINATOR} xem", nonce=nonce.hex).status_code == 303
    send(told, told.now + timedelta(minutes=5))
    (notice,) = (one for one in notices_of(told, COORDINATOR) if one.rung == "event:mentioned")
    assert f"{told.head(task).full_name} mentions you in a message" in coordinator.get("/notifications?lang=en").text
    answer = coordinator.get(f"/notifications/{notice.id.hex}")
    assert answer.headers["location"] == f"{where}?m={nonce.hex}"
    assert coordinator.follow(answer).headers["location"] == f"{where}#m-{nonce.hex}"
