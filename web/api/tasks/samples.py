"""Letters looked at before they are sent: of a version of a template, and with a text in other words."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from models.directives.ladders import RungName
from notifications.composing.compose import compose
from notifications.composing.sample_facts import sample_facts, sample_names
from web.api.caller import Administers, Caller, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape, StrictBody
from workflows.delivery.letters.letter_preview import preview_sample
from workflows.delivery.letters.letter_texts import read_text, usable_texts
from workflows.delivery.letters.sample_letter import SampleOf, sample_of, send_sample
from workflows.rules.rights_table import Right
from workflows.templates.edit_template import open_duty

router = APIRouter(tags=["templates"], route_class=OnceRoute)
_OF_VERSION = "/directives/{code}/templates/{duty}/{version}/letter"


class SampleShape(Shape):
    """A letter as it would be."""

    subject: str
    text: str
    html: str


class SampleWanted(StrictBody):
    """At which rung."""

    rung: RungName = RungName.ASSIGNED


class SampleSent(Shape):
    """Where it goes."""

    address: str


class Trial(Body):
    """Other words for a text, to be seen in letters and not kept."""

    text: str = Field(min_length=1, max_length=2000, examples=["Trân trọng./."])


class TrialShape(SampleShape):
    """An example with the other words."""

    sample: str = Field(examples=["reminder"])


@router.get(_OF_VERSION)
def letter(code: str, duty: str, version: int, caller: Reads, rung: RungName = RungName.ASSIGNED) -> SampleShape:
    """Return the letter that a version would send at one of its rungs, for an example's task."""
    of = _sample(caller, code, duty, version, rung)
    with caller.reading() as session:
        preview = preview_sample(session, caller.settings, caller.person, of, now=caller.now)
        return SampleShape.model_validate(preview.composed)


@router.post(_OF_VERSION)
def send_letter(code: str, duty: str, version: int, body: SampleWanted, caller: Administers) -> SampleSent:
    """Send it to the caller, through the outbox."""
    of = _sample(caller, code, duty, version, body.rung)
    with caller.transaction() as session:
        address = send_sample(session, caller.person, of, now=caller.now)
    return SampleSent(address=address)


def _sample(caller: Caller, code: str, duty: str, version: int, rung: RungName) -> SampleOf:
    with caller.reading() as session:
        return sample_of(open_duty(session, caller.principal, code, duty).version(version), rung.value)


@router.post("/letter-texts/{name}/{language}/try")
def try_text(name: str, language: Literal["vi", "en"], body: Trial, caller: Reads) -> list[TrialShape]:
    """Show the letters in which a text stands, with other words for it. Nothing is kept."""
    caller.require(Right.EDIT_LETTER_TEXTS)
    with caller.reading() as session:
        own = usable_texts(session).get(language, {})
    worded = read_text(name, language, body.text, own)
    found = []
    for sample in sample_names(name):
        composed = compose(sample_facts(sample, language, own | {name: worded}))
        found.append(TrialShape.of(composed, sample=sample))
    return found
