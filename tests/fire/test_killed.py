"""kill -9 in the midst of a tick: nothing is lost; what may be repeated is *uncertain*, under the same Message-ID."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from models.database.session import reading, transaction
from models.directives.directive import Duty, find_directive
from models.letters.letter import Letter, LetterAttempt, LetterKind, LetterState, Notice
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.settings import MailSettings
from models.tasks.task import Task
from models.text.localtime import at_local
from notifications.outbox.attempts import RESEND_UNCERTAIN_AFTER, lease_of
from tests.fire.deaths import DEATHS, die_ticking
from tests.fire.facts import assert_settled, assert_ticks_finished, assert_whole
from tests.fire.processes import PATIENCE, context, open_office
from tests.fire.sink import Sink
from tests.office import Office, furnish
from tests.scenes import Play, Scenes
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.launch.launch_plan import duties_of
from workflows.launch.on_request import report_general_obstacle
from workflows.operations.setup import BUNDLED

pytestmark = pytest.mark.long

LAUNCHED = at_local(date(2004, 10, 26))  # a Tuesday
MORNING = at_local(date(2004, 11, 1))
"""A Monday at 08:00: a quarter opens, a date is near, the week is summed up, an incident is new."""
MINUTE = timedelta(minutes=1)
LEASE = lease_of(MailSettings())
LAST = MORNING + 58 * MINUTE
"""Before the incident's first hour is over, which would be told too."""


def play(engine: Engine, folder: Path) -> None:
    """The office on the eve of that morning, with everything told that was to be told."""
    office = furnish(engine, folder)
    office.launch("4", on=LAUNCHED, due=date(2004, 12, 31))
    office.launch("oversight", "2.a", "obstacles", on=LAUNCHED, due=None)
    office.act(office.task("4"), "accept", "luong.thi.ngan", LAUNCHED + MINUTE)
    with transaction(engine) as session:
        directive = find_directive(session, BUNDLED)
        report_general_obstacle(
            office.acting(session, resolve_person(session, "duong.trong.nghia"), LAUNCHED + MINUTE),
            directive,
            duties_of(session, directive, ["obstacles"])[0],
            text="Thiếu hướng dẫn",
        )
    for day in range(26, 30):
        office.tick(at_local(date(2004, 10, day)), RecordedSender())
    office.declare("T-LT", now=at_local(date(2004, 11, 1), time(7, 59)))


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    """The scene in a database of the test's own."""
    return stage(play)


@pytest.fixture
def office(url: str, tmp_path: Path, sink: Sink) -> Iterator[Office]:
    """The process that goes on when the other is dead."""
    office = open_office(url, tmp_path, sink.port)
    yield office
    office.engine.dispose()


