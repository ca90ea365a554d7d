"""Two processes at once compile each report once, and share what there is to purge."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind, MailPace, MailWindow
from models.organization.register_reads import resolve_person
from models.papers.issued_report import IssuedReport, ReportKind
from models.papers.report_schedule import CompiledReport
from models.text.localtime import local_date
from tests.fire.processes import Worker, at_once, compile_at, open_office, purge_at, two_workers
from tests.office import COORDINATOR, Office, at, furnish
from tests.scenes import Play
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.operations.setup import BUNDLED
from workflows.papers.report_schedules import NewSchedule, make_schedule

pytestmark = pytest.mark.long

PERIODS = (at(18), at(20, month=9), at(20, month=12))


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    return stage(furnish)


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    office = open_office(url, tmp_path, 1)
    yield office
    office.engine.dispose()


@pytest.fixture
def workers(url: str, tmp_path: Path) -> Iterator[tuple[Worker, Worker]]:
    with two_workers(url, tmp_path, 1) as both:
        yield both


def test_two_processes_compile_each_period_once(office: Office, workers: tuple[Worker, Worker]) -> None:
    office.launch("results")
    with transaction(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(at(1)))
        make_schedule(
            session,
            principal,
            NewSchedule(kind=ReportKind.DIRECTIVE, directive=BUNDLED, duty="results"),
            AuditActor(at(1)),
        )
    for number, moment in enumerate(PERIODS, start=1):
        done = at_once(*workers, (compile_at, (moment,), {}), (compile_at, (moment,), {}))
        with reading(office.engine) as session:
            periods = session.exec(select(CompiledReport.period)).all()
            reports = session.exec(select(func.count()).select_from(IssuedReport)).one()
            letters = session.exec(select(Letter.topic).where(Letter.kind == LetterKind.COMPILED)).all()
        assert sum(done) == 1 and len(periods) == len(set(periods)) == reports == number
        assert len(set(letters)) == number


def test_two_purges_at_once_share_what_there_is(office: Office, workers: tuple[Worker, Worker]) -> None:
    now, old = at(1, month=12), at(1)
    with transaction(office.engine) as session:
        for minute in range(60):
            moment = old + timedelta(minutes=minute)
            session.add(MailWindow(span="minute", starts_at=moment, used=1))
            session.add(MailPace(second=int(moment.timestamp()), total=minute))
            session.add(Run(key=f"tick:{moment.isoformat()}", started_at=moment, finished_at=moment))
        session.add(MailPace(second=0, total=60))
    done = at_once(*workers, (purge_at, (now,), {}), (purge_at, (now,), {}))
    assert sum(one["windows"] for one in done) == 120 and sum(one["runs"] for one in done) == 59
    with reading(office.engine) as session:
        assert session.exec(select(MailPace.second)).all() == [0], "the counter itself stays"
        assert session.exec(select(func.count()).where(col(Run.key).startswith("tick:"))).one() == 1
