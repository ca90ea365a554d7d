"""What once let somebody in lets nobody in after they have left, however they come back."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from models.account import MailedPurpose, Proof
from models.errors import NotFound, Refused
from models.localtime import local_date
from models.session import reading, transaction
from notifications.keys import mailed_code, sign_mailed
from tests.office import Office, at
from workflows.access_tokens import find_token, make_token
from workflows.accounts.mailed import invite, issue, open_link, redeem_code
from workflows.accounts.sessions import admit
from workflows.accounts.throttle import Caller
from workflows.audit import Hand
from workflows.calendar_feed import feed_path, open_feed, read_calendar
from workflows.register import import_register, retire_person
from workflows.register.editing import change_person
from workflows.rights import read_place
from workflows.sign_in import find_session

WHO, OTHER = "le.thi.c", "vu.huu.phuoc"
NOW, LATER = at(2, hour=9), at(2, hour=9) + timedelta(minutes=5)
HAND = Hand(LATER)
COOKIE, TOKEN, CALENDAR = "cookie", "access token", "calendar"
INVITATION, RESET, CODE = MailedPurpose.INVITATION, MailedPurpose.RESET, MailedPurpose.SIGN_IN
EVERY = {COOKIE, TOKEN, CALENDAR, INVITATION, RESET, CODE}


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
            place = read_place(session, person, local_date(NOW))
            cookie = admit(session, person, Proof.PASSWORD, Caller(""), office.settings, now=NOW, remembered=True)
            _row, token = make_token(session, place, "Bảng tính", ["read"], NOW + timedelta(days=365), now=NOW)
            open_feed(session, place, now=NOW)
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
        import_register(session, None, file, now=LATER, hand=HAND)


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
def test_what_let_somebody_in_before_they_were_retired_lets_nobody_in_once_they_are_restored(
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
