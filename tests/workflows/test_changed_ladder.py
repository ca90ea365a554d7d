"""A ladder that changes under open tasks: what it must still tell is decided and shown when it is published."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.ladders import LADDERS, LadderSpec, RecipientRole, RungName, RungSpec
from models.directives.template import TemplateVersion
from models.errors import Refused
from models.letters.letter import Notice, NoticeState
from models.organization.person import Person
from models.tasks.history import History
from tests.office import Office, at, furnish
from workflows.escalation.explanation import RungState, explain_task
from workflows.escalation.explanation_words import write_rule
from workflows.escalation.sweep import sweep
from workflows.templates.draft import new_draft
from workflows.templates.publish import preview_publish, publish
from workflows.templates.publish_effect import PublishEffect

pytestmark = pytest.mark.long

HEAD = "luong.thi.ngan"
R, To = RungName, RecipientRole


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def rungs(*given: tuple[RungName, int, tuple[RecipientRole, ...]]) -> LadderSpec:
    assigned = RungSpec(rung=R.ASSIGNED, at=0, to=(To.HEAD,))
    return LadderSpec(rungs=(assigned, *(RungSpec(rung=rung, at=offset, to=to) for rung, offset, to in given)))


def due_soon(*days: int, to: tuple[RecipientRole, ...] = (To.HEAD,)) -> LadderSpec:
    return rungs(*((R.DUE_SOON, -one, to) for one in days), (R.OVERDUE, 1, (To.HEAD,)))


def draft(office: Office, ladder: LadderSpec, now: datetime) -> TemplateVersion:
    with transaction(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == "4")).one()
        query = select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)
        former = session.exec(query.order_by(col(TemplateVersion.version).desc())).first()
        assert former is not None
        return new_draft(session, duty, former.read_spec().model_copy(update={"ladder": ladder}), now=now)


def put(office: Office, ladder: LadderSpec, now: datetime, *, move: bool = True) -> PublishEffect:
    version = draft(office, ladder, now)
    with reading(office.engine) as session:
        shown = preview_publish(session, version.id, now=now)
    with transaction(office.engine) as session:
        done = publish(session, version.id, now=now, migrate_open=move, seen_letters=shown.letters_digest)
    assert (done.letters, done.digests) == ((shown.letters, shown.digests) if move else ((), ()))
    before = pending(office)
    sweep(office.engine, now=now, calendar=office.calendar)
    assert not move or pending(office) == before, "the sweep at the same moment adds nothing to what was shown"
    return done


def pending(office: Office) -> list[tuple[str, int, str, str]]:
    return office.notices(office.task(), NoticeState.PENDING) if launched(office) else []


def launched(office: Office) -> bool:
    with reading(office.engine) as session:
        return session.exec(select(History.id).where(History.event == "assigned")).first() is not None


def told(office: Office) -> list[tuple[str, int, str]]:
    found = office.notices(office.task(), NoticeState.PENDING, NoticeState.SENT)
    return [(rung, offset, who) for rung, offset, who, _state in found if rung != "assigned"]


def test_an_earlier_rung_is_not_told_after_a_later_one_of_its_sense(office: Office) -> None:
    put(office, due_soon(7, 3, 1), at(1, hour=7))
    office.launch("4")
    office.days(at(1), at(22))
    assert told(office) == [("due_soon", -7, HEAD)]
    done = put(office, due_soon(10, 3, 1), at(23, hour=10))
    assert done.letters == ()
    office.days(at(24), at(24))
    assert told(office) == [("due_soon", -7, HEAD)]
    office.days(at(25), at(29))
    assert told(office) == [("due_soon", -7, HEAD), ("due_soon", -3, HEAD), ("due_soon", -1, HEAD)]


def test_what_was_never_told_is_announced_person_by_person_and_told_once(office: Office) -> None:
    put(office, due_soon(1), at(1, hour=7))
    office.launch("4")
    office.days(at(1), at(4, 7))
    assert told(office) == [("due_soon", -1, HEAD), ("overdue", 1, HEAD)]
    late = rungs((R.DUE_SOON, -1, (To.HEAD,)), (R.OVERDUE, 1, (To.HEAD,)), (R.PRESSED_1, 2, (To.SUPERVISOR,)))
    done = put(office, late, at(6, 7, hour=10))
    [letter] = done.letters
    assert (letter.rung, letter.offset, letter.role, letter.units) == ("pressed_1", 2, "supervisor", ("VU-KHTC",))
    assert letter.leaves_at == at(6, 7, hour=10), "at once"
    assert pending(office) == [("pressed_1", 2, office_code(office, letter.person), "pending")]
    office.days(at(7, 7), at(20, 7))
    who = office_code(office, letter.person)
    assert [one for one in told(office) if one[0] == "pressed_1"] == [("pressed_1", 2, who)]


def office_code(office: Office, name: str) -> str:
    with reading(office.engine) as session:
        return session.exec(select(Person.code).where(Person.full_name == name)).one()


def test_whoever_heard_it_in_another_role_does_not_hear_it_again(office: Office) -> None:
    put(office, due_soon(7), at(1, hour=7))
    office.launch("4")
    office.change_task(office.task(), officer_id=office.person(HEAD).id)
    office.days(at(2), at(22))
    done = put(office, due_soon(10, to=(To.OFFICER,)), at(23))
    assert done.letters == ()
    office.days(at(23), at(24))
    assert told(office) == [("due_soon", -7, HEAD)]


def test_a_task_that_waits_is_not_told_the_old_rung_when_the_wait_ends(office: Office) -> None:
    put(office, due_soon(7, 1), at(1, hour=7))
    office.launch("4")
    office.days(at(1), at(22))
    office.submit(office.task(), HEAD, at(22, hour=10))
    assert put(office, due_soon(10, 1), at(23)).letters == ()
    office.act(office.task(), "return", "le.thi.c", at(24), note="Bổ sung số liệu")
    office.days(at(24), at(28))
    assert told_rungs(office) == [("due_soon", -7)]


def told_rungs(office: Office) -> list[tuple[str, int]]:
    return [(rung, offset) for rung, offset, _who in told(office) if not rung.startswith("event:")]


def test_moved_twice_the_ladder_still_tells_nothing_again(office: Office) -> None:
    put(office, due_soon(7, 1), at(1, hour=7))
    office.launch("4")
    office.days(at(1), at(22))
    for days, moment in ((10, at(23)), (9, at(24)), (10, at(25))):
        assert put(office, due_soon(days, 1), moment).letters == ()
    office.days(at(25), at(29))
    assert told(office) == [("due_soon", -7, HEAD), ("due_soon", -1, HEAD)]


def test_tasks_are_not_moved_to_a_ladder_of_another_clock(office: Office) -> None:
    office.launch("4")
    hours = LadderSpec(clock="hours", rungs=LADDERS["contingency"].rungs)
    done = put(office, hours, at(2))
    assert (done.migrated, [one.may_move for one in done.open_tasks]) == (0, [False])
    assert office.task().template_version_id != done.version_id


def test_letters_that_are_others_than_shown_stop_the_publishing(office: Office) -> None:
    office.launch("4")
    version = draft(office, due_soon(5), at(2))
    with pytest.raises(Refused, match="than was shown"), transaction(office.engine) as session:
        publish(session, version.id, now=at(24), migrate_open=True, seen_letters="of another moment")


def followed(office: Office) -> dict[tuple[str, int], int | None]:
    with reading(office.engine) as session:
        found = explain_task(session, office.task().id, now=at(29), calendar=office.calendar)
        lines = [*(line for rung in found.rungs for line in rung.letters), *found.other_letters]
        for line in lines:
            version = f"version {line.template_version}" if line.template_version else "not recorded"
            assert line.rung.startswith("event:") or version in write_rule(found, line, "en")
        return {(line.rung, line.offset): line.template_version for line in lines}


def moved_office(office: Office) -> None:
    put(office, due_soon(7, 1), at(1, hour=7))  # version 2
    office.launch("4")
    office.days(at(1), at(22))
    put(office, due_soon(10, 1), at(23))  # version 3
    office.days(at(23), at(29))


def test_a_letter_keeps_the_version_that_it_followed(office: Office) -> None:
    moved_office(office)
    assert followed(office) == {("assigned", 0): 2, ("due_soon", -7): 2, ("due_soon", -1): 3}
    with reading(office.engine) as session:
        found = explain_task(session, office.task().id, now=at(29), calendar=office.calendar)
        states = {(line.rung, line.offset): (line.state, line.template_version) for line in found.rungs}
    assert states["due_soon", -10] == (RungState.TOLD_BEFORE, 3)
    assert states["due_soon", -1] == (RungState.TOLD, 3)
    assert states["assigned", 0] == (RungState.TOLD, 2)


def forget(office: Office) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Notice).values(template_version_id=None))


def test_a_version_that_cannot_be_known_is_said_to_be_unrecorded(office: Office) -> None:
    moved_office(office)
    forget(office)
    with transaction(office.engine) as session:
        session.execute(update(Notice).where(col(Notice.offset) == -7).values(offset=-6))  # in no version's ladder
    assert followed(office)["due_soon", -6] is None
