"""A compiled report's letter goes to whoever reads the office's post on the day that it leaves."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.papers.issued_report import ReportKind
from models.text.localtime import local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import Office, at, furnish
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.jobs.simulate import RecordedSender
from workflows.operations.setup import BUNDLED
from workflows.organization.register.absence import add_absence
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import retire_person
from workflows.papers.report_schedules import NewSchedule, make_schedule

pytestmark = pytest.mark.long

HEAD, OTHER = "le.thi.d", "ho.thi.mai"
OUR_DAY = at(18)  # a Friday


class DeadServer(RecordedSender):
    """Takes nothing for now."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.TEMPORARY, 421, "later")


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The second quarter's report is compiled on 18 June, while the mail server is down until the Monday."""
    office = furnish(engine, tmp_path)
    office.launch("results")
    with transaction(engine) as session:
        wanted = NewSchedule(kind=ReportKind.DIRECTIVE, directive=BUNDLED, duty="results")
        principal = read_principal(session, resolve_person(session, HEAD), local_date(at(1)))
        make_schedule(session, principal, wanted, AuditActor(at(1)))
    office.tick(OUR_DAY, DeadServer())
    return office


def told(office: Office) -> list[str]:
    return [code for code in (HEAD, OTHER) for one in office.sent(code) if "Dự thảo báo cáo" in str(one["Subject"])]


def monday(office: Office) -> None:
    office.tick(at(21))
    office.tick(at(21, hour=10))
    office.tick(at(22))


def replace_head(office: Office) -> None:
    with transaction(office.engine) as session:
        now = at(18, hour=16)
        hand_over(session, unit_code="VU-VT", office="head", to_code=OTHER, effective_on=local_date(now), now=now)


def test_where_nothing_has_changed_the_head_is_told_once(office: Office) -> None:
    monday(office)
    assert told(office) == [HEAD]


def test_the_stand_in_is_told_while_the_head_is_away(office: Office) -> None:
    with transaction(office.engine) as session:
        first, last = date(2004, 6, 21), date(2004, 6, 25)
        add_absence(
            session,
            person_code=HEAD,
            stand_in_code=OTHER,
            starts_on=first,
            ends_on=last,
            audit_actor=AuditActor(at(18)),
        )
    monday(office)
    assert told(office) == [OTHER]


@pytest.mark.parametrize("is_retired", [False, True])
def test_the_new_head_is_told_and_the_former_one_is_not(office: Office, is_retired: bool) -> None:
    replace_head(office)
    if is_retired:
        with transaction(office.engine) as session:
            retire_person(session, HEAD, at(18, hour=17))
    monday(office)
    assert told(office) == [OTHER]


def test_a_draft_of_which_nobody_can_be_told_is_told_to_the_administrators(office: Office) -> None:
    with transaction(office.engine) as session:
        people = session.exec(select(Person).where(Person.unit_id == office.unit("VU-VT").id))
        codes = [one.code for one in people]
    for code in codes:
        office.change_person(code, is_active=False)
    monday(office)
    with reading(office.engine) as session:
        alerts = session.exec(select(Alert).where(Alert.kind == AlertKind.LETTER_GIVEN_UP)).all()
    kinds = {str(letter.id): letter.kind for letter in office.letters()}
    assert LetterKind.COMPILED in [kinds[alert.subject] for alert in alerts]
