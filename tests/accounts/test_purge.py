"""What signing in leaves behind goes in time; what still counts stays."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterContent, LetterState
from models.organization.account import MailedPurpose, MailedSecret, Proof, Throttle, WebSession
from models.organization.audit import Audit
from tests.accounts.people import HEAD
from tests.office import Office, at
from workflows.access.accounts.mailed import issue
from workflows.access.accounts.passwords import begin_try
from workflows.access.accounts.sign_in import admit, end_others
from workflows.access.accounts.throttle import RequestOrigin, is_known
from workflows.jobs.cleanup import purge as purging
from workflows.jobs.cleanup.purge import Purged, purge, purge_accounts

NOW = at(2, hour=9)
HOME = RequestOrigin("203.0.113.5")


def test_sessions_go_once_they_have_ended_and_their_address_has_been_forgotten(office: Office) -> None:
    person = office.person(HEAD)
    with transaction(office.engine) as session:
        admit(session, person, Proof.CODE, HOME, office.settings, now=NOW)
        end_others(session, person, now=NOW, by=None)
        admit(session, person, Proof.CODE, HOME, office.settings, now=NOW, remembered=True)
    assert purge_accounts(office.engine, now=NOW + timedelta(days=89)) == 0
    with reading(office.engine) as session:
        assert is_known(session, person.id, HOME, NOW + timedelta(days=89))
    assert purge_accounts(office.engine, now=NOW + timedelta(days=90, seconds=1)) == 2
    with reading(office.engine) as session:
        assert session.exec(select(WebSession)).all() == []
        assert len(session.exec(select(Audit)).all()) == 3, "the audit stays"


def test_secrets_go_a_day_after_their_end_and_the_letter_stays(office: Office) -> None:
    with transaction(office.engine) as session:
        issue(session, office.person(HEAD), MailedPurpose.SIGN_IN, now=NOW)
        issue(session, office.person(HEAD), MailedPurpose.INVITATION, now=NOW)
    office.tick(NOW)
    assert purge_accounts(office.engine, now=NOW + timedelta(days=1)) == 0
    assert purge_accounts(office.engine, now=NOW + timedelta(days=2)) == 1
    with reading(office.engine) as session:
        assert [one.purpose for one in session.exec(select(MailedSecret))] == [MailedPurpose.INVITATION]
    assert len(office.letters()) == 2


def test_counts_go_after_a_week(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    with transaction(office.engine) as session:
        begin_try(session, HEAD, HOME, NOW)
    assert purge(office.engine, office.settings, now=NOW + timedelta(days=7)) == Purged()
    assert purge(office.engine, office.settings, now=NOW + timedelta(days=7, seconds=1)) == Purged(sign_ins=3)
    with reading(office.engine) as session:
        assert session.exec(select(Throttle)).all() == []


def test_the_words_of_an_invitation_that_may_not_have_arrived_go_after_a_day(office: Office) -> None:
    with transaction(office.engine) as session:
        issue(session, office.person(HEAD), MailedPurpose.INVITATION, now=NOW)
    office.launch("4")
    office.tick(NOW)
    with transaction(office.engine) as session:
        for letter in office.letters():  # as if each had been lost on its way
            session.execute(
                update(Letter).where(col(Letter.id) == letter.id).values(state=LetterState.UNCERTAIN, resent=True)
            )
            if letter.topic:
                session.add(LetterContent(letter_id=letter.id, content=b"a link"))
    before = office.rows()["letter_content"]
    assert purge_accounts(office.engine, now=NOW + timedelta(hours=23)) == 0
    assert purge_accounts(office.engine, now=NOW + timedelta(hours=25)) >= 1
    assert office.rows()["letter_content"] == before - 1
