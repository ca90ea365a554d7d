"""The link in a letter: what it gives away to whom, how long, and that it only reads."""

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from models.database.run import link_key
from models.database.session import reading
from models.organization.account import Account, MailedSecret
from models.organization.person import Person
from models.tasks.task import Task
from notifications.composing.keys import mailed_code
from tests.page import Page
from tests.web.site import LAUNCHED, Office, Reader


def revision(office: Office, task: Task) -> int:
    with reading(office.engine) as session:
        return session.get_one(Task, task.id).revision


def test_whoever_is_not_signed_in_learns_only_that_there_is_an_item_for_somebody(office: Office) -> None:
    """A mail scanner, or the reader of a forwarded letter."""
    task = office.task("2")
    head = office.head(task)
    answer = office.get(office.link(task.id, head.id) + "?lang=en")
    assert answer.status_code == 200
    assert head.email is not None and f"{head.email[0]}…@" in answer.text
    for kept in (head.email, head.full_name, "06/2004", "phương án", "20 November", "Not accepted", task.id.hex):
        assert kept not in answer.text
    assert f"/sign-in?next={office.link(task.id, head.id)}" in answer.text


def test_the_page_speaks_the_persons_language_unless_another_is_asked_for(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    link = office.link(task.id, head.id)
    assert '<html lang="vi">' in office.get(link).text

    def speak_english(session: Session) -> None:
        session.get_one(Person, head.id).language = "en"

    office.change(speak_english)
    assert '<html lang="en">' in office.get(link).text
    assert '<html lang="vi">' in office.get(link + "?lang=vi").text


def test_the_way_in_is_a_code_to_the_persons_own_mail_and_leads_to_the_task(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    link = office.link(task.id, head.id)
    asked = office.reader.send(link, remember="on")
    assert asked.headers["location"] == "/sign-in/code"
    assert str(head.email) not in office.reader.get("/sign-in/code").text
    with reading(office.engine) as session:
        secret = session.exec(select(MailedSecret)).one()
        key = link_key(session)
    assert secret.person_id == head.id
    entered = office.reader.send("/sign-in/code", "/sign-in/code/enter", code=mailed_code(key, secret.id))
    assert entered.headers["location"] == link
    assert office.reader.get(link).headers["location"] == f"/tasks/{task.id.hex}"
    assert office.reader.get(f"/tasks/{task.id.hex}").status_code == 200


def test_the_part_that_a_link_names_outlives_the_sign_in(office: Office) -> None:
    task = office.task("4")
    link = f"{office.link(task.id, office.head(task).id)}?at=conversation"
    page = office.get(link).text
    assert f'action="{link}"' in page and f"/sign-in?next={quote(link)}" in page
    office.reader.send(link)
    with reading(office.engine) as session:
        code = mailed_code(link_key(session), session.exec(select(MailedSecret.id)).one())
    entered = office.reader.send("/sign-in/code", "/sign-in/code/enter", code=code)
    assert entered.headers["location"] == link
    assert office.reader.get(link).headers["location"] == f"/tasks/{task.id.hex}#conversation"
    for made_up in ("?at=", "?at=//evil.example", "?at=a%0d%0aX: y"):
        there = office.reader.get(link.partition("?")[0] + made_up)
        assert there.headers["location"] == f"/tasks/{task.id.hex}"


def test_strangers_who_ask_for_codes_leave_the_way_in_by_a_letter_open(office: Office) -> None:
    office.settings.mail.letters_per_day = 10  # one for strangers together
    mine, other = office.task("4"), office.task("2")
    head = office.head(mine)
    for name in (office.head(other).code, head.code):
        office.reader.send("/sign-in", "/sign-in/code", name=name)
    office.reader.send(office.link(mine.id, head.id))
    with reading(office.engine) as session:
        mailed = [one.person_id for one in session.exec(select(MailedSecret).order_by(col(MailedSecret.id)))]
    assert mailed == [office.head(other).id, head.id]


def test_a_link_that_has_lapsed_sends_no_code(office: Office) -> None:
    task = office.task("4")
    link = office.link(task.id, office.head(task).id, LAUNCHED)
    page = office.get(link).text
    office.settings.links_last_days = 10
    office.now = LAUNCHED + timedelta(days=11)
    csrf = Page(page).value("csrf")
    assert office.reader.ask("POST", link, data={"csrf": csrf}).headers["location"] == link
    with reading(office.engine) as session:
        assert session.exec(select(MailedSecret)).first() is None


def test_a_signed_in_head_comes_to_the_task(office: Office) -> None:
    task = office.task("2")
    head = office.head(task)
    reader = office.sign_in(head.code)
    answer = reader.get(office.link(task.id, head.id))
    assert answer.headers["location"] == f"/tasks/{task.id.hex}"
    assert "xây dựng phương án hành động" in reader.follow(answer).text


def test_whoever_has_to_do_with_the_task_may_follow_a_colleagues_link(office: Office) -> None:
    task = office.task("2")
    answer = office.sign_in("le.thi.c").get(office.link(task.id, office.head(task).id))
    assert answer.headers["location"] == f"/tasks/{task.id.hex}"


def test_a_forwarded_link_shows_a_stranger_nothing(office: Office) -> None:
    task, other = office.task("2"), office.task("4")
    answer = office.sign_in(office.head(other).code).get(office.link(task.id, office.head(task).id) + "?lang=en")
    assert answer.status_code == 404
    assert "made for somebody else" in answer.text
    assert "phương án" not in answer.text


def test_ones_own_link_to_a_task_that_moved_on_says_so(office: Office) -> None:
    """The old head's link must not show how the new unit fares."""
    task, other = office.task("2"), office.task("4")
    stranger = office.head(other)
    text = office.sign_in(stranger.code).get(office.link(task.id, stranger.id) + "?lang=en").text
    assert "no longer with you" in text
    for kept in ("20 November 2026", "not accepted", "xây dựng phương án"):
        assert kept not in text


@pytest.mark.parametrize(("days", "status"), [(179, 200), (181, 410)])
def test_links_end_after_a_while_but_not_for_those_who_are_signed_in(office: Office, days: int, status: int) -> None:
    task = office.task("4")
    head = office.head(task)
    link = office.link(task.id, head.id, LAUNCHED)
    office.now = LAUNCHED + timedelta(days=days)
    answer = office.get(link + "?lang=en")
    assert answer.status_code == status
    assert ("no longer valid" in answer.text) is (status == 410)
    assert office.sign_in(head.code).get(link).status_code == 303


def test_revoked_links_open_nothing_and_newer_ones_do(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.change(lambda session: session.add(Account(person_id=head.id, links_from=LAUNCHED + timedelta(hours=1))))
    assert office.get(office.link(task.id, head.id, LAUNCHED)).status_code == 410
    assert office.get(office.link(task.id, head.id, LAUNCHED + timedelta(hours=2))).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a" * 64, "%00", "../../etc/passwd"])
def test_a_made_up_link_opens_nothing(office: Office, token: str) -> None:
    assert office.get(f"/v/{token}").status_code == 404


def test_a_link_altered_by_one_letter_opens_nothing(office: Office) -> None:
    task = office.task("4")
    link = office.link(task.id, office.head(task).id)
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    elsewhere = link[:10] + ("A" if link[10] != "A" else "B") + link[11:]
    assert [office.get(one).status_code for one in (forged, elsewhere)] == [404, 404]


def test_a_link_to_a_task_that_is_not_there_opens_nothing(office: Office) -> None:
    assert office.get(office.link(uuid4(), office.head(office.task("4")).id)).status_code == 404


def test_a_retired_heads_link_opens_nothing(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)

    def retire(session: Session) -> None:
        session.get_one(Person, head.id).is_active = False

    office.change(retire)
    assert office.get(office.link(task.id, head.id)).status_code == 404


def test_opening_a_link_changes_nothing(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    link, reader = office.link(task.id, head.id), office.sign_in(head.code)

    def rows() -> dict[str, int]:
        with reading(office.engine) as session:
            tables = SQLModel.metadata.tables
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
            }

    before, moves = rows(), revision(office, task)
    someone: Reader
    for someone in (office.reader, reader):
        someone.get(link)
        someone.ask("HEAD", link)
        assert [someone.ask(verb, link).status_code for verb in ("PUT", "DELETE")] == [405, 405]
    assert (rows(), revision(office, task)) == (before, moves)
