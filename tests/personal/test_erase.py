"""A person is erased: nothing names them but what the law has an office keep, and the history is as whole as before."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from models.person import Person
from models.session import reading, rehearsal, transaction
from tests.office import Office, at, furnish
from tests.personal.life import CODE, MAIL, NAME, NEEDLES, PHONE, PLACE, TITLE, WORDS, Life
from workflows.audit import Hand
from workflows.personal.erase import Erased, erase_person
from workflows.personal.erased import StandIn

NOW = at(21)
NAMED_BEFORE = {
    "person.full_name", "person.name_folded", "person.code", "person.email", "person.phone", "person.title",
    "history_note.text", "extension.reason", "extension.decision_reason", "lead_change.reason", "obstacle.text",
    "contribution.note", "telephone_note.note", "telephone_note.answered_by", "task.due_reason", "absence.reason",
    "letter.address", "letter.error", "letter_content.content", "letter_attempt.reply", "bounce.diagnostic",
    "alert.facts", "account.oidc_subject", "web_session.address", "access_token.name", "kept_answer.body",
    "errand.given", "errand_part.content", "audit.object", "audit.address", "result.signer", "result.subject",
    "signed_press.signer", "evidence.filename",
}  # fmt: skip
"""Where this life is known to leave something: without it the search below would prove nothing."""
STAYS = {
    "result.signer": "a result document and who signed it: a record of the office",
    "result.subject": "the same document's own words",
    "signed_press.signer": "a letter of the office and who signed it",
    "evidence.filename": "the file of a result, as it was sent in",
    "audit.object": "nobody can change the audit: it says what was done to their entry, by its code then",
    "audit.facts": "the same: whom an office was handed to, by code",
    "audit.address": "from where they signed in: the log that the law on personal data asks for",
    "letter_content.content": "letters to others, as they were sent: they go with keep_letter_bodies_days",
}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def life(office: Office) -> Life:
    return Life(office)


def erase(office: Office, person: Person, **given: Any) -> Erased:
    with transaction(office.engine) as session:
        return erase_person(session, session.get_one(Person, person.id), Hand(NOW), folder=office.settings.data)


def test_nothing_names_an_erased_person_but_what_must_stay(life: Life, office: Office, tmp_path: Path) -> None:
    person = life.live(tmp_path)
    assert NAMED_BEFORE <= life.places(*NEEDLES)
    erase(office, person)
    assert life.places(*NEEDLES) == set(STAYS)
