"""Composes a sample of a letter as the delivery would, to show it on a page before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.database.run import link_key
from models.organization.person import Person
from models.settings import Settings
from notifications.composing.compose import Composed, compose
from workflows.delivery.letters.letter_facts import LetterBuilder
from workflows.delivery.letters.sample_letter import Sample, SampleKey, make_sample, new_sample_letter
from workflows.organization.working_calendar import load_calendar


@dataclass(frozen=True)
class LetterPreview:
    composed: Composed
    sample: Sample


def preview_sample(
    session: Session, settings: Settings, reader: Person, key: SampleKey, *, now: datetime
) -> LetterPreview:
    """Compose the sample that `reader` would get now. Raises as `make_sample` and `compose`."""
    letter = new_sample_letter(reader, key, now)
    calendar = load_calendar(session)
    sample = make_sample(session, key, letter, now, calendar, reader.language)
    builder = LetterBuilder(session, settings, link_key(session), now, calendar, [letter]).load()
    facts = builder.ready(letter).facts
    assert facts is not None
    return LetterPreview(compose(facts), sample)