@pytest.fixture(scope="module")
def undisturbed(scenes: Scenes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[Any]]:
    """What a tick that nobody kills brings about."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Sink() as sink:
        office = open_office(scenes.on_sqlite(play, folder), folder, sink.port)
        tick(office.engine, office.settings, now=MORNING)
        found = brought_about(office.engine, sink)
        kinds = {letter.kind for letter in office.letters() if letter.sent_at == MORNING}
        office.engine.dispose()
    everyday = {LetterKind.INCIDENT, LetterKind.ASSIGNED, LetterKind.DIGEST, LetterKind.SUMMARY}
    assert kinds == everyday and len(sink.arrivals) > 8, "a morning with everything in it"
    return found


def brought_about(engine: Engine, sink: Sink) -> dict[str, Counter[Any]]:
    """Who got which letters, who was told what, which tasks there are: without anything that differs by the run."""
    first = {one.message_id: one for one in reversed(sink.arrivals)}
    with reading(engine) as session:
        tasks = select(col(Duty.path), col(Task.occurrence), col(Task.assigned_unit_id), col(Task.assigned_at))
        notices = (
            select(
                *(col(Duty.path), col(Task.occurrence), col(Task.assigned_unit_id), col(Person.code)),
                *(col(Notice.rung), col(Notice.offset), col(Notice.role), col(Notice.state), col(Notice.slot)),
            )
            .join(Task, col(Task.id) == col(Notice.task_id))
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Person, col(Person.id) == col(Notice.recipient_id))
        )
        return {
            "letters": Counter((one.to, one.subject) for one in first.values()),
            "tasks": Counter(map(named, session.execute(tasks.join(Duty, col(Duty.id) == col(Task.duty_id))))),
            "notices": Counter(map(named, session.execute(notices))),
        }


def named(row: Any) -> tuple[Any, ...]:
    """A row that begins with duty and occurrence; incidents and requests have ids of their own in each database."""
    path, occurrence, *more = row
    return (path, occurrence.partition(":")[0], *more)


def attempts(engine: Engine) -> dict[str, list[str]]:
    """By Message-ID, how the attempts of that morning ended, in order."""
    found: dict[str, list[str]] = {}
    with reading(engine) as session:
        rows = session.execute(
            select(col(Letter.message_id), col(LetterAttempt.outcome))
            .join(LetterAttempt, col(LetterAttempt.letter_id) == col(Letter.id))
            .where(col(LetterAttempt.started_at) >= MORNING)
            .order_by(col(LetterAttempt.lease_token))
        ).all()
    for message_id, outcome in rows:
        found.setdefault(message_id, []).append(outcome)
    return found


def uncertain(office: Office) -> dict[str, bytes | None]:
    """Letters that may have arrived, and their frozen bytes."""
    return {str(one.message_id): office.content(one) for one in office.letters() if one.state is LetterState.UNCERTAIN}


def kill_at(name: str, url: str, folder: Path, port: int) -> None:
    """Lets a process tick that morning until it dies where it was told to."""
    process = context.Process(target=die_ticking, args=(name, url, folder, port, MORNING))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, f"it never came to: {name}"


@pytest.mark.parametrize("name", DEATHS)
def test_killed_with(
    name: str, url: str, office: Office, tmp_path: Path, sink: Sink, undisturbed: dict[str, Counter[Any]]
) -> None:
    death = DEATHS[name]
    kill_at(name, url, tmp_path, sink.port)
    assert_whole(office.engine)

    def go_on(moment: datetime) -> None:
        tick(office.engine, office.settings, now=moment)

    for moment in (MORNING, MORNING + MINUTE, MORNING + LEASE):
        go_on(moment)
        assert sink.twice() == {}, "while its lease runs, nobody else touches a letter"
        assert uncertain(office) == {}
    over = MORNING + LEASE + MINUTE
    go_on(over)
    in_doubt = uncertain(office)
    assert len(in_doubt) == death.in_flight, "the one letter in flight, and no other"
    assert sink.twice() == {} and sum(sink.ids[one] for one in in_doubt) == death.accepted
    for moment in (over + RESEND_UNCERTAIN_AFTER, over + 2 * RESEND_UNCERTAIN_AFTER, LAST):
        go_on(moment)

    assert_settled(office.engine, office.calendar, by=LAST)
    assert_ticks_finished(office.engine)
    assert_whole(office.engine)
    assert brought_about(office.engine, sink) == undisturbed, "nothing lost, nothing twice, nothing else"
    assert sink.twice() == (dict.fromkeys(in_doubt, 2) if death.accepted else {})
    for one in in_doubt:
        assert {arrival.content for arrival in sink.arrivals if arrival.message_id == one} == {in_doubt[one]}
    ended = attempts(office.engine)
    assert {one for one, outcomes in ended.items() if outcomes != ["accepted"]} == in_doubt.keys()
    assert all(ended[one] == ["uncertain", "accepted"] for one in in_doubt)


def test_machine_dead_for_a_week_tells_each_person_once(url: str, office: Office, tmp_path: Path, sink: Sink) -> None:
    kill_at("a letter marked, not committed", url, tmp_path, sink.port)
    assert sink.arrivals == []
    back = MORNING + timedelta(days=7, minutes=5)
    for moment in (back, back + MINUTE, back + LEASE, back + 2 * LEASE):
        tick(office.engine, office.settings, now=moment)
    routine = Counter(
        letter.recipient_id
        for letter in office.letters()
        if letter.sent_at and letter.sent_at >= back and letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY)
    )
    assert routine and set(routine.values()) == {1}, "what was in its hands is told in the letter of that morning"
    assert sink.twice() == {}
    assert_settled(office.engine, office.calendar, by=back + 2 * LEASE)
    assert_whole(office.engine)
