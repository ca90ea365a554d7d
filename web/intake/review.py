"""The review: the text on one side, its duties on the other; each is accepted, corrected, split, merged or dropped."""

from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse, Response
from sqlmodel import Session

from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.intake.intake import FileRole, Intake, ProposalState, ProposedDuty
from models.rooms import Place
from models.text.localtime import local_date
from models.words import duty_words
from web.api.files import SAFE
from web.intake.form_fields import say_whom
from web.intake.review_form import ReviewForm, corrected
from web.intake.review_page import show_review
from web.request.request_context import RequestContext, Signed
from web.worklists.file_view import frame
from workflows.access.conflict import refuse_changed
from workflows.apart.kept_views import view
from workflows.intake.files import draw_line
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
from workflows.intake.review.unclear import lines_at, see_words
from workflows.intake.source_files import open_source, source_files

router = APIRouter(prefix="/intake")
_ON_ALL = ("conclude", "drop", "confirm-all", "confirm-certain")
_ASIDE, _ABOVE = 0.012, 0.004
"""Of the page: what is shown around a line."""
_KEPT = "private, max-age=3600"
_DOCUMENT = ("kind", "number", "issuer", "subject", "urgency")
DISCARD: Place[Callable[..., int]] = Place("intake.discard")
"""Puts a document aside, and tells why where somebody waits to hear of it."""
SentReview = Annotated[ReviewForm, Depends(ReviewForm.sent)]


@router.get("/{intake_id}")
def review_page(intake_id: UUID, context: Signed, duty: str = "") -> Response:
    """`duty` is the path of the one chosen; without it, the first that needs somebody is."""
    return show_review(context, intake_id, duty)


@router.get("/{intake_id}/files/{file_id}")
def source_file(intake_id: UUID, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        file, path = open_source(source_files(session, intake.id), file_id, context.settings)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)


@router.get("/{intake_id}/files/{file_id}/view")
def source_view(intake_id: UUID, file_id: UUID, context: Signed) -> Response:
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        file, path = open_source(source_files(session, intake.id), file_id, context.settings)
    return frame(context, file.filename, file.media_type, path)


