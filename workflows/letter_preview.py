"""A letter looked at before it is sent: composed as the delivery would compose it, and shown on a page."""

from datetime import datetime

from sqlmodel import Session

from models.errors import NotFound
from models.letter import Letter, LetterKind
from models.person import Person
from models.sealing import link_key
from models.settings import Settings
from notifications.compose import Composed, compose
from workflows.calendar import load_calendar
from workflows.letter_facts import LetterDesk
from workflows.sample_letter import SampleOf


def preview_sample(session: Session, settings: Settings, reader: Person, of: SampleOf, *, now: datetime) -> Composed:
    """The sample as `reader` would get it now. NotFound where the version has no such rung; raises as `compose`."""
    letter = Letter(
        recipient_id=reader.id, slot=now, kind=LetterKind.ACCOUNT, topic=of.topic, next_attempt_at=now
    )  # fmt: skip
    key = link_key(session)
    desk = LetterDesk(session, settings, key, now, load_calendar(session), [letter]).load()
    if letter.topic not in desk.samples:
        raise NotFound("rung {rung}: this version's ladder has no such rung", rung=of.rung.value)
    facts = desk.ready(letter).facts
    assert facts is not None
    return compose(facts)
