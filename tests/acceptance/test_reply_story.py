"""A head answers a reminder from the mail program: real SMTP out, real IMAP in, one press, submitted, approved."""

import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.replies.reply import Reply, ReplyState, ReplyWhy
from models.settings import BounceSettings, MailSettings
from models.tasks.task import Evidence, Result, TaskStatus
from tests.dovecot import PASSWORD, USER, Dovecot, dovecot
from tests.fire.sink import Sink
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.page import Page
from tests.reply_samples import OUTLOOK_VI, PDF, reply
from tests.web.site import ADDRESS, Reader
from web.app import create_app
from workflows.jobs.tick import tick

pytestmark = pytest.mark.long

HEAD = "luong.thi.ngan"
DAY = at(1, hour=9, month=7)  # the day after the task was due


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:  # short: its sockets have long names
        Path(name).chmod(0o755)
        with dovecot(Path(name)) as started:
            yield started


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def office(engine: Engine, tmp_path: Path, server: Dovecot, sink: Sink) -> Office:
    """Letters leave by SMTP; replies and bounces come to one mailbox."""
    office = furnish(engine, tmp_path)
    office.settings.mail = MailSettings(mode="smtp", port=sink.port, reply_address="reply@mpt.example")
    office.settings.bounces = BounceSettings(
        host="127.0.0.1", user=USER, password=SecretStr(PASSWORD), port=server.port, security="none", minutes=1
    )
    office.launch("4", due=date(2004, 6, 30))
    for day in range(31):
        tick(office.engine, office.settings, now=ON + timedelta(days=day))
    return office


def letters(sink: Sink, office: Office, *, answers: bool) -> list[EmailMessage]:
    """What the head got: letters about tasks, or answers to their replies."""
    wanted = "auto-replied" if answers else "auto-generated"
    address = office.person(HEAD).email
    read = [message_from_bytes(one.content, policy=policy.default) for one in sink.arrivals if one.to == address]
    return [one for one in read if one["Auto-Submitted"] == wanted and one["Reply-To"]]


def replies(office: Office) -> list[Reply]:
    with reading(office.engine) as session:
        return list(session.exec(select(Reply)))


def test_a_reminder_is_answered_by_mail(office: Office, sink: Sink, server: Dovecot) -> None:
    reminder = letters(sink, office, answers=False)[-1]
    assert "quá hạn" in str(reminder["Subject"])
    to, sender = str(reminder["Reply-To"]).strip("<>"), str(office.person(HEAD).email)
    words = OUTLOOK_VI.format(own="Báo cáo kết quả số 12/BC ngày 01/07/2004")
    own = reply(to, words, sender=sender, files={"Báo cáo.pdf": PDF}, message_id="<own@mpt.example>")
    forged = reply(to, "Báo cáo kết quả", sender="evil@x.example", message_id="<forged@x.example>")
    away = reply(to, "Tôi đi vắng", sender=sender, message_id="<away@mpt.example>", Auto_Submitted="auto-replied")
    server.deliver(own, forged, away, own)
    done = tick(office.engine, office.settings, now=DAY)
    assert done.replies == 4 and office.task().status is TaskStatus.ASSIGNED, "nothing acts by itself"
    found = {one.message_id: (one.state, one.why) for one in replies(office)}
    assert found == {
        "<own@mpt.example>": (ReplyState.WAITS, ReplyWhy.NOT_CLEAR),
        "<forged@x.example>": (ReplyState.ASIDE, ReplyWhy.OTHER_SENDER),
        "<away@mpt.example>": (ReplyState.ASIDE, ReplyWhy.AUTOMATIC),
    }
    assert all(one.to != "evil@x.example" for one in sink.arrivals)
    asking, warning = letters(sink, office, answers=True)
    assert "Đề nghị xác nhận" in str(asking["Subject"]) and "không phải từ địa chỉ" in body(warning)

    app = create_app(office.engine, office.settings.model_copy(update={"base_url": ADDRESS}))
    app.state.site.now = lambda: DAY
    browser = Reader(app)
    (link,) = re.findall(r"http://\S+(/r/\S+)", body(asking))
    for _scanner in range(3):
        page = browser.get(link)
        assert page.status_code == 200 and "12/BC" in page.text and "Báo cáo.pdf" in page.text
    assert office.task().status is TaskStatus.ASSIGNED, "opening the link does nothing"
    half = browser.send(link, number="12/BC", date="2004-07-01", subject="", signer="", note="")
    assert half.status_code == 422 and office.task().status is TaskStatus.ASSIGNED
    given = {"number": "12/BC", "date": "2004-07-01", "subject": "Báo cáo", "signer": "Lương Thị Ngân", "note": ""}
    seen = Page(browser.get(link).text).value("seen")
    answer = browser.send(link, seen=seen, **given)
    assert answer.status_code == 303
    assert "Đã thực hiện" in browser.follow(answer).text
    assert office.task().status is TaskStatus.SUBMITTED
    again = browser.send("/sign-in", link, seen=seen, **given)
    assert again.status_code == 409 and "đã được dùng" in again.text
    with reading(office.engine) as session:
        assert len(session.exec(select(Result)).all()) == 1
        assert [one.filename for one in session.exec(select(Evidence))] == ["Báo cáo.pdf"]
    office.act(office.task(), "approve", COORDINATOR, DAY + timedelta(hours=1))
    assert office.task().status is TaskStatus.APPROVED
    tick(office.engine, office.settings, now=DAY + timedelta(days=1))  # news is gathered for the morning
    assert "phê duyệt" in body(letters(sink, office, answers=False)[-1])
    assert server.flagged() == []


def test_a_mailbox_that_is_down_for_a_day_loses_nothing(office: Office, sink: Sink, server: Dovecot) -> None:
    reminder = letters(sink, office, answers=False)[-1]
    to, sender = str(reminder["Reply-To"]).strip("<>"), str(office.person(HEAD).email)
    box = office.settings.bounces
    assert box is not None
    tick(office.engine, office.settings, now=DAY)
    before = len(replies(office))
    office.settings.bounces = box.model_copy(update={"port": 1})
    server.deliver(reply(to, "Đã tiếp nhận", sender=sender, message_id="<down@mpt.example>"))
    tick(office.engine, office.settings, now=DAY + timedelta(hours=1))
    assert len(replies(office)) == before
    office.settings.bounces = box
    tick(office.engine, office.settings, now=DAY + timedelta(days=1))
    assert "<down@mpt.example>" in {one.message_id for one in replies(office)}
