"""What the review shows: what needs somebody first, the chosen duty beside its words, and the "6 rõ" of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import DutyKind, Urgency
from models.errors import DondocError
from models.i18n import Words, _
from models.intake.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.organization.unit import UnitKind
from models.rooms import Place
from web.intake.review_form import ReviewForm, form_of, set_meanwhile
from web.request.page_frame import options
from web.request.request_context import RequestContext
from web.request.template_words import EVERY_WORDS, MONTH_WORDS, SENSE_WORDS, preset_words, rule_words
from web.request.word_filters import duty_name
from web.signatures.file_signatures import show_signatures
from web.worklists.file_view import FRAMED
from workflows.access.conflict import Conflict, mark_of
from workflows.intake.review.amends import Cited, compare
from workflows.intake.review.certainty import BLOCKING, HELD_BACK, Unsure, clear_of, unsure_of
from workflows.intake.review.correct_reading import open_intake
from workflows.intake.review.match import load_matcher
from workflows.intake.review.propose_template import PERIODIC, period_of_duty, read_rule
from workflows.intake.review.store_reading import LEFT_UNREAD, last_day, proposed_due, proposed_duties, unsettled_times
from workflows.intake.review.unclear import place_words
from workflows.intake.source_files import source_files
from workflows.intake.text.reading import ReadingReason
from workflows.rules.clarity import Clear
from workflows.templates.typed_task import KINDS

SIX: Mapping[Clear, str] = {
    Clear.PEOPLE: "addressees",
    Clear.WORK: "title",
    Clear.TIME: "due_on",
    Clear.RESPONSIBILITY: "addressees",
    Clear.PRODUCT: "result",
    Clear.AUTHORITY: "reports_to",
}
"""The six things of a clear assignment, each with the field of the form that gives it."""


@dataclass(frozen=True)
class _Group:
    title: str
    duties: Sequence[ProposedDuty]


def _groups(duties: Sequence[ProposedDuty], unsure: Mapping[UUID, Sequence[Unsure]]) -> list[_Group]:
    """Return the duties in groups, what needs somebody first; empty groups are left out."""
    waiting = [one for one in duties if one.state is ProposalState.PROPOSED]
    groups = (
        _Group(_("Need your attention"), [one for one in waiting if unsure[one.id]]),
        _Group(_("Certain, to be confirmed"), [one for one in waiting if not unsure[one.id]]),
        _Group(_("Confirmed"), [one for one in duties if one.state is ProposalState.CONFIRMED]),
        _Group(_("Left out"), [one for one in duties if one.state is ProposalState.DROPPED]),
    )
    return [group for group in groups if group.duties]


def _rule(duty: ProposedDuty, language: str) -> Words | None:
    """Return the duty's deadline in words, as its template will tell it; None where it has none."""
    if duty.kind in PERIODIC:
        period = period_of_duty(duty)
        return preset_words(period) if period else None
    return rule_words(read_rule(duty.deadline), language) if duty.deadline else None


class Brought(NamedTuple):
    """What is known of the messages that brought a document, or speak of it."""

    lines: Sequence[Any] = ()
    cited: Sequence[Cited] = ()
    came: Any = None
    spoken_of: Sequence[Intake] = ()


MESSAGES: Place[Callable[[Session, Intake], Brought]] = Place("intake.messages")


