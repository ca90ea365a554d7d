"""The review: the text on one side, its duties on the other; each is accepted, corrected, split, merged or dropped."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.directives.directive import DutyKind, Urgency
from models.directives.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.directives.template import DayOfPeriod
from models.errors import BadInput, DondocError, NotFound
from models.i18n import Words, _
from models.organization.unit import UnitKind
from models.text.localtime import local_date, read_day
from models.words import duty_words
from web.api.files import SAFE
from web.intake.exchange_part import decide_due
from web.intake.marked import FIELD_WORDS, cut
from web.intake.meaning import say_whom
from web.intake.theirs import theirs
from web.request.deadline_words import EVERY_WORDS, MONTH_WORDS, preset_words, rule_words
from web.request.file_signatures import show_signatures
from web.request.request_context import Posted, RequestContext, Signed, text
from web.request.word_filters import duty_name
from workflows.access.conflict import Conflict, mark_of, refuse_changed
from workflows.delivery.edxml.answers import discard
from workflows.delivery.edxml.messages_view import message_lines
from workflows.intake.edxml.spoken_of import cited_by, messages_of, still_under_review
from workflows.intake.review.amends import FATE_WORDS, compare
from workflows.intake.review.confirm_reading import confirm_reading
from workflows.intake.review.correct_reading import (
    Corrected,
    add,
    correct,
    correct_document,
    decide,
    find_duty,
    merge,
    open_intake,
    refuse_unsettled,
    settle_times,
    split,
)
from workflows.intake.review.match import HOW_WORDS, How, load_matcher
from workflows.intake.review.propose_template import PERIODIC, day_of_period, period_of_duty, read_rule
from workflows.intake.review.said import proposed_due
from workflows.intake.review.store_reading import NO_DATE, last_day, proposed_duties, stated_time, unsettled_times
from workflows.intake.review.unclear import see_words, unseen
from workflows.intake.source_files import open_source, source_files
from workflows.intake.text.reading import Reason
from workflows.templates.typed_task import KINDS

router = APIRouter(prefix="/intake")
STATE_WORDS = {
    ProposalState.PROPOSED: _("to be confirmed"),
    ProposalState.CONFIRMED: _("confirmed"),
    ProposalState.DROPPED: _("left out"),
}
MARKS = {ProposalState.PROPOSED: "waiting", ProposalState.CONFIRMED: "done", ProposalState.DROPPED: "calm"}
_TYPED = (
    *("do", "duty", "path", "title", "duty_kind", "addressees", "partners", "due_on", "every", "reports_to", "result"),
    *("period_day", "period_month"),
    *("reason", "no_time", "begins_with", "second_path", "words", "new_path", "seen"),
)
_ON_ALL = ("conclude", "drop", "confirm-all")
_DOCUMENT = ("kind", "number", "issued_on", "issuer", "subject", "urgency")


@router.api_route("/{intake_id}", methods=["GET", "HEAD"])
def review_page(intake_id: UUID, context: Signed, duty: str = "") -> Response:
    """Return one document, with one of its duties chosen: the one in the address, else the first that is not
    decided.
    """
    return _page(context, intake_id, duty)


@router.get("/{intake_id}/files/{file_id}")
def source_file(intake_id: UUID, file_id: UUID, context: Signed) -> FileResponse:
    """Return a file of the document as it came, to be saved."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        file, path = open_source(source_files(session, intake.id), file_id, context.settings)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)


