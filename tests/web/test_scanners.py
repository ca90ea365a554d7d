"""Scanners of mail servers follow each link in a letter, and some press each button; they keep cookies too."""

from datetime import timedelta
from email import message_from_bytes, policy
from itertools import chain
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from models.database.session import reading
from models.organization.account import MailedPurpose, MailedSecret
from models.tasks.history import History
from tests.page import Page
from tests.web.site import Office, Reader
from workflows.access.accounts.mailed import ask, invite, queue_test
from workflows.access.accounts.throttle import RequestOrigin
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

OF_MAIL = {"letter", "mailed_secret", "throttle"}
"""What asking for a code by mail may leave."""


def scan(reader: Reader, link: str, filled_with: str) -> list[int]:
    """Opens a link, sends each form of its page and follows each of its links."""
    answers = [reader.ask("HEAD", link), reader.get(link)]
    page = Page(answers[-1].text)
    for form in page.forms():
        fields = {name: value or filled_with for name, value in form.fields.items()}
        answers.append(
            reader.ask("POST", form.action or link, data=fields, headers={"origin": "http://dondoc.example"})
        )
    answers += [reader.get(address) for address in page.links('[href^="/"]')]
    return [one.status_code for one in answers]


def links_of(letter: bytes) -> list[str]:
    """Where a letter leads its reader."""
    body = message_from_bytes(letter, policy=policy.default).get_body(("html",))
    assert body is not None
    return Page(body.get_content()).links('[href^="http"]')


def contents(engine: Engine) -> dict[str, list[str]]:
    """All rows of each table."""
    with reading(engine) as session:
        return {
            name: sorted(map(repr, session.execute(table.select()))) for name, table in SQLModel.metadata.tables.items()
        }


@pytest.mark.parametrize("times", [1, 5])
def test_scanner_that_sends_every_form_moves_no_task(office: Office, times: int) -> None:
    task = office.task("4")
    head = office.head(task)
    link, before = office.link(task.id, head.id), contents(office.engine)
    for _time in range(times):
        scan(office.reader, link, "")
    after = contents(office.engine)
    assert {name for name in before if before[name] != after[name]} <= OF_MAIL
    with reading(office.engine) as session:
        codes = session.exec(select(MailedSecret)).all()
        acted = session.exec(select(History.event).where(History.task_id == task.id)).all()
    assert {one.person_id for one in codes} == {head.id}
    assert len(codes) <= times
    assert acted == ["assigned"]


@pytest.mark.parametrize("filled_with", ["", "x"], ids=["as it is", "with something in each field"])
def test_every_link_survives_a_scanner(office: Office, filled_with: str) -> None:
    sender = RecordedSender()
    head, invited = office.head(office.task("4")), office.head(office.task("2"))

    def mail(session: Session) -> None:
        queue_test(session, head.id, office.now)
        ask(session, head.code, MailedPurpose.RESET, RequestOrigin(), now=office.now)
        invite(session, session.get_one(type(invited), invited.id), now=office.now)

    tick(office.engine, office.settings, now=office.now, sender=sender)
    office.now += timedelta(days=25)  # digests of what is late, and what goes to those above
    office.change(mail)
    tick(office.engine, office.settings, now=office.now, sender=sender)
    links = dict.fromkeys(urlsplit(link).path for _to, content in sender.letters for link in links_of(content))
    kinds = {kind: [link for link in links if link.split("/")[1] == kind] for kind in ("v", "reset", "invitation")}
    assert len(kinds["v"]) > 5 and len(kinds["reset"]) == len(kinds["invitation"]) == 1
    before = contents(office.engine)
    for link in chain.from_iterable(some[:5] for some in kinds.values()):
        scan(Reader(office.app), link, filled_with)
    after = contents(office.engine)
    assert {name for name in before if before[name] != after[name]} <= OF_MAIL
    for link in (*kinds["reset"], *kinds["invitation"]):
        entered = Reader(office.app).send(link, password="mười hai con giáp 2026")
        assert entered.status_code == 303, link
