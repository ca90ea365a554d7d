"""Who is let in stays in as long as was said, and not after they, or an administrator, ended it."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.database.session import reading, transaction
from models.organization.account import Account, Proof, WebSession
from models.organization.audit import Audit
from tests.accounts.people import HEAD
from tests.office import Office, at
from workflows.access.accounts.sessions import find_session, hash_key, touch_session
from workflows.access.accounts.sign_in import admit, end_others, is_fresh, leave, live_sessions, void_links
from workflows.access.accounts.throttle import RequestOrigin

NOW = at(2, hour=9)
HOME = RequestOrigin("203.0.113.5", "Mozilla/5.0")


def enter(office: Office, who: str = HEAD, **more: object) -> str:
    with transaction(office.engine) as session:
        return admit(session, office.person(who), Proof.PASSWORD, HOME, office.settings, now=NOW, **more)  # type: ignore[arg-type]


def row(office: Office, key: str, after: timedelta = timedelta()) -> WebSession | None:
    with reading(office.engine) as session:
        found = find_session(session, key, now=NOW + after)
    return found[0] if found else None


def deeds(office: Office) -> list[tuple[str, str]]:
    with reading(office.engine) as session:
        return [(one.action, one.object) for one in session.exec(select(Audit).order_by(Audit.id))]  # type: ignore[arg-type]


def use(office: Office, key: str, after: timedelta) -> None:
    """What a page does while somebody looks at it."""
    found = row(office, key, after)
    assert found is not None
    with transaction(office.engine) as session:
        touch_session(session, found, office.settings, now=NOW + after)


KINDS = [(False, timedelta(hours=4), timedelta(hours=12)), (True, timedelta(days=30), timedelta(days=90))]


@pytest.mark.parametrize(("remembered", "unused", "lasts"), KINDS)
def test_a_session_lasts_twelve_hours_or_on_a_remembered_device_ninety_days(
    office: Office, remembered: bool, unused: timedelta, lasts: timedelta
) -> None:
    key = enter(office, remembered=remembered)
    for part in range(1, 8):
        use(office, key, part * lasts / 8)
    assert row(office, key, lasts - timedelta(seconds=1)) is not None
    assert row(office, key, lasts) is None


@pytest.mark.parametrize(("remembered", "unused", "lasts"), KINDS)
def test_a_session_that_nobody_uses_ends_before_its_time(
    office: Office, remembered: bool, unused: timedelta, lasts: timedelta
) -> None:
    left, used = enter(office, remembered=remembered), enter(office, remembered=remembered)
    use(office, used, unused / 2)
    assert row(office, left, unused - timedelta(seconds=1)) is not None
    assert row(office, left, unused) is None
    assert row(office, used, unused) is not None
    assert row(office, used, unused * 1.5) is None
    with reading(office.engine) as session:
        person = office.person(HEAD)
        live = live_sessions(session, person.id, now=NOW + unused)
        assert [one.key_hash for one in live] == [hash_key(used)]


def test_a_remembered_device_is_forgotten_as_the_setting_says(office: Office) -> None:
    office.settings.remembered_idle_days = 3
    key = enter(office, remembered=True)
    assert row(office, key, timedelta(days=3, seconds=-1)) is not None
    assert row(office, key, timedelta(days=3)) is None


def test_idle_limit_is_a_setting_and_revives_no_ended_session(office: Office) -> None:
    office.settings.session_idle_minutes = 15
    key = enter(office)
    found = row(office, key)
    assert found is not None and row(office, key, timedelta(minutes=15)) is None
    office.settings.session_idle_minutes = 600
    with transaction(office.engine) as session:
        touch_session(session, found, office.settings, now=NOW + timedelta(minutes=15))
    assert row(office, key, timedelta(minutes=15)) is None


def test_who_signed_in_while_the_clock_was_ahead_signs_in_again(office: Office) -> None:
    key = enter(office)
    assert row(office, key, -timedelta(hours=1)) is not None
    assert row(office, key, -timedelta(hours=1, seconds=1)) is None


def test_the_key_is_kept_nowhere_and_is_another_each_time(office: Office) -> None:
    keys = {enter(office) for _ in range(3)}
    assert len(keys) == 3
    with reading(office.engine) as session:
        kept = {one.key_hash for one in session.exec(select(WebSession))}
    assert not keys & kept


def test_signing_in_again_ends_the_session_that_the_browser_had(office: Office) -> None:
    first = enter(office, "le.thi.c")
    second = enter(office, replacing=row(office, first))
    assert row(office, first) is None and row(office, second) is not None


def test_the_retired_are_out_at_once(office: Office) -> None:
    key = enter(office)
    office.change_person(HEAD, is_active=False)
    assert row(office, key) is None


def test_one_leaves_one_ends_another_and_all_but_this(office: Office) -> None:
    keys = [enter(office) for _ in range(4)]
    other = enter(office, "le.thi.c")
    ids = [found.id for key in keys if (found := row(office, key))]
    with transaction(office.engine) as session:
        person = office.person(HEAD)
        leave(session, person, ids[0], now=NOW)
        assert end_others(session, person, now=NOW, by=person.id, only=ids[1]) == 1
        assert end_others(session, person, now=NOW, by=person.id, keep=ids[2]) == 1
        assert [one.id for one in live_sessions(session, person.id, now=NOW)] == [ids[2]]
    assert row(office, other) is not None
    assert deeds(office)[-3:] == [("signed_out", HEAD), ("sessions_ended", HEAD), ("sessions_ended", HEAD)]


def test_nobody_ends_the_session_of_another(office: Office) -> None:
    key = enter(office, "le.thi.c")
    found = row(office, key)
    assert found is not None
    with transaction(office.engine) as session:
        assert end_others(session, office.person(HEAD), now=NOW, by=None, only=found.id) == 0
    assert row(office, key) is not None


def test_a_session_is_fresh_for_a_quarter_of_an_hour(office: Office) -> None:
    found = row(office, enter(office))
    assert found is not None
    assert is_fresh(found, NOW + timedelta(minutes=14)) and not is_fresh(found, NOW + timedelta(minutes=15))


def test_the_links_in_letters_can_be_made_void(office: Office) -> None:
    with transaction(office.engine) as session:
        void_links(session, office.person(HEAD), now=NOW)
    with reading(office.engine) as session:
        assert session.get_one(Account, office.person(HEAD).id).links_from == NOW
    assert deeds(office) == [("links_voided", HEAD)]
