"""The review of a document: its text on one side, its duties on the other.

Duties are confirmed, corrected, split, merged or left out. The field `do` of a form says which of these it asks for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session

from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.intake.intake import Intake, ProposalState, ProposedDuty
from models.rooms import Place
from models.text.localtime import local_date
from models.words import duty_words
from web.intake.form_fields import teach_phrase
from web.intake.review_form import ReviewForm, read_corrections
from web.intake.review_page import show_review
from web.request.given_values import int_or_none
from web.request.request_context import RequestContext, Signed
from workflows.access.conflict import refuse_changed
from workflows.intake.review.certainty import HELD_BACK, next_to_see, refuse_held, unsure_of
from workflows.intake.review.confirm_reading import confirm_reading, drop_intake
from workflows.intake.review.correct_reading import (
    add,
    correct,
    correct_document,
    decide,
    find_duty,
    merge,
    open_intake,
    settle_due,
    settle_times,
    split,
)
from workflows.intake.review.match import load_matcher
from workflows.intake.review.propose_template import refuse_unknown
from workflows.intake.review.store_reading import NO_DATE, proposed_duties, stated_time
from workflows.intake.review.unclear import see_words

router = APIRouter(prefix="/intake")
_NEED_ALL_UNCHANGED = ("conclude", "drop", "confirm-all", "confirm-certain")
_DOCUMENT_FIELDS = ("kind", "number", "issuer", "subject", "urgency")
DISCARD: Place[Callable[..., int]] = Place("intake.discard")
"""Discards a document, and tells the sender why if the document came by the exchange."""
SentReview = Annotated[ReviewForm, Depends(ReviewForm.sent)]


@router.get("/{intake_id}")
def review_page(intake_id: UUID, context: Signed, duty: str = "") -> Response:
    """Show the duty with the path `duty`, or else the first that needs attention."""
    return show_review(context, intake_id, duty)


@dataclass(frozen=True)
class _Edit:
    session: Session
    context: RequestContext
    intake: Intake
    form: ReviewForm

    @property
    def duties(self) -> Sequence[ProposedDuty]:
        return proposed_duties(self.session, self.intake)

    def address(self, duty: str = "") -> str:
        """Return the address of the review with the duty of this path chosen; by default the form's own."""
        page, path = f"/intake/{self.intake.id.hex}", duty or self.form.duty
        return f"{page}?duty={path}#chosen" if path else page


def _conclude(edit: _Edit) -> str:
    directive = confirm_reading(edit.session, edit.intake, actor=edit.context.person, now=edit.context.now)
    return f"/launch/{directive.code}"


def _discard(edit: _Edit) -> str:
    context, reason = edit.context, edit.form.reason
    if discard := DISCARD.only:
        discard(context.acting(edit.session), edit.intake, reason=reason)
    else:
        drop_intake(edit.session, edit.intake, now=context.now)
    return "/intake"


def _settle_due(edit: _Edit) -> str:
    context, take = edit.context, edit.form.take
    settle_due(edit.intake, edit.duties, take=take, person_id=context.person.id, now=context.now)
    return edit.address()


def _correct(edit: _Edit) -> str:
    refuse_changed(edit.form.seen, edit.intake, what=_("this document"))
    _correct_document(edit)
    return edit.address()


def _add(edit: _Edit) -> str:
    duty = add(edit.session, edit.intake, words=edit.form.words, path=edit.form.new_path)
    return edit.address(duty.path)


def _confirm_all(edit: _Edit) -> str:
    """Confirm all duties but those that a person must look at first, and go to the first of these."""
    matcher = load_matcher(edit.session)
    waiting = [duty for duty in edit.duties if duty.state is ProposalState.PROPOSED]
    held = [duty for duty in waiting if not HELD_BACK.isdisjoint(unsure_of(duty, matcher))]
    if held and len(held) == len(waiting):
        refuse_held(held[0], matcher)
    decide([duty for duty in waiting if duty not in held], ProposalState.CONFIRMED)
    return edit.address(held[0].path if held else "")


def _confirm_certain(edit: _Edit) -> str:
    duties, matcher = edit.duties, load_matcher(edit.session)
    certain = [duty for duty in duties if duty.state is ProposalState.PROPOSED and not unsure_of(duty, matcher)]
    decide(certain, ProposalState.CONFIRMED)
    following = next_to_see(duties, None, matcher)
    is_open = following is not None and following.state is ProposalState.PROPOSED
    return edit.address(following.path if following and is_open else "")


def _confirm_seen(edit: _Edit) -> str:
    """Record that somebody has looked at words that a scan shows unclearly, and may have corrected them."""
    context, begins, ends = edit.context, _offset(edit.form.begins), _offset(edit.form.ends)
    if edit.form.model_fields_set & {"number", "issued_on"}:
        _correct_document(edit)
    see_words(edit.intake, edit.duties, begins, ends, person_id=context.person.id, now=context.now)
    return edit.address()


def _offset(given: str) -> int:
    number = int_or_none(given)
    return -1 if number is None else number


def _teach(edit: _Edit) -> str:
    teach_phrase(edit.session, edit.context, edit.form)
    return edit.address()


