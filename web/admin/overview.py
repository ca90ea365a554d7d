"""The first page of the administration, which shows how the installation runs, and its check-up."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from models.letters.letter import DEAD
from models.operations.engine_reads import (
    SentCounts,
    letters_by_state,
    letters_sent_today,
    letters_waiting,
    open_alerts,
    read_pulse,
)
from models.text.localtime import local_date
from web.letters import mailbox_pages
from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from workflows.operations.doctor import checks, examine, title_of
from workflows.operations.doctor.finding import STATE_WORDS, CheckedInstallation, State
from workflows.operations.first_steps import is_under_way
from workflows.organization.working_calendar import year_to_enter
from workflows.worklists.directive_list import DirectiveCounts, count_open

router = APIRouter()
_MARKS = {State.OK: "done", State.WARNING: "waiting", State.BROKEN: "late"}


@dataclass(frozen=True)
class OverviewCounts:
    """The counts of what is open now, as the official report counts it. Letters are those of this local day."""

    tasks: DirectiveCounts
    sent: SentCounts
    letters_waiting: int
    letters_dead: int
    alerts: int
    year_to_enter: int | None  # of the working calendar
    last_tick: datetime | None
    clock: str


@router.get("/admin")
def overview(context: MayRunJobs) -> HTMLResponse:
    with context.reading() as session:
        counts, set_up = count(session, context.now, context.settings.tick_seconds), is_under_way(session)
    engine = context.site.engine.execution_options(reading_only=True)
    findings = examine(CheckedInstallation(context.settings, context.now, engine=engine), asks_others=False)
    broken = [context.words(title_of(finding.name)) for finding in findings if finding.state is State.BROKEN]
    has_mailbox = mailbox_pages.may_show(context)
    return admin_page(
        context, "overview.html", counts=counts, broken=broken, has_mailbox=has_mailbox, is_set_up=not set_up
    )


def count(session: Session, now: datetime, tick_seconds: int) -> OverviewCounts:
    """Count as of `now` (UTC). The function behind the page to which a number leads counts it."""
    by_state = letters_by_state(session)
    pulse = read_pulse(session, now=now, tick_seconds=tick_seconds)
    return OverviewCounts(
        tasks=count_open(session, now),
        sent=letters_sent_today(session, now),
        letters_waiting=letters_waiting(session),
        letters_dead=sum(by_state[state] for state in DEAD),
        alerts=sum(open_alerts(session).values()),
        year_to_enter=year_to_enter(session, local_date(now)),
        last_tick=pulse.last_at,
        clock=pulse.state(now),
    )


@router.get("/admin/check-up")
def check_up(context: MayRunJobs) -> HTMLResponse:
    """Show what `dondoc doctor` finds now. Nothing is changed or sent."""
    engine = context.site.engine.execution_options(reading_only=True)
    findings = list(examine(CheckedInstallation(context.settings, context.now, engine=engine)))
    return admin_page(
        context,
        "check_up.html",
        findings=sorted(findings, key=lambda finding: list(State).index(finding.state), reverse=True),
        titles={check.name: check.title for check in checks()},
        states=STATE_WORDS,
        marks=_MARKS,
        has_trouble=any(finding.state is not State.OK for finding in findings),
    )