@router.post("/{intake_id}")
def change_document(intake_id: UUID, context: Signed, form: Posted) -> Response:
    """Return a deed on the whole document: its fields, a duty more, all confirmed, whom a name means, concluded, put
    aside.
    """
    do = text(form, "do")
    back = f"/intake/{intake_id.hex}"
    try:
        with context.transaction() as session:
            intake = open_intake(session, context.principal, intake_id, to_write=True)
            if do in _ON_ALL:
                seen = text(form, "seen")
                refuse_changed(seen, intake, *proposed_duties(session, intake), what=_("this document"))
            if do == "conclude":
                directive = confirm_reading(session, intake, actor=context.person, now=context.now)
                return context.go(
                    f"/launch/{directive.code}", _("The document is a directive now. Choose what to launch.")
                )
            if do == "drop":
                reason = text(form, "reason")
                discard(session, context.settings, intake, actor=context.person, reason=reason, now=context.now)
                return context.go("/intake", _("The document was discarded."))
            chosen = _change(session, context, intake, do, form)
    except NotFound:
        raise
    except DondocError as error:
        return _page(context, intake_id, text(form, "duty"), error, typed=_typed(form))
    return context.go(f"{back}?duty={chosen}#chosen" if chosen else back)


def _change(session: Session, context: RequestContext, intake: Intake, do: str, form: FormData) -> str:
    """Do it; gives the path of the duty that is looked at next."""
    chosen = text(form, "duty")
    if do == "due":
        decide_due(session, context, intake, form)
    elif do == "document":
        refuse_changed(text(form, "seen"), intake, what=_("this document"))
        day = text(form, "issued_on")
        given = {name: text(form, name) for name in _DOCUMENT}
        issued_on = read_day(_("date of the document"), day) if day else None
        correct_document(intake, given, issued_on, local_date(context.now))
    elif do == "add":
        chosen = add(session, intake, words=text(form, "words"), path=text(form, "new_path")).path
    elif do == "confirm-all":
        waiting = [one for one in proposed_duties(session, intake) if one.state is ProposalState.PROPOSED]
        held = [one for one in waiting if unsettled_times(one) or unseen(one.findings)]
        if held and len(held) == len(waiting):
            refuse_unsettled(held[0])
        decide([one for one in waiting if one not in held], ProposalState.CONFIRMED)
        chosen = held[0].path if held else chosen
    elif do == "see":
        begins, ends = _number(form, "begins"), _number(form, "ends")
        duties = proposed_duties(session, intake)
        see_words(intake, duties, begins, ends, person_id=context.person.id, now=context.now)
    elif do == "teach":
        say_whom(session, context, form)
    else:
        raise NotFound("there is no such page")
    return chosen


@router.post("/{intake_id}/duties/{duty_id}")
def change_duty(intake_id: UUID, duty_id: UUID, context: Signed, form: Posted) -> Response:
    """Return a deed on one duty; goes on to the next that is not decided."""
    try:
        with context.transaction() as session:
            intake = open_intake(session, context.principal, intake_id, to_write=True)
            duty = find_duty(session, intake, duty_id)
            deed = _DEEDS.get(text(form, "do"))
            if deed is None:
                raise NotFound("there is no such page")
            refuse_changed(text(form, "seen"), duty, what=duty_words(duty.path))
            before = stated_time(duty)
            deed(session, intake, duty, form)
            if form.get("path") is not None:
                _settle(context, duty, form, before)
            if text(form, "do") == "confirm":
                decide([duty], ProposalState.CONFIRMED)
            session.flush()
            chosen = _next(proposed_duties(session, intake), duty)
    except NotFound:
        raise
    except DondocError as error:
        with context.reading() as session:
            there = session.get(ProposedDuty, duty_id)
        if there is None:
            return _page(context, intake_id, "", error)
        return _page(context, intake_id, there.path, error, typed=_typed(form))
    return context.go(f"/intake/{intake_id.hex}?duty={chosen}#chosen")


def _save(session: Session, intake: Intake, duty: ProposedDuty, form: FormData) -> None:
    kind, every, due = text(form, "duty_kind"), text(form, "every"), text(form, "due_on")
    if kind not in set(DutyKind):
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field=_("kind"), value=kind, allowed=list(DutyKind)
        )
    if every not in ("", *EVERY_WORDS):
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field=_("how often"), value=every, allowed=list(EVERY_WORDS)
        )
    given = Corrected(
        path=text(form, "path"),
        title=text(form, "title"),
        kind=DutyKind(kind),
        addressees=text(form, "addressees").splitlines(),
        partners=text(form, "partners").splitlines(),
        due_on=read_day(_("date"), due) if due else None,
        every=every,
        of_period=_of_period(form),
        reports_to=text(form, "reports_to"),
        result=text(form, "result"),
    )
    correct(session, intake, duty, given)
    duty.state = ProposalState.PROPOSED