def show_review(
    context: RequestContext,
    intake_id: UUID,
    path: str,
    error: DondocError | None = None,
    typed: ReviewForm | None = None,
) -> Response:
    """Show a document, with one of its duties chosen: of this path, else the first that needs somebody."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        duties = proposed_duties(session, intake)
        files = source_files(session, intake.id)
        matcher = load_matcher(session)
        brought = brought_by(session, intake) if (brought_by := MESSAGES.only) else Brought()
        amendments = compare(session, context.principal, intake, duties, brought.cited)
        calendar = context.calendar(session)
    unsure = {one.id: unsure_of(one, matcher) for one in duties}
    groups = _groups(duties, unsure)
    ordered = [one for group in groups for one in group.duties]
    chosen = next((one for one in duties if one.path == path), None) or next(iter(ordered), None)
    leads = matcher.all_of(chosen.addressees) if chosen else []
    day = last_day(chosen) if chosen else None
    place = ordered.index(chosen) if chosen else 0
    at = duties.index(chosen) if chosen else 0
    is_retyped = bool(typed and typed.do in ("save", "confirm"))
    is_stale = isinstance(error, Conflict)

    return context.page(
        "intake/review.html",
        error=error,
        intake=intake,
        files=files,
        signed=show_signatures(context, context.language, files),
        typed=typed or ReviewForm(),
        shown=typed if is_retyped else form_of(chosen) if chosen else None,
        theirs=set_meanwhile(context, chosen, typed) if typed and chosen and is_retyped and is_stale else [],
        asks_of_document=_asks_of_document(intake, typed),
        seen_document=mark_of(intake),
        seen_all=mark_of(intake, *duties),
        seen=typed.seen if typed and is_retyped and not is_stale else mark_of(chosen) if chosen else "",
        seen_next=mark_of(duties[at + 1]) if duties[at + 1 :] else "",
        groups_of_duties=groups,
        duties=duties,
        chosen=chosen,
        is_open=intake.state is IntakeState.OPEN,
        before=ordered[place - 1].path if place else "",
        after=ordered[place + 1].path if ordered[place + 1 :] else "",
        merges_with=duties[at + 1].path if duties[at + 1 :] else "",
        pieces=cut(intake.text, duties, chosen),
        leads=leads,
        clear=clear_of(chosen, leads) if chosen else [],
        six=SIX,
        unsure=unsure,
        blocking=BLOCKING,
        certain=sum(one.state is ProposalState.PROPOSED and not unsure[one.id] for one in duties),
        blocked=sum(one.state is ProposalState.PROPOSED and not HELD_BACK.isdisjoint(unsure[one.id]) for one in duties),
        why_off=calendar.why_off(day) if day else None,
        framed=FRAMED,
        partners=matcher.all_of(chosen.partners, leading=False) if chosen else [],
        unread=unsettled_times(chosen) if chosen else [],
        month_words=options(MONTH_WORDS.items(), context),
        sense_words=options(SENSE_WORDS.items(), context),
        groups=matcher.groups(),
        amendments=amendments,
        messages=brought.lines,
        came=brought.came,
        spoken_of=[one for one in brought.spoken_of if one.coordinating_unit_id in context.principal.speaks_for],
        proposed_due=proposed_due(intake),
        left_unread=[one for one in intake.findings if one["field"] == LEFT_UNREAD],
        place_words=place_words,
        takes_part=context.settings.edxml is not None,
        last_day=day,
        rule=_rule(chosen, context.language) if chosen else None,
        waiting=sum(one.state is ProposalState.PROPOSED for one in duties),
        confirmed=sum(one.state is ProposalState.CONFIRMED for one in duties),
        unit_kinds=options(UnitKind.labels().items(), context),
        kinds=options(DutyKind.labels().items(), context),
        everies=options(EVERY_WORDS.items(), context),
        urgencies=options(Urgency.labels().items(), context),
        kinds_of_document=[(one, one) for one in KINDS],
        field_words=FIELD_WORDS,
        lit_fields=_LIT_FIELDS,
        duty_name=duty_name,
        taught=matcher.taught,
        reason_words=lambda told: ReadingReason(told).label,
    )


def _asks_of_document(intake: Intake, typed: ReviewForm | None) -> bool:
    """Return whether the fields of the document itself need somebody, or have just been sent."""
    is_unclear = any("unclear" in one and "seen" not in one for one in intake.findings)
    return not intake.issuer or not intake.subject or is_unclear or bool(typed and typed.do == "document")


FIELD_WORDS = {
    "addressees": _("who must act"),
    "lead": _("leads"),
    "coordinating": _("takes part"),
    "deadlines": _("date"),
    "unread": _("left unread"),
    "reports_to": _("reported to"),
    "supervisor": _("watches over it"),
    "conditional": _("condition"),
    "unread_time": _("time not understood"),
    "unclear": _("unclear number"),
    "number": _("number"),
    "issued_on": _("date of the document"),
    "issuer": _("issuer"),
    "subject": _("subject"),
    "urgency": _("urgency"),
    "kind": _("kind of document"),
    "signer": _("signer"),
    "receivers": _("receivers"),
    "answers": _("answers the document"),
    "due_on": _("deadline proposed"),
}
_LIT_FIELDS = (
    "addressees",
    "lead",
    "coordinating",
    "deadlines",
    "reports_to",
    "supervisor",
    "conditional",
    "unread_time",
)
"""What the legend over the text explains."""


@dataclass(frozen=True)
class ReviewPiece:
    """A stretch of text: the duty it belongs to ("" for none), whether that one is chosen, the fields read from it."""

    text: str
    path: str
    is_chosen: bool
    fields: tuple[str, ...]


def cut(text: str, duties: Sequence[ProposedDuty], chosen: ProposedDuty | None) -> list[ReviewPiece]:
    """Return all of the text in order. Only the chosen duty's findings are lit, those inherited from above it too."""
    shown = [one for one in duties if one.state is not ProposalState.DROPPED or one is chosen]
    findings = [(one["begins"], one["ends"], str(one["field"])) for one in (chosen.findings if chosen else [])]
    edges = {0, len(text), *(edge for one in shown for edge in (one.begins, one.ends))}
    edges |= {edge for begins, ends, _field in findings for edge in (begins, ends)}
    ordered = sorted(edge for edge in edges if 0 <= edge <= len(text))
    pieces = []
    for begins, ends in pairwise(ordered):
        inside = [one for one in shown if one.begins <= begins and ends <= one.ends]
        of_chosen = chosen is not None and chosen in inside
        owner = chosen if of_chosen else inside[-1] if inside else None
        fields = tuple(dict.fromkeys(field for first, last, field in findings if first <= begins and ends <= last))
        pieces.append(ReviewPiece(text[begins:ends], owner.path if owner else "", of_chosen, fields))
    return pieces
