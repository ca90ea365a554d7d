"""The contents of the review page: the duties that need attention first, and the chosen duty beside its words.

Of the chosen duty it shows which of the "6 rõ" are given: the six things that a clear assignment says.
"""

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
from web.intake.review_form import ReviewForm, changed_fields, form_of
from web.request.page_frame import options
from web.request.request_context import RequestContext
from web.request.template_words import EVERY_WORDS, MONTH_WORDS, SENSE_WORDS, preset_words, rule_words
from web.request.word_filters import duty_name
from web.signatures.file_signatures import show_signatures
from web.worklists.file_view import FRAMED
from workflows.access.conflict import Conflict, mark_of
from workflows.intake.review.amends import CitedDocument, compare_amendments
from workflows.intake.review.certainty import BLOCKING, HELD_BACK, Unsure, clear_of, unsure_of
from workflows.intake.review.correct_reading import open_intake
from workflows.intake.review.match import Matcher, load_matcher
from workflows.intake.review.propose_template import PERIODIC, period_of_duty, read_rule
from workflows.intake.review.store_reading import last_day, proposed_due, proposed_duties, unsettled_times
from workflows.intake.review.unclear import LEFT_UNREAD, place_words
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
"""The field of the form for each of the six things that a clear assignment says."""


@dataclass(frozen=True)
class _Group:
    title: str
    duties: Sequence[ProposedDuty]


def _groups(duties: Sequence[ProposedDuty], unsure: Mapping[UUID, Sequence[Unsure]]) -> list[_Group]:
    """Return the duties in groups, those that need attention first. Empty groups are left out."""
    waiting = [duty for duty in duties if duty.state is ProposalState.PROPOSED]
    groups = (
        _Group(_("Need your attention"), [duty for duty in waiting if unsure[duty.id]]),
        _Group(_("Certain, to be confirmed"), [duty for duty in waiting if not unsure[duty.id]]),
        _Group(_("Confirmed"), [duty for duty in duties if duty.state is ProposalState.CONFIRMED]),
        _Group(_("Left out"), [duty for duty in duties if duty.state is ProposalState.DROPPED]),
    )
    return [group for group in groups if group.duties]


def _rule(duty: ProposedDuty, language: str) -> Words | None:
    """Return the deadline in the words that the duty's template will use, or None if there is none."""
    if duty.kind in PERIODIC:
        period = period_of_duty(duty)
        return preset_words(period) if period else None
    return rule_words(read_rule(duty.deadline), language) if duty.deadline else None


class IntakeMessages(NamedTuple):
    """The messages of the document exchange that brought a document, cite it or mention it."""

    lines: Sequence[Any] = ()
    cited: Sequence[CitedDocument] = ()
    brought_by: Any = None
    mentioned: Sequence[Intake] = ()


MESSAGES: Place[Callable[[Session, Intake], IntakeMessages]] = Place("intake.messages")