@router.get("/{intake_id}/line")
def line_picture(
    intake_id: UUID, context: Signed, begins: Annotated[int, Query(ge=0)], ends: Annotated[int, Query(ge=1)]
) -> Response:
    """Return the picture of the printed lines in which these characters of the text stand."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        found = lines_at(intake.scan, begins, ends)
        files = source_files(session, intake.id)
    searchable = next((one for one in files if one.role is FileRole.SEARCHABLE), None)
    if found is None or searchable is None:
        raise NotFound("there is no such page")
    file, path = open_source(files, searchable.id, context.settings)
    page, (left, top, right, bottom) = found
    box = (max(0.0, left - _ASIDE), max(0.0, top - _ABOVE), min(1.0, right + _ASIDE), min(1.0, bottom + _ABOVE))
    what = f"line-{page}-{sha256(repr(box).encode()).hexdigest()[:16]}"
    drawn = view(
        context.settings.views,
        file.sha256,
        what,
        context.person.id,
        lambda: draw_line(file.filename, path.read_bytes(), page, box),
    )
    return Response(b64decode(drawn["picture"]), media_type="image/png", headers={"Cache-Control": _KEPT})


@dataclass(frozen=True)
class _Edit:
    session: Session
    context: RequestContext
    intake: Intake
    given: ReviewForm

    @property
    def duties(self) -> Sequence[ProposedDuty]:
        return proposed_duties(self.session, self.intake)

    def at(self, duty: str = "") -> str:
        """Return the address of the review, with the duty that is looked at next: another, or the same."""
        page, chosen = f"/intake/{self.intake.id.hex}", duty or self.given.duty
        return f"{page}?duty={chosen}#chosen" if chosen else page


def _conclude(edit: _Edit) -> str:
    directive = confirm_reading(edit.session, edit.intake, actor=edit.context.person, now=edit.context.now)
    return f"/launch/{directive.code}"


def _discard(edit: _Edit) -> str:
    context, reason = edit.context, edit.given.reason
    if discard := DISCARD.only:
        discard(context.acting(edit.session), edit.intake, reason=reason)
    else:
        drop_intake(edit.session, edit.intake, now=context.now)
    return "/intake"


def _settle_due(edit: _Edit) -> str:
    context, take = edit.context, edit.given.take
    settle_due(edit.intake, edit.duties, take=take, person_id=context.person.id, now=context.now)
    return edit.at()


def _correct(edit: _Edit) -> str:
    refuse_changed(edit.given.seen, edit.intake, what=_("this document"))
    _correct_document(edit.context, edit.intake, edit.given)
    return edit.at()


def _add(edit: _Edit) -> str:
    return edit.at(add(edit.session, edit.intake, words=edit.given.words, path=edit.given.new_path).path)


def _confirm_all(edit: _Edit) -> str:
    """Confirm all but those that only a person may; go on to the first of these."""
    matcher = load_matcher(edit.session)
    waiting = [one for one in edit.duties if one.state is ProposalState.PROPOSED]
    held = [one for one in waiting if not HELD_BACK.isdisjoint(unsure_of(one, matcher))]
    if held and len(held) == len(waiting):
        refuse_held(held[0], matcher)
    decide([one for one in waiting if one not in held], ProposalState.CONFIRMED)
    return edit.at(held[0].path if held else "")


def _confirm_certain(edit: _Edit) -> str:
    duties, matcher = edit.duties, load_matcher(edit.session)
    certain = [one for one in duties if one.state is ProposalState.PROPOSED and not unsure_of(one, matcher)]
    decide(certain, ProposalState.CONFIRMED)
    following = next_to_see(duties, None, matcher)
    is_open = following is not None and following.state is ProposalState.PROPOSED
    return edit.at(following.path if following and is_open else "")


def _see(edit: _Edit) -> str:
    """Take words that could not be read as looked at, put right or not."""
    context, begins, ends = edit.context, _number(edit.given.begins), _number(edit.given.ends)
    if edit.given.model_fields_set & {"number", "issued_on"}:
        _correct_document(context, edit.intake, edit.given)
    see_words(edit.intake, edit.duties, begins, ends, person_id=context.person.id, now=context.now)
    return edit.at()


def _teach(edit: _Edit) -> str:
    say_whom(edit.session, edit.context, edit.given)
    return edit.at()


_ON_DOCUMENT: dict[str, Callable[[_Edit], str]] = {
    "conclude": _conclude,
    "drop": _discard,
    "due": _settle_due,
    "document": _correct,
    "add": _add,
    "confirm-all": _confirm_all,
    "confirm-certain": _confirm_certain,
    "see": _see,
    "teach": _teach,
}
"""What a form does to the whole document; each returns where it leads."""
_SAID = {
    "conclude": _("The document is a directive now. Choose what to launch."),
    "drop": _("The document was discarded."),
}


@router.post("/{intake_id}")
def change_document(intake_id: UUID, context: Signed, given: SentReview) -> Response:
    with context.submit(
        lambda error: show_review(context, intake_id, given.duty, error, typed=given), but=NotFound
    ) as session:
        edit = _Edit(session, context, open_intake(session, context.principal, intake_id, to_write=True), given)
        if given.do not in _ON_DOCUMENT:
            raise NotFound("there is no such page")
        if given.do in _ON_ALL:
            refuse_changed(given.seen, edit.intake, *edit.duties, what=_("this document"))
        to = _ON_DOCUMENT[given.do](edit)
    return context.go(to, _SAID.get(given.do))


def _correct_document(context: RequestContext, intake: Intake, sent: ReviewForm) -> None:
    """Set the fields of the document that the form contains; beside the picture of a line it is only one."""
    kept = {name: str(getattr(intake, name) or "") for name in _DOCUMENT}
    given = kept | sent.model_dump(include=set(_DOCUMENT), exclude_unset=True)
    day = sent.issued if "issued_on" in sent.model_fields_set else intake.issued_on
    correct_document(intake, given, day, local_date(context.now))


@dataclass(frozen=True)
class _DutyEdit(_Edit):
    duty: ProposedDuty


def _save(edit: _DutyEdit) -> None:
    """Correct what the form shows of the duty. Words of time that were not read are settled by a day that is set now,
    or by the tick that says that they set none.
    """
    duty, before = edit.duty, stated_time(edit.duty)
    if fields := corrected(duty, edit.given):
        correct(edit.session, edit.intake, duty, fields)
    duty.state = ProposalState.PROPOSED
    now_stated = NO_DATE if edit.given.no_time else stated_time(duty)
    if edit.given.no_time or now_stated not in (before, NO_DATE):
        settle_times(duty, means=now_stated, person_id=edit.context.person.id, now=edit.context.now)


def _confirm(edit: _DutyEdit) -> None:
    _save(edit)
    refuse_unknown(edit.duty, load_matcher(edit.session).all_of(edit.duty.addressees))
    decide([edit.duty], ProposalState.CONFIRMED)


def _leave_out(edit: _DutyEdit) -> None:
    edit.duty.state = ProposalState.DROPPED


def _put_back(edit: _DutyEdit) -> None:
    edit.duty.state = ProposalState.PROPOSED


def _split(edit: _DutyEdit) -> None:
    split(edit.session, edit.intake, edit.duty, begins_with=edit.given.begins_with, path=edit.given.second_path)


def _merge(edit: _DutyEdit) -> None:
    """Merge it with the one that follows it."""
    duties, duty = edit.duties, edit.duty
    place = [one.id for one in duties].index(duty.id)
    if place + 1 == len(duties):
        raise BadInput("{duty}: there is none after it to be merged with", duty=duty_words(duty.path))
    after = duties[place + 1]
    refuse_changed(edit.given.seen_next, after, what=duty_words(after.path))
    merge(edit.session, duty, after)


_ON_DUTY: dict[str, Callable[[_DutyEdit], None]] = {
    "save": _save,
    "confirm": _confirm,
    "drop": _leave_out,
    "open": _put_back,
    "split": _split,
    "merge": _merge,
}
"""What a form does to one duty."""


@router.post("/{intake_id}/duties/{duty_id}")
def change_duty(intake_id: UUID, duty_id: UUID, context: Signed, given: SentReview) -> Response:
    """Do one thing to one duty, and go on to the next that is not decided."""
    with context.submit(lambda error: _duty_again(context, intake_id, duty_id, given, error), but=NotFound) as session:
        intake = open_intake(session, context.principal, intake_id, to_write=True)
        edit = _DutyEdit(session, context, intake, given, find_duty(session, intake, duty_id))
        if given.do not in _ON_DUTY:
            raise NotFound("there is no such page")
        refuse_changed(given.seen, edit.duty, what=duty_words(edit.duty.path))
        _ON_DUTY[given.do](edit)
        session.flush()
        chosen = next_to_see(edit.duties, edit.duty, load_matcher(session))
        to = edit.at(chosen.path if chosen else "")
    return context.go(to)


def _duty_again(
    context: RequestContext, intake_id: UUID, duty_id: UUID, given: ReviewForm, error: DondocError
) -> Response:
    with context.reading() as session:
        duty = session.get(ProposedDuty, duty_id)
    if duty is None:
        return show_review(context, intake_id, "", error)
    return show_review(context, intake_id, duty.path, error, typed=given)


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 10 else -1
