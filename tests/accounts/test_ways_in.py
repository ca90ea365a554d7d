"""What once let somebody in lets nobody in once they have left, chosen another password or got another address."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from models.database.session import reading, transaction
from models.errors import BadInput, NotFound, Refused
from models.organization.account import MailedPurpose, Proof
from models.text.localtime import local_date
from notifications.composing.keys import mailed_code, sign_mailed
from tests.accounts.people import PASSWORD
from tests.office import Office, at
from workflows.access.access_tokens import find_token, make_token
from workflows.access.accounts.mailed import invite, issue, open_link, redeem_code
from workflows.access.accounts.passwords import set_password
from workflows.access.accounts.sessions import find_session
from workflows.access.accounts.sign_in import admit
from workflows.access.accounts.throttle import RequestOrigin
from workflows.access.audit_log import AuditActor
from workflows.access.calendar_feed import feed_path, open_feed, read_calendar
from workflows.access.rights import read_principal
from workflows.organization.register.editing import change_person
from workflows.organization.register.retirement import retire_person
from workflows.organization.register.spreadsheet.import_register import import_register, open_register

WHO, OTHER = "le.thi.c", "vu.huu.phuoc"
NOW, LATER = at(2, hour=9), at(2, hour=9) + timedelta(minutes=5)
HAND = AuditActor(LATER)
COOKIE, TOKEN, CALENDAR = "cookie", "access token", "calendar"
INVITATION, RESET, CODE = MailedPurpose.INVITATION, MailedPurpose.RESET, MailedPurpose.SIGN_IN
MAILED = {INVITATION, RESET, CODE}
EVERY = {COOKIE, TOKEN, CALENDAR, *MAILED}


@dataclass(frozen=True)
class Keys:
    """What somebody has in hand: each of it lets them in."""

    office: Office
    link_key: str
    cookie: str
    token: str
    calendar: str
    links: tuple[tuple[str, MailedPurpose], ...]
    code: tuple[UUID, str]

    @classmethod
    def of(cls, office: Office, link_key: str, who: str = WHO) -> "Keys":
        with transaction(office.engine) as session:
            person = office.person(who)
            principal = read_principal(session, person, local_date(NOW))
            cookie = admit(
                session, person, Proof.PASSWORD, RequestOrigin(""), office.settings, now=NOW, remembered=True
            )
            _row, token = make_token(session, principal, "Bảng tính", ["read"], NOW + timedelta(days=365), now=NOW)
            open_feed(session, principal, now=NOW)
            path = feed_path(session, person.id, link_key) or ""
            mailed = [invite(session, person, now=NOW), issue(session, person, RESET, now=NOW)]
            code = issue(session, person, CODE, now=NOW)
            links = tuple((sign_mailed(link_key, one.id), one.purpose) for one in mailed)
            calendar = path.removeprefix("/calendar/").removesuffix(".ics")
            return cls(office, link_key, cookie, token, calendar, links, (code.id, mailed_code(link_key, code.id)))

    def still_open(self) -> set[str]:
        """Which of it lets in still; the code is tried, and so used, by this."""
        office, key = self.office, self.link_key
        with reading(office.engine) as session:
            found = {COOKIE} if find_session(session, self.cookie, now=LATER) else set()
            found |= {TOKEN} if find_token(session, self.token, now=LATER) else set()
            with suppress(NotFound):
                read_calendar(session, key, self.calendar, settings=office.settings, now=LATER)
                found.add(CALENDAR)
            for link, purpose in self.links:
                with suppress(Refused):
                    open_link(session, key, link, purpose, now=LATER)
                    found.add(purpose)
        with transaction(office.engine) as session:
            given, digits = self.code
            found |= {CODE} if redeem_code(session, key, given, digits, now=LATER).person else set()
        return found


def imported(office: Office, folder: Path, row: str, column: str = "is_active") -> None:
    file = folder / "people.csv"
    file.write_text(f"code,{column}\n{row}\n", encoding="utf-8")
    with transaction(office.engine) as session:
        import_register(session, open_register(people=file), now=LATER, audit_actor=HAND)


def retired(office: Office, _folder: Path) -> None:
    with transaction(office.engine) as session:
        retire_person(session, WHO, LATER, HAND)


def edited(office: Office, _folder: Path) -> None:
    with transaction(office.engine) as session:
        change_person(session, WHO, {"is_active": "no"}, HAND)


def by_import(office: Office, folder: Path) -> None:
    imported(office, folder, f"{WHO},no")


def by_an_older_program(office: Office, _folder: Path) -> None:
    office.change_person(WHO, is_active=False)


def restore(office: Office) -> None:
    with transaction(office.engine) as session:
        change_person(session, WHO, {"is_active": "yes"}, HAND)


def test_who_stays_comes_in_by_each_of_them(office: Office, link_key: str) -> None:
    assert Keys.of(office, link_key).still_open() == EVERY


@pytest.mark.parametrize("leave", [retired, edited, by_import])
def test_what_let_somebody_in_ends_as_they_leave_whoever_brings_them_back(
    office: Office, link_key: str, tmp_path: Path, leave: Callable[[Office, Path], None]
) -> None:
    theirs, of_another = Keys.of(office, link_key), Keys.of(office, link_key, OTHER)
    leave(office, tmp_path)
    office.change_person(WHO, is_active=True)
    assert theirs.still_open() == set()
    assert of_another.still_open() == EVERY


@pytest.mark.parametrize("leave", [retired, edited, by_import, by_an_older_program])
def test_restored_person_needs_new_ways_in(
    office: Office, link_key: str, tmp_path: Path, leave: Callable[[Office, Path], None]
) -> None:
    theirs, of_another = Keys.of(office, link_key), Keys.of(office, link_key, OTHER)
    leave(office, tmp_path)
    restore(office)
    assert theirs.still_open() == set()
    assert of_another.still_open() == EVERY


def test_a_register_import_that_brings_somebody_back_brings_no_old_way_in_back(
    office: Office, link_key: str, tmp_path: Path
) -> None:
    theirs = Keys.of(office, link_key)
    retired(office, tmp_path)
    imported(office, tmp_path, f"{WHO},yes")
    assert theirs.still_open() == set()
    assert office.person(WHO).is_active


def test_who_came_back_is_let_in_anew(office: Office, link_key: str, tmp_path: Path) -> None:
    Keys.of(office, link_key)
    retired(office, tmp_path)
    restore(office)
    assert Keys.of(office, link_key).still_open() == EVERY


def test_a_password_that_is_set_voids_what_was_mailed_before_and_nobody_elses(office: Office, link_key: str) -> None:
    theirs, of_another = Keys.of(office, link_key), Keys.of(office, link_key, OTHER)
    with transaction(office.engine) as session:
        set_password(session, office.person(WHO).id, PASSWORD, now=LATER)
    assert theirs.still_open() == EVERY - MAILED  # who sets it ends sessions as it sees fit
    assert of_another.still_open() == EVERY


def test_a_password_that_may_not_be_chosen_voids_nothing(office: Office, link_key: str) -> None:
    theirs = Keys.of(office, link_key)
    with pytest.raises(BadInput), transaction(office.engine) as session:
        set_password(session, office.person(WHO).id, "ngắn", now=LATER)
    assert theirs.still_open() == EVERY


def address_edited(office: Office, _folder: Path, email: str) -> None:
    with transaction(office.engine) as session:
        change_person(session, WHO, {"email": email}, HAND)


def address_imported(office: Office, folder: Path, email: str) -> None:
    imported(office, folder, f"{WHO},{email}", "email")


@pytest.mark.parametrize("correct", [address_edited, address_imported])
@pytest.mark.parametrize("email", ["dung.dia.chi@mpt.example", ""])
def test_what_was_mailed_to_an_address_is_void_once_it_is_another(
    office: Office, link_key: str, tmp_path: Path, correct: Callable[[Office, Path, str], None], email: str
) -> None:
    theirs, of_another = Keys.of(office, link_key), Keys.of(office, link_key, OTHER)
    correct(office, tmp_path, email)
    assert office.person(WHO).email == (email or None)
    assert theirs.still_open() == EVERY - MAILED
    assert of_another.still_open() == EVERY


def test_another_telephone_number_voids_nothing_that_was_mailed(office: Office, link_key: str) -> None:
    theirs = Keys.of(office, link_key)
    with transaction(office.engine) as session:
        change_person(session, WHO, {"phone": "024 1234"}, HAND)
    assert theirs.still_open() == EVERY
