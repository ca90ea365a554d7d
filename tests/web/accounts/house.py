"""The site over a furnished office, with a clock in our hand and a real mailbox for its letters."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pyotp
from fastapi import FastAPI
from sqlalchemy.orm import undefer
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.organization.account import Account
from models.organization.audit import Audit
from notifications.smtp.mailbox import LocalMailbox, ReceivedLetter, read_mailbox
from notifications.smtp.sender import YagmailSender
from tests.accounts.people import HEAD, PASSWORD
from tests.office import Office
from tests.web.site import Reader
from workflows.access.accounts.passwords import set_password
from workflows.access.accounts.totp import begin_totp, confirm_totp
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.run_job import send_account_letters

ADMINISTRATOR = "dang.thu.thuy"


@dataclass
class House:
    """An installation with its site, seen as of `now`; letters leave when somebody looks at the mailbox."""

    office: Office
    app: FastAPI
    mailbox: LocalMailbox
    now: datetime

    def browser(self) -> Reader:
        """Somebody's browser, not signed in, in English."""
        reader = Reader(self.app)
        reader.cookies.set("dondoc_language", "en", domain="dondoc.example")
        return reader

    def signed_in(self, who: str = HEAD, **more: str) -> Reader:
        """A browser in which somebody has signed in with their password."""
        self.give_password(who)
        browser = self.browser()
        answer = sign_in(browser, who, **more)
        assert answer.status_code == 303, answer.text
        return browser

    def give_password(self, who: str = HEAD, password: str = PASSWORD) -> None:
        with transaction(self.office.engine) as session:
            set_password(session, self.office.person(who).id, password, now=self.now)

    def turn_totp_on(self, who: str = HEAD) -> pyotp.TOTP:
        """The app of somebody who has a second step from now on."""
        with transaction(self.office.engine) as session:
            person = self.office.person(who)
            app = pyotp.TOTP(pyotp.parse_uri(begin_totp(session, person)).secret)
            assert confirm_totp(session, person, app.at(self.now), now=self.now)
        self.now += timedelta(minutes=2)
        return app

    def letters(self) -> list[ReceivedLetter]:
        """All that have come, once the clock has asked for letters of accounts, as it does every second."""
        mail = self.office.settings.mail.model_copy(update={"mode": "smtp", "port": self.mailbox.port})
        lines = MailLines(waits=True)
        send_account_letters(self.office.engine, self.office.settings, lambda: YagmailSender(mail), lines, self.now)
        return read_mailbox(self.mailbox.folder)

    def code(self) -> str:
        """The six digits of the newest letter."""
        found = re.search(r"\b(\d{3}) (\d{3})\b", self.letters()[-1].text)
        assert found is not None
        return found[1] + found[2]

    def link(self) -> str:
        """The path of the link in the newest letter."""
        found = re.search(r"http://dondoc\.example(/\S+)", self.letters()[-1].text)
        assert found is not None
        return found[1]

    def account(self, who: str = HEAD) -> Account | None:
        with reading(self.office.engine) as session:
            return session.get(Account, self.office.person(who).id, options=[undefer("*")])

    def deeds(self) -> list[str]:
        """The audit, oldest first: "signed_in luong.thi.ngan"."""
        with reading(self.office.engine) as session:
            return [f"{one.action} {one.object}" for one in session.exec(select(Audit).order_by(col(Audit.id)))]


def sign_in(browser: Reader, name: str = HEAD, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """Fills the sign-in page's form."""
    given: dict[str, Any] = {"name": name, "password": password, **fields}
    return browser.send("/sign-in", **given)


def wait(house: House, **span: float) -> None:
    """Time passes."""
    house.now += timedelta(**span)


def by_code(house: House, who: str = HEAD) -> Reader:
    browser = house.browser()
    browser.send("/sign-in", "/sign-in/code", name=who)
    assert browser.send("/sign-in/code", "/sign-in/code/enter", code=house.code()).status_code == 303
    return browser