def show_review(
    context: RequestContext,
    intake_id: UUID,
    path: str,
    error: DondocError | None = None,
    typed: ReviewForm | None = None,
) -> Response:
    """Show a document with one of its duties chosen: the one with this path, or the first that needs attention."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        duties = proposed_duties(session, intake)
        files = source_files(session, intake.id)
        matcher = load_matcher(session)
        messages = read_messages(session, intake) if (read_messages := MESSAGES.only) else IntakeMessages()
        amendments = compare_amendments(session, context.principal, intake, duties, messages.cited)
        calendar = context.calendar(session)
    unsure = {duty.id: unsure_of(duty, matcher) for duty in duties}
    groups = _groups(duties, unsure)
    ordered = [duty for group in groups for duty in group.duties]
    chosen = next((duty for duty in duties if duty.path == path), ordered[0] if ordered else None)
    due_on = last_day(chosen) if chosen else None
    speaks_for = context.principal.speaks_for
    return context.page(
        "intake/review.html",
        error=error,
        intake=intake,
        files=files,
        signed=show_signatures(context, context.language, files),
        typed=typed or ReviewForm(),
        asks_of_document=_asks_of_document(intake, typed),
        seen_document=mark_of(intake),
        seen_all=mark_of(intake, *duties),
        groups_of_duties=groups,
        duties=duties,
        is_open=intake.state is IntakeState.OPEN,
        pieces=cut(intake.text, duties, chosen),
        unsure=unsure,
        why_off=calendar.why_off(due_on) if due_on else None,
        last_day=due_on,
        groups=matcher.groups(),
        taught=matcher.taught,
        amendments=amendments,
        messages=messages.lines,
        brought_by=messages.brought_by,
        mentioned=[other for other in messages.mentioned if other.coordinating_unit_id in speaks_for],
        proposed_due=proposed_due(intake),
        left_unread=[finding for finding in intake.findings if finding["field"] == LEFT_UNREAD],
        takes_part=context.settings.edxml is not None,
        **_count_duties(duties, unsure),
        **_chosen_facts(context, chosen, matcher),
        **_neighbours(chosen, duties, ordered),
        **_form_facts(context, chosen, typed, is_stale=isinstance(error, Conflict)),
        **_words_and_choices(context),
    )


def _asks_of_document(intake: Intake, typed: ReviewForm | None) -> bool:
    """Return True if the fields of the document itself need attention, or have just been sent."""
    is_unclear = any("unclear" in finding and "seen" not in finding for finding in intake.findings)
    return not intake.issuer or not intake.subject or is_unclear or bool(typed and typed.do == "document")


def _count_duties(duties: Sequence[ProposedDuty], unsure: Mapping[UUID, Sequence[Unsure]]) -> dict[str, Any]:
    waiting = [unsure[duty.id] for duty in duties if duty.state is ProposalState.PROPOSED]
    return {
        "waiting": len(waiting),
        "certain": sum(not reasons for reasons in waiting),
        "blocked": sum(not HELD_BACK.isdisjoint(reasons) for reasons in waiting),
        "confirmed": sum(duty.state is ProposalState.CONFIRMED for duty in duties),
    }


def _chosen_facts(context: RequestContext, chosen: ProposedDuty | None, matcher: Matcher) -> dict[str, Any]:
    leads = matcher.all_of(chosen.addressees) if chosen else []
    return {
        "chosen": chosen,
        "leads": leads,
        "partners": matcher.all_of(chosen.partners, leading=False) if chosen else [],
        "clear": clear_of(chosen, leads) if chosen else [],
        "unread": unsettled_times(chosen) if chosen else [],
        "rule": _rule(chosen, context.language) if chosen else None,
    }


def _neighbours(
    chosen: ProposedDuty | None, duties: Sequence[ProposedDuty], ordered: Sequence[ProposedDuty]
) -> dict[str, Any]:
    """Return the duties before and after the chosen one on the page, and the one that follows it in the document."""
    place = ordered.index(chosen) if chosen else 0
    following = duties[duties.index(chosen) + 1 :] if chosen else []
    return {
        "before": ordered[place - 1].path if place else "",
        "after": ordered[place + 1].path if ordered[place + 1 :] else "",
        "merges_with": following[0].path if following else "",
        "seen_next": mark_of(following[0]) if following else "",
    }


def _form_facts(
    context: RequestContext, chosen: ProposedDuty | None, typed: ReviewForm | None, *, is_stale: bool
) -> dict[str, Any]:
    """Return the form of the chosen duty: as it was typed if it was refused, else with the stored values."""
    if chosen is None:
        return {"shown": None, "seen": "", "theirs": []}
    if typed is None or typed.do not in ("save", "confirm"):
        return {"shown": form_of(chosen), "seen": mark_of(chosen), "theirs": []}
    if not is_stale:
        return {"shown": typed, "seen": typed.seen, "theirs": []}
    return {"shown": typed, "seen": mark_of(chosen), "theirs": changed_fields(context, chosen, typed)}


def _words_and_choices(context: RequestContext) -> dict[str, Any]:
    return {
        "six": SIX,
        "blocking": BLOCKING,
        "framed": FRAMED,
        "month_words": options(MONTH_WORDS.items(), context),
        "sense_words": options(SENSE_WORDS.items(), context),
        "unit_kinds": options(UnitKind.labels().items(), context),
        "kinds": options(DutyKind.labels().items(), context),
        "everies": options(EVERY_WORDS.items(), context),
        "urgencies": options(Urgency.labels().items(), context),
        "kinds_of_document": [(kind, kind) for kind in KINDS],
        "field_words": FIELD_WORDS,
        "lit_fields": _LIT_FIELDS,
        "duty_name": duty_name,
        "place_words": place_words,
        "reason_words": lambda reason: ReadingReason(reason).label,
    }


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
"""The fields that the legend above the text explains."""


@dataclass(frozen=True)
class ReviewPiece:
    """A stretch of text: the path of its duty ("" for none), and the fields that were read from it."""

    text: str
    path: str
    is_chosen: bool
    fields: tuple[str, ...]


def cut(text: str, duties: Sequence[ProposedDuty], chosen: ProposedDuty | None) -> list[ReviewPiece]:
    """Return the whole text in pieces. Only the findings of the chosen duty are marked, inherited ones too."""
    shown = [duty for duty in duties if duty.state is not ProposalState.DROPPED or duty is chosen]
    findings = chosen.findings if chosen else []
    edges = {0, len(text)}
    edges.update(edge for duty in shown for edge in (duty.begins, duty.ends))
    edges.update(edge for finding in findings for edge in (finding["begins"], finding["ends"]))
    pieces = []
    for begins, ends in pairwise(sorted(edge for edge in edges if 0 <= edge <= len(text))):
        around = [duty for duty in shown if duty.begins <= begins and ends <= duty.ends]
        is_chosen = chosen is not None and chosen in around
        owner = chosen if is_chosen else next(reversed(around), None)
        fields = [str(one["field"]) for one in findings if one["begins"] <= begins and ends <= one["ends"]]
        path = owner.path if owner else ""
        pieces.append(ReviewPiece(text[begins:ends], path, is_chosen, tuple(dict.fromkeys(fields))))
    return pieces
