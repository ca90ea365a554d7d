"""A letter looked at before it is sent: composed as the delivery would compose it, and shown on a page."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.database.run import link_key
from models.letters.letter import Letter, LetterKind
from models.organization.person import Person
from models.settings import Settings
from notifications.composing.compose import Composed, compose
from workflows.delivery.letters.letter_facts import LetterBuilder
from workflows.delivery.letters.sample_letter import Sample, SampleOf, make_sample
from workflows.organization.working_calendar import load_calendar


@dataclass(frozen=True)
class LetterPreview:
    """A letter as it would be, and the example that it is of."""

    composed: Composed
    sample: Sample


def preview_sample(
    session: Session, settings: Settings, reader: Person, of: SampleOf, *, now: datetime
) -> LetterPreview:
    """As `reader` would get the sample now. Raises as `make_sample` and `compose`."""
    letter = Letter(recipient_id=reader.id, slot=now, kind=LetterKind.ACCOUNT, topic=of.topic, not_before=now)
    calendar = load_calendar(session)
    sample = make_sample(session, of, letter, now, calendar, reader.language)
    builder = LetterBuilder(session, settings, link_key(session), now, calendar, [letter]).load()
    facts = builder.ready(letter).facts
    assert facts is not None
    return LetterPreview(compose(facts), sample)
