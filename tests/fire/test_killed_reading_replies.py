"""kill -9 of the reader of replies at random moments: what is left is read by the next, and each reply acts once."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select
from sqlmodel import col

from models.database.run import link_key
from models.database.session import reading
from models.letters.letter import REPLY_TOPIC, Letter
from models.replies.reply import Reply, ReplyDraft, ReplyState
from models.settings import ReplySettings
from models.tasks.conversation import ConversationMessage
from notifications.composing.keys import sign_reply, token_address
from tests.dovecot import PASSWORD, USER, Dovecot, dovecot
from tests.fire.processes import PATIENCE, context, open_office
from tests.office import ON, Office, at, furnish
from tests.reply_samples import reply
from tests.scenes import Play
from tests.workflows.replies.reply_mails import HEAD, mail
from workflows.replies.read_mail import read_mail

pytestmark = pytest.mark.long

NINE = at(1, hour=9)
COUNT, KILLS = 60, 10
AUTHSERV = "mx.mpt.example"


def with_replies(office: Office, box: ReplySettings | None = None) -> Office:
    """Letters can be answered; what comes is believed as the office's own server says."""
    office.settings.mail = office.settings.mail.model_copy(update={"reply_address": "reply@mpt.example"})
    given = {"authserv_id": AUTHSERV, "answers_per_day": 500}
    office.settings.replies = (box or ReplySettings()).model_copy(update=given)
    return office


def answered_at(office: Office) -> str:
    """Where the head's letter is answered to."""
    with reading(office.engine) as session:
        wanted = select(col(Letter.id)).where(col(Letter.recipient_id) == office.person(HEAD).id)
        token = sign_reply(link_key(session), session.scalars(wanted).one(), mail(office))
    return token_address("reply@mpt.example", token)


def messages(office: Office) -> list[bytes]:
    """Half of them ask for an act, which waits for a press; half are proved words, which are added at once."""
    to, sender = answered_at(office), mail(office)
    domain = sender.rpartition("@")[2]
    made = []
    for number in range(COUNT):
        text = f"Tiến độ {number}%" if number % 2 else f"Trao đổi lần {number}"
        result = f"{AUTHSERV}; dkim=pass header.d={domain}"
        made.append(reply(to, text, sender=sender, message_id=f"<{number}@x.example>", Authentication_Results=result))
    return made


def read_on(url: str, folder: Path, box: ReplySettings) -> None:
    """The life of a reader: it reads all there is."""
    office = with_replies(open_office(url, folder, 1), box)
    for minute in range(1000):
        read_mail(office.engine, office.settings, now=NINE + timedelta(minutes=minute), calendar=office.calendar)


def play(engine: Engine, folder: Path) -> Office:
    """Item 4 was given out, and its letters have left."""
    office = with_replies(furnish(engine, folder))
    office.launch("4")
    office.tick(ON)
    return office


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    return stage(play)


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    office = with_replies(open_office(url, tmp_path, 1))
    yield office
    office.engine.dispose()


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:  # short: its sockets have long names
        Path(name).chmod(0o755)
        with dovecot(Path(name)) as started:
            yield started


def counts(office: Office) -> dict[str, int]:
    with reading(office.engine) as session:
        return {
            "replies": session.scalars(select(func.count()).select_from(Reply)).one(),
            "different": session.scalars(select(func.count(col(Reply.message_id).distinct()))).one(),
            "posted": session.scalars(select(func.count()).where(col(Reply.state) == ReplyState.POSTED)).one(),
            "said": session.scalars(select(func.count()).select_from(ConversationMessage)).one(),
            "drafts": session.scalars(select(func.count()).select_from(ReplyDraft)).one(),
            "answers": session.scalars(select(func.count()).where(col(Letter.topic).startswith(REPLY_TOPIC))).one(),
        }


ONCE = {
    "replies": COUNT,
    "different": COUNT,
    "posted": COUNT // 2,
    "said": COUNT // 2,
    "drafts": COUNT // 2,
    "answers": COUNT // 2,
}


def kill_readers(office: Office, url: str, folder: Path, box: ReplySettings, seed: int) -> None:
    """Ten readers, each killed at a moment of its own; some of them in the midst of reading."""
    random_moments, left = random.Random(seed), [0]
    for _nth in range(KILLS):
        process = context.Process(target=read_on, args=(url, folder, box))
        process.start()
        until = time.monotonic() + PATIENCE
        while counts(office)["replies"] == left[-1] < COUNT and time.monotonic() < until:
            time.sleep(0.002)  # until it has taken one more
        time.sleep(random_moments.uniform(0, 0.05))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE)
        left.append(counts(office)["replies"])
    assert left == sorted(left) and 0 < left[KILLS // 2] < COUNT, left


def test_of_a_folder_each_reply_is_taken_once(office: Office, url: str, tmp_path: Path) -> None:
    folder = office.settings.replies_folder
    folder.mkdir()
    for number, message in enumerate(messages(office)):
        (folder / f"{number:03d}.eml").write_bytes(message)
    kill_readers(office, url, tmp_path, ReplySettings(), seed=1)
    read_mail(office.engine, office.settings, now=NINE + timedelta(days=1), calendar=office.calendar)
    assert counts(office) == ONCE
    assert list(folder.glob("*.eml")) == [] and len(list((folder / "done").iterdir())) == COUNT


def test_of_a_mailbox_each_reply_is_taken_once(office: Office, url: str, tmp_path: Path, server: Dovecot) -> None:
    server.deliver(*messages(office))
    box = ReplySettings(
        host="127.0.0.1", user=USER, password=SecretStr(PASSWORD), port=server.port, security="none", minutes=1
    )
    kill_readers(office, url, tmp_path, box, seed=2)
    with_replies(office, box)
    read_mail(office.engine, office.settings, now=NINE + timedelta(days=1), calendar=office.calendar)
    assert counts(office) == ONCE and server.flagged() == []
