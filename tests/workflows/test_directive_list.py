"""The list of directives: whose, in which order, with the report's own rate."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from tests.ministry import Counted
from tests.office import COORDINATOR, Office, at, furnish
from tests.workflows.lively import lively
from workflows.access.rights import read_principal
from workflows.operations.setup import BUNDLED
from workflows.reports.report_figures import report
from workflows.worklists.directive_list import DirectiveFilter, DirectivePage, list_directives

NOW = at(16, 7, 10)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("2", "2.a", "4", due=date(2004, 6, 30))
    lively(office)
    return office


def listed(office: Office, who: str = COORDINATOR, page: int = 1, **wanted: object) -> DirectivePage:
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, who), local_date(NOW))
        return list_directives(session, principal, DirectiveFilter(**wanted), now=NOW, page=page)  # type: ignore[arg-type]


def test_the_numbers_are_the_reports(office: Office) -> None:
    tally = listed(office).directives[0].tally
    with reading(office.engine) as session:
        figures = report(session, cutoff=local_date(NOW), directive=BUNDLED, now=NOW).figures
    assert (tally.total, tally.done, tally.open) == (figures.total, figures.done, figures.open)
    assert (tally.overdue, tally.undated, tally.completion) == (
        figures.open_overdue,
        figures.no_deadline,
        figures.completion,
    )
    assert (tally.waiting, tally.not_accepted) == (3, figures.total - 5), "three wait; two are done, three accepted"


def test_directives_are_found_without_marks_newest_first(office: Office) -> None:
    def add(session: Session) -> None:
        model = session.exec(select(Directive).where(Directive.code == BUNDLED)).one()
        for number in range(25):
            given = model.model_dump(exclude={"id"}) | {
                "code": f"kl-{number}",
                "number": f"{number}/KL",
                "subject": f"Kết luận giao ban số {number}",
                "issued_on": date(2004, 6, 1) + timedelta(days=number),
            }
            session.add(Directive(**given))

    with transaction(office.engine) as session:
        add(session)
    first, second = listed(office), listed(office, page=2)
    assert (first.paging.total, first.paging.pages, len(first.directives), len(second.directives)) == (26, 2, 20, 6)
    assert [one.code for one in first.directives[:2]] == ["kl-24", "kl-23"]
    assert {one.code for one in listed(office, words="ket luan giao ban so 7").directives} == {"kl-7"}
    assert listed(office, words="không có").any, "there are directives, only none that fits"
    assert [one.code for one in listed(office, open=True).directives] == [BUNDLED]
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
        with Counted(session) as statements:
            list_directives(session, principal, DirectiveFilter(), now=NOW)
    assert len(statements) == 3


def test_who_oversees_nothing_has_no_directive(office: Office) -> None:
    found = listed(office, "ngo.van.loc")
    assert (found.any, found.directives) == (False, [])