def _correct_document(edit: _Edit) -> None:
    """Set the fields of the document that the form contains. The form beside a line's picture has only one."""
    intake, form = edit.intake, edit.form
    stored = {name: str(getattr(intake, name) or "") for name in _DOCUMENT_FIELDS}
    fields = stored | form.model_dump(include=set(_DOCUMENT_FIELDS), exclude_unset=True)
    issued_on = form.issued if "issued_on" in form.model_fields_set else intake.issued_on
    correct_document(intake, fields, issued_on, local_date(edit.context.now))


_ON_DOCUMENT: dict[str, Callable[[_Edit], str]] = {
    "conclude": _conclude,
    "drop": _discard,
    "due": _settle_due,
    "document": _correct,
    "add": _add,
    "confirm-all": _confirm_all,
    "confirm-certain": _confirm_certain,
    "see": _confirm_seen,
    "teach": _teach,
}
"""The changes of the whole document. Each returns the address to go to."""
_CONFIRMATIONS = {
    "conclude": _("The document is a directive now. Choose what to launch."),
    "drop": _("The document was discarded."),
}


@router.post("/{intake_id}")
def change_document(intake_id: UUID, context: Signed, form: SentReview) -> Response:
    with context.submit(
        lambda error: show_review(context, intake_id, form.duty, error, typed=form), but=NotFound
    ) as session:
        edit = _Edit(session, context, open_intake(session, context.principal, intake_id, to_write=True), form)
        if form.do not in _ON_DOCUMENT:
            raise NotFound("there is no such page")
        if form.do in _NEED_ALL_UNCHANGED:
            refuse_changed(form.seen, edit.intake, *edit.duties, what=_("this document"))
        address = _ON_DOCUMENT[form.do](edit)
    return context.go(address, _CONFIRMATIONS.get(form.do))


@dataclass(frozen=True)
class _DutyEdit(_Edit):
    duty: ProposedDuty


def _save(edit: _DutyEdit) -> None:
    """Correct the fields of the duty that the form shows.

    A new date settles the words of time that were not understood. So does the tick that says that they set no date.
    """
    duty, time_before = edit.duty, stated_time(edit.duty)
    if fields := read_corrections(duty, edit.form):
        correct(edit.session, edit.intake, duty, fields)
    duty.state = ProposalState.PROPOSED
    time = NO_DATE if edit.form.no_time else stated_time(duty)
    if edit.form.no_time or time not in (time_before, NO_DATE):
        settle_times(duty, means=time, person_id=edit.context.person.id, now=edit.context.now)


def _confirm(edit: _DutyEdit) -> None:
    _save(edit)
    refuse_unknown(edit.duty, load_matcher(edit.session).all_of(edit.duty.addressees))
    decide([edit.duty], ProposalState.CONFIRMED)


def _leave_out(edit: _DutyEdit) -> None:
    edit.duty.state = ProposalState.DROPPED


def _put_back(edit: _DutyEdit) -> None:
    edit.duty.state = ProposalState.PROPOSED


def _split(edit: _DutyEdit) -> None:
    split(edit.session, edit.intake, edit.duty, begins_with=edit.form.begins_with, path=edit.form.second_path)


def _merge(edit: _DutyEdit) -> None:
    """Merge the duty with the one that follows it."""
    duties, duty = edit.duties, edit.duty
    place = [other.id for other in duties].index(duty.id)
    if place + 1 == len(duties):
        raise BadInput("{duty}: there is none after it to be merged with", duty=duty_words(duty.path))
    following = duties[place + 1]
    refuse_changed(edit.form.seen_next, following, what=duty_words(following.path))
    merge(edit.session, duty, following)


_ON_DUTY: dict[str, Callable[[_DutyEdit], None]] = {
    "save": _save,
    "confirm": _confirm,
    "drop": _leave_out,
    "open": _put_back,
    "split": _split,
    "merge": _merge,
}


@router.post("/{intake_id}/duties/{duty_id}")
def change_duty(intake_id: UUID, duty_id: UUID, context: Signed, form: SentReview) -> Response:
    """Change one duty, and go to the next that is not decided."""
    with context.submit(
        lambda error: _show_duty_again(context, intake_id, duty_id, form, error), but=NotFound
    ) as session:
        intake = open_intake(session, context.principal, intake_id, to_write=True)
        edit = _DutyEdit(session, context, intake, form, find_duty(session, intake, duty_id))
        if form.do not in _ON_DUTY:
            raise NotFound("there is no such page")
        refuse_changed(form.seen, edit.duty, what=duty_words(edit.duty.path))
        _ON_DUTY[form.do](edit)
        session.flush()
        following = next_to_see(edit.duties, edit.duty, load_matcher(session))
        address = edit.address(following.path if following else "")
    return context.go(address)


def _show_duty_again(
    context: RequestContext, intake_id: UUID, duty_id: UUID, form: ReviewForm, error: DondocError
) -> Response:
    with context.reading() as session:
        duty = session.get(ProposedDuty, duty_id)
    if duty is None:
        return show_review(context, intake_id, "", error)
    return show_review(context, intake_id, duty.path, error, typed=form)