def _of_period(form: FormData) -> DayOfPeriod | None:
    """Return the day of each period that the form names; None for the usual days."""
    day, month = text(form, "period_day"), text(form, "period_month") or "0"
    if not day:
        return None
    if not day.isdecimal() or not 1 <= int(day) <= 31:
        raise BadInput("{field} {value}: expected a day from 1 to 31", field=_("day of the period"), value=day)
    if month not in MONTH_WORDS:
        raise BadInput(
            "{field} {value}: expected one of {allowed}",
            field=_("month of that day"),
            value=month,
            allowed=list(MONTH_WORDS),
        )
    return DayOfPeriod(day=int(day), months_before=int(month))


def _confirm(session: Session, intake: Intake, duty: ProposedDuty, form: FormData) -> None:
    if form.get("path") is not None:  # with its fields, as they are in the form
        _save(session, intake, duty, form)


def _settle(context: RequestContext, duty: ProposedDuty, form: FormData, before: str) -> None:
    """Keep what somebody says of words of time that were not read: a day that they set now, or a tick."""
    now_stated = stated_time(duty)
    if text(form, "no_time"):
        settle_times(duty, means=NO_DATE, person_id=context.person.id, now=context.now)
    elif now_stated not in (before, NO_DATE):
        settle_times(duty, means=now_stated, person_id=context.person.id, now=context.now)


def _drop(_session: Session, _intake: Intake, duty: ProposedDuty, _form: FormData) -> None:
    duty.state = ProposalState.DROPPED


def _open_again(_session: Session, _intake: Intake, duty: ProposedDuty, _form: FormData) -> None:
    duty.state = ProposalState.PROPOSED


def _split(session: Session, intake: Intake, duty: ProposedDuty, form: FormData) -> None:
    split(session, intake, duty, begins_with=text(form, "begins_with"), path=text(form, "second_path"))


def _merge(session: Session, intake: Intake, duty: ProposedDuty, form: FormData) -> None:
    duties = proposed_duties(session, intake)
    place = [one.id for one in duties].index(duty.id)
    if place + 1 == len(duties):
        raise BadInput("{duty}: there is none after it to be merged with", duty=duty_words(duty.path))
    after = duties[place + 1]
    refuse_changed(text(form, "seen_next"), after, what=duty_words(after.path))
    merge(session, duty, after)


_DEEDS: dict[str, Callable[[Session, Intake, ProposedDuty, FormData], None]] = {
    "save": _save,
    "confirm": _confirm,
    "drop": _drop,
    "open": _open_again,
    "split": _split,
    "merge": _merge,
}


def _next(duties: list[ProposedDuty], duty: ProposedDuty) -> str:
    """Return the duty itself while it is to be confirmed, else the next one that is, else itself."""
    if duty.state is ProposalState.PROPOSED:
        return duty.path
    place = next((n for n, one in enumerate(duties) if one.id == duty.id), 0)
    turns = [*duties[place + 1 :], *duties[:place]]
    return next((one.path for one in turns if one.state is ProposalState.PROPOSED), duty.path)


def _rule(duty: ProposedDuty, language: str) -> Words | None:
    """Return the duty's deadline in words, as its template will tell it; None where it has none."""
    if duty.kind in PERIODIC:
        period = period_of_duty(duty)
        return preset_words(period) if period else None
    return rule_words(read_rule(duty.deadline), language) if duty.deadline else None


def _number(form: FormData, name: str) -> int:
    given = text(form, name)
    return int(given) if given.isdecimal() and len(given) < 10 else -1


