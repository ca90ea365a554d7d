"""The texts of letters: the list, and the office's own wording of one, shown in sample letters before it is saved."""

import difflib
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.errors import DondocError, NotFound
from models.i18n import LANGUAGES, _
from models.letters.letter import LetterKind
from notifications.composing.compose import Composed, compose
from notifications.composing.sample_facts import sample_facts, sample_names
from notifications.composing.texts import BLOCKS, originals, slots
from web.letters.letter_frame import letter_frame
from web.request.form_input import FormInput
from web.request.having_right import MayEditLetterTexts
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from workflows.delivery.letters.letter_texts import find_block, read_text, restore_text, save_text, usable_texts

router = APIRouter(prefix="/admin/letter-texts")


class LetterTextForm(FormInput):
    do: str = ""
    text: str = ""
    began_from: str = ""


SentText = Annotated[LetterTextForm, Depends(LetterTextForm.sent)]


@dataclass(frozen=True)
class ShownExample:
    name: str
    composed: Composed
    html: str


@dataclass
class Wording:
    """A wording as it is typed, and the result of its check: a fault, or sample letters that use it."""

    name: str
    language: str
    typed: str
    began_from: str
    fault: str = ""
    letters: list[ShownExample] = field(default_factory=list)

    @property
    def original(self) -> str:
        return originals(self.language)[self.name]

    @property
    def diff(self) -> list[tuple[str, str]]:
        """The difference from the original, as kinds (ins, del, same) and words."""
        return word_diff(self.original, " ".join(self.typed.split()))


@router.get("")
def texts_page(context: MayEditLetterTexts) -> HTMLResponse:
    with context.reading() as session:
        own = usable_texts(session)
    return admin_page(
        context,
        "letter_texts.html",
        blocks=BLOCKS.values(),
        own=own,
        originals=originals,
        languages=LANGUAGES,
        words=BLOCK_WORDS,
        kinds=LetterKind.labels(),
    )


@router.get("/{name}/{language}")
def text_page(name: str, language: str, context: MayEditLetterTexts) -> HTMLResponse:
    _refuse_unknown(name, language)
    with context.reading() as session:
        own_text = usable_texts(session).get(language, {}).get(name, "")
        text = own_text or originals(language)[name]
        wording = _check_wording(context, session, Wording(name, language, text, began_from=own_text))
    return _page(context, wording)


@router.post("/{name}/{language}")
def change(name: str, language: str, context: MayEditLetterTexts, form: SentText) -> Response:
    _refuse_unknown(name, language)
    typed, began_from = form.text, form.began_from

    def page(error: DondocError | None) -> HTMLResponse:
        with context.reading() as session:
            wording = _check_wording(context, session, Wording(name, language, typed, began_from))
            return _page(context, wording, error)

    if form.do not in ("save", "restore"):
        return page(None)
    with context.submit(page) as session:
        if form.do == "save":
            save_text(session, context.principal, name, language, typed, began_from=began_from, now=context.now)
        else:
            restore_text(session, context.principal, name, language, began_from=began_from, now=context.now)
    message = _("Saved: used from the next delivery on.") if form.do == "save" else _("The original is restored.")
    return context.go(f"/admin/letter-texts/{name}/{language}", message)


@router.post("/{name}/{language}/check")
def check(name: str, language: str, context: MayEditLetterTexts, form: SentText) -> HTMLResponse:
    _refuse_unknown(name, language)
    with context.reading() as session:
        wording = _check_wording(context, session, Wording(name, language, form.text, form.began_from))
    return context.page("admin/letter_text_seen.html", wording=wording, samples=SAMPLE_WORDS)


@router.get("/{name}/{language}/html")
def letter_html(
    name: str, language: str, context: MayEditLetterTexts, sample: str = "", wording: str = ""
) -> HTMLResponse:
    _refuse_unknown(name, language)
    shown_sample = sample if sample in sample_names(name) else sample_names(name)[0]
    with context.reading() as session:
        own_texts = usable_texts(session).get(language, {})
    text = read_text(name, language, wording, own_texts)
    return letter_frame(compose(sample_facts(shown_sample, language, own_texts | {name: text})).html)


def _refuse_unknown(name: str, language: str) -> None:
    if language not in LANGUAGES:
        raise NotFound("there is no such page")
    find_block(name, language)


