"""The texts of letters: which there are, and the office's own words for one, seen in letters before they count."""

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
from web.admin.letters.letter_text_words import BLOCK_WORDS, FACT_WORDS, SAMPLE_WORDS
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
class Shown:
    """An example's letter with the wording: its subject and text, and the address of its HTML."""

    name: str
    composed: Composed
    html: str


@dataclass
class Wording:
    """A wording as it is typed, and what the check found; without a fault it is seen in letters."""

    name: str
    language: str
    typed: str
    began_from: str
    fault: str = ""
    letters: list[Shown] = field(default_factory=list)

    @property
    def original(self) -> str:
        return originals(self.language)[self.name]

    @property
    def diff(self) -> list[tuple[str, str]]:
        """Against the original, word by word: kind (ins, del, same) and words."""
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


@router.get("/{name}/{of}")
def text_page(name: str, of: str, context: MayEditLetterTexts) -> HTMLResponse:
    _find(name, of)
    with context.reading() as session:
        own = usable_texts(session).get(of, {})
        kept = own.get(name, "")
        wording = _wording(context, session, name, of, kept or originals(of)[name], kept)
    return _page(context, wording)


@router.post("/{name}/{of}")
def change(name: str, of: str, context: MayEditLetterTexts, given: SentText) -> Response:
    _find(name, of)
    typed, began_from = given.text, given.began_from

    def page(error: DondocError | None) -> HTMLResponse:
        with context.reading() as session:
            return _page(context, _wording(context, session, name, of, typed, began_from), error)

    if given.do not in ("save", "restore"):
        return page(None)
    with context.submit(page) as session:
        if given.do == "save":
            save_text(session, context.principal, name, of, typed, began_from=began_from, now=context.now)
        else:
            restore_text(session, context.principal, name, of, began_from=began_from, now=context.now)
    said = _("Saved: used from the next delivery on.") if given.do == "save" else _("The original is restored.")
    return context.go(f"/admin/letter-texts/{name}/{of}", said)


@router.post("/{name}/{of}/check")
def check(name: str, of: str, context: MayEditLetterTexts, given: SentText) -> HTMLResponse:
    _find(name, of)
    with context.reading() as session:
        wording = _wording(context, session, name, of, given.text, given.began_from)
    return context.page("admin/letter_text_seen.html", wording=wording, samples=SAMPLE_WORDS)


@router.get("/{name}/{of}/html")
def letter_html(name: str, of: str, context: MayEditLetterTexts, sample: str = "", wording: str = "") -> HTMLResponse:
    _find(name, of)
    known = sample if sample in sample_names(name) else sample_names(name)[0]
    with context.reading() as session:
        own = usable_texts(session).get(of, {})
    worded = read_text(name, of, wording, own)
    return letter_frame(compose(sample_facts(known, of, own | {name: worded})).html)


def _find(name: str, of: str) -> None:
    if of not in LANGUAGES:
        raise NotFound("there is no such page")
    find_block(name, of)


def _wording(context: RequestContext, session: Session, name: str, of: str, typed: str, began_from: str) -> Wording:
    wording, own = Wording(name, of, typed, began_from), usable_texts(session).get(of, {})
    try:
        worded = read_text(name, of, typed, own)
    except DondocError as error:
        wording.fault = error.tell(context.language)
        return wording
    for sample in sample_names(name):
        composed = compose(sample_facts(sample, of, own | {name: worded}))
        asked = urlencode({"sample": sample, "wording": worded})
        wording.letters.append(Shown(sample, composed, f"/admin/letter-texts/{name}/{of}/html?{asked}"))
    return wording


def _page(context: RequestContext, wording: Wording, error: DondocError | None = None) -> HTMLResponse:
    code = context.fault(error) if error else 422 if wording.fault else 200
    facts: dict[str, Any] = {
        "block": BLOCKS[wording.name],
        "title": BLOCK_WORDS[wording.name],
        "names": [(f"{{{one}}}", FACT_WORDS[one]) for one in sorted(slots(wording.original))],
        "kinds": LetterKind.labels(),
        "samples": SAMPLE_WORDS,
        "others": [one for one in LANGUAGES if one != wording.language],
    }
    return admin_page(context, "letter_text.html", code, wording=wording, error=error, **facts)


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    old, new = before.split(), after.split()
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", " ".join(old[a:b])))
            continue
        found += [("del", " ".join(old[a:b]))] if b > a else []
        found += [("ins", " ".join(new[c:d]))] if d > c else []
    return found