def _typed(form: FormData) -> dict[str, str]:
    return {name: text(form, name) for name in _TYPED}


def _page(
    context: RequestContext,
    intake_id: UUID,
    path: str,
    error: DondocError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        duties = proposed_duties(session, intake)
        files = source_files(session, intake.id)
        matcher = load_matcher(session)
        messages = messages_of(session, intake.id)
        lines = message_lines(session, [intake.id]) if messages else []
        amendments = compare(session, context.principal, intake, duties, cited_by(session, messages))
        spoken_of = still_under_review(session, intake, messages)
    chosen = next((one for one in duties if one.path == path), None)
    if chosen is None:
        chosen = next((one for one in duties if one.state is ProposalState.PROPOSED), duties[0] if duties else None)
    meant = [(one.id, found) for one in duties for found in matcher.all_of(one.addressees)]
    place = duties.index(chosen) if chosen else 0
    is_retyped = bool(typed and typed["do"] in ("save", "confirm"))
    is_stale = isinstance(error, Conflict)

    def words(table: Any) -> list[tuple[str, str]]:
        return [(str(one), context.words(said)) for one, said in table.items()]

    return context.page(
        "intake/review.html",
        context.fault(error) if error else 200,
        error=error,
        intake=intake,
        files=files,
        signed=show_signatures(context, context.language, files),
        typed=typed or dict.fromkeys(_TYPED, ""),
        is_retyped=is_retyped,
        theirs=theirs(context, chosen, typed) if typed and chosen and is_retyped and is_stale else [],
        seen_document=mark_of(intake),
        seen_all=mark_of(intake, *duties),
        seen=typed["seen"] if typed and is_retyped and not is_stale else mark_of(chosen) if chosen else "",
        seen_next=mark_of(duties[place + 1]) if duties[place + 1 :] else "",
        duties=duties,
        chosen=chosen,
        is_open=intake.state is IntakeState.OPEN,
        before=duties[place - 1].path if place else "",
        after=duties[place + 1].path if duties[place + 1 :] else "",
        pieces=cut(intake.text, duties, chosen),
        leads=matcher.all_of(chosen.addressees) if chosen else [],
        partners=matcher.all_of(chosen.partners, leading=False) if chosen else [],
        unread=unsettled_times(chosen) if chosen else [],
        of_period=day_of_period(chosen) if chosen else None,
        month_words=words(MONTH_WORDS),
        held={one.id for one in duties if unsettled_times(one)},
        unclear_ones={one.id for one in duties if unseen(one.findings)},
        unknown={duty_id for duty_id, found in meant if not found.selectors},
        doubtful={duty_id for duty_id, found in meant if found.beyond or found.how is How.ALIKE},
        groups=matcher.groups(),
        amendments=amendments,
        messages=lines,
        came=next((one for one in messages if not one.code), None),
        spoken_of=[one for one in spoken_of if one.coordinating_unit_id in context.principal.speaks_for],
        proposed_due=proposed_due(intake),
        takes_part=context.settings.edxml is not None,
        fate_words=FATE_WORDS,
        last_day=last_day(chosen) if chosen else None,
        rule=_rule(chosen, context.language) if chosen else None,
        waiting=sum(one.state is ProposalState.PROPOSED for one in duties),
        confirmed=sum(one.state is ProposalState.CONFIRMED for one in duties),
        unit_kinds=words(UnitKind.labels()),
        kinds=words(DutyKind.labels()),
        everies=words(EVERY_WORDS),
        urgencies=words(Urgency.labels()),
        kinds_of_document=[(one, one) for one in KINDS],
        state_words=STATE_WORDS,
        marks=MARKS,
        how_words=HOW_WORDS,
        field_words=FIELD_WORDS,
        periodic=PERIODIC,
        duty_name=duty_name,
        taught=matcher.taught,
        reason_words=lambda told: Reason(told).label,
    )