def _check_wording(context: RequestContext, session: Session, wording: Wording) -> Wording:
    name, language = wording.name, wording.language
    own_texts = usable_texts(session).get(language, {})
    try:
        text = read_text(name, language, wording.typed, own_texts)
    except DondocError as error:
        wording.fault = error.tell(context.language)
        return wording
    for sample in sample_names(name):
        composed = compose(sample_facts(sample, language, own_texts | {name: text}))
        query = urlencode({"sample": sample, "wording": text})
        href = f"/admin/letter-texts/{name}/{language}/html?{query}"
        wording.letters.append(ShownExample(sample, composed, href))
    return wording


def _page(context: RequestContext, wording: Wording, error: DondocError | None = None) -> HTMLResponse:
    code = 422 if wording.fault and not error else None
    facts: dict[str, Any] = {
        "block": BLOCKS[wording.name],
        "title": BLOCK_WORDS[wording.name],
        "names": [(f"{{{fact}}}", FACT_WORDS[fact]) for fact in sorted(slots(wording.original))],
        "kinds": LetterKind.labels(),
        "samples": SAMPLE_WORDS,
        "others": [language for language in LANGUAGES if language != wording.language],
    }
    return admin_page(context, "letter_text.html", code, wording=wording, error=error, **facts)


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    old, new = before.split(), after.split()
    pieces: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        removed, added = " ".join(old[old_start:old_end]), " ".join(new[new_start:new_end])
        if tag == "equal":
            pieces.append(("same", removed))
            continue
        if removed:
            pieces.append(("del", removed))
        if added:
            pieces.append(("ins", added))
    return pieces


BLOCK_WORDS = {
    "greeting": _("greeting"),
    "copied": _("note to recipients of a copy"),
    "difficulties": _("where obstacles are reported"),
    "closing": _("closing"),
    "signature": _("signature"),
    "footer": _("small print"),
    "reply": _("small print: how to reply"),
    "sent_already": _("small print: report sent already"),
    "subject.assigned": _("subject begins: new tasks"),
    "subject.coordinating": _("subject begins: asked to coordinate"),
    "subject.reminder": _("subject begins: reminders"),
    "subject.news": _("subject begins: news"),
    "subject.decide": _("subject begins: for decision"),
    "subject.summary": _("subject begins: weekly summary"),
    "subject.upward": _("subject begins: report upward"),
    "subject.incident": _("subject begins: incident"),
    "intro.assigned": _("opening: new tasks to lead"),
    "intro.coordinating": _("opening: asked to coordinate"),
    "intro.reminder": _("opening: reminder to the unit"),
    "intro.reminder_above": _("opening: reminder to those who follow up"),
    "intro.news": _("opening: news"),
    "intro.decide": _("opening: for decision"),
    "intro.summary": _("opening: weekly summary to the unit"),
    "intro.summary_above": _("opening: weekly summary to those who follow up"),
    "intro.upward": _("opening: report upward"),
    "intro.incident": _("opening: incident, to the unit"),
    "intro.incident_above": _("opening: incident, to those above"),
    "intro.invitation": _("opening: invitation"),
    "step.accept": _("what to do: accept"),
    "step.overdue": _("what to do: overdue"),
    "step.due_today": _("what to do: due today"),
    "step.due_soon": _("what to do: due soon"),
    "step.upward": _("what is asked of those above"),
}
FACT_WORDS = {
    "who": _("form of address, name, office"),
    "you": _("how the person is called"),
    "us": _("how the unit is called"),
    "sender": _("the unit and the person that follow up"),
    "through": _("the unit to which it is reported, where there is one"),
    "directive": _("the directive, its date and subject"),
    "directives": _("the directives"),
    "what": _("which tasks"),
    "tasks": _("how many tasks"),
    "count": _("how many"),
    "matters": _("how many matters, with its verb"),
    "need": _("verb for the number"),
    "are": _("verb for the number"),
    "time": _("as of when"),
    "more": _("the numbers that follow, where there are any"),
    "by": _("the day by which, where there is one"),
    "accept": _("“accept,” where it has not been accepted"),
}
SAMPLE_WORDS = {
    "assigned": _("new task to lead"),
    "coordinating": _("asked to coordinate"),
    "copied": _("copy of an assignment"),
    "reminder": _("reminder to the unit"),
    "reminder_above": _("reminder to those who follow up"),
    "news": _("news of an event"),
    "decide": _("something to decide"),
    "summary": _("weekly summary"),
    "summary_above": _("weekly summary to those who follow up"),
    "upward": _("report upward"),
    "incident": _("incident"),
    "incident_above": _("incident, to those above"),
    "invitation": _("invitation"),
}
