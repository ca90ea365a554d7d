"""Replies as an attacker would send them: each does nothing, or waits for a press of the letter's own reader."""

import struct
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.replies.reply import ReplyState, ReplyWhy
from models.tasks.task import TaskStatus
from tests.office import COORDINATOR, ON, Office, furnish
from tests.reply_samples import PDF, winmail
from tests.workflows.replies.reply_mails import address, answer, answers, draft, mail

pytestmark = pytest.mark.long

SERVER = "mx.office.example"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.settings.mail = office.settings.mail.model_copy(update={"reply_address": "reply@mpt.example"})
    office.launch("4")
    office.tick(ON)
    trusted = {"authserv_id": SERVER, "trusted_domains": (mail(office).rpartition("@")[2],)}
    office.settings.replies = office.settings.replies.model_copy(update=trusted)
    return office


@pytest.mark.parametrize(
    "results",
    [
        f"{SERVER}; dkim=pass@evil.com header.d=mpt.example",
        f"{SERVER}; dkim=pass.evil header.d=mpt.example",
        f"{SERVER}; spf=pass smtp.mailfrom=luong.thi.ngan@mpt.example",
        "evil.example; dkim=pass header.d=mpt.example",
        f'{SERVER}; spf=pass smtp.mailfrom="x; dkim=pass header.d=mpt.example"',
    ],
    ids=["pass at evil", "pass with a dot", "spf alone", "other server", "quoted"],
)
def test_without_proof_nothing_is_done_at_once(office: Office, results: str) -> None:
    taken = answer(office, "Đã tiếp nhận", Authentication_Results=results)
    assert taken.state is ReplyState.WAITS and office.task().status is TaskStatus.ASSIGNED


def test_a_colleague_answers_nobody_elses_letter(office: Office) -> None:
    proved = f"{SERVER}; dkim=pass header.d=mpt.example"
    sender, to = mail(office, COORDINATOR), address(office)
    taken = answer(office, "Đã tiếp nhận", sender=sender, to=to, Authentication_Results=proved)
    assert taken.why is ReplyWhy.OTHER_SENDER and office.task().status is TaskStatus.ASSIGNED
    assert answers(office, COORDINATOR) == []


@pytest.mark.parametrize(
    "content",
    [
        winmail({"a.exe": b"MZ"}),
        winmail({"..\\..\\evil.pdf": b"no pdf"}),
        winmail({"a.pdf": PDF})[:60],
        winmail({}) + (struct.pack("<BHHI", 1, 0x8008, 2, 1) + b"\0\0\0") * 1_000_000,
    ],
    ids=["program", "path", "cut off", "a million parts"],
)
def test_a_hostile_winmail_leaves_no_file_and_is_named(office: Office, content: bytes) -> None:
    answer(office, "Báo cáo kết quả số 7", files={"winmail.dat": content})
    assert draft(office).files == [] and "Không nhận: " in answers(office)[0]


def test_no_stranger_has_a_winmail_opened(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_given: object) -> None:
        raise AssertionError("opened for a stranger")

    monkeypatch.setattr("workflows.replies.received_replies.open_winmail", fails)
    sent = {"winmail.dat": winmail({"a.pdf": PDF})}
    taken = answer(office, "x", sender="evil@x.example", to=f"reply+{'a' * 48}@mpt.example", files=sent)
    assert taken.why is ReplyWhy.FORGED
