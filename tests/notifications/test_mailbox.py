"""The local mailbox keeps every letter it accepted, readable, in order, and takes none from another machine."""

import socket
import stat
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from models.errors import BadInput, Refused
from models.settings import MailSettings
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome


def letter() -> bytes:
    message = EmailMessage()
    message["From"] = "Hệ thống Đôn đốc <dondoc@mpt.example>"
    message["To"] = "Ông Nguyễn Văn Đức <duc@tct-t.example>"
    message["Subject"] = "Mục 2: chậm nhất ngày 05/11/2026, " + "đề nghị báo cáo kết quả " * 5
    message["Date"] = "Thu, 05 Nov 2026 08:00:00 +0700"
    message["Message-ID"] = "<key-1@dondoc.example>"
    message["List-Id"] = "<nhac-viec.dondoc.example>"
    message.set_content("Kính gửi: Ông Nguyễn Văn Đức\n.dòng có chấm\n", cte="base64")
    message.add_alternative("<p>Kính gửi</p>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="thời hạn.ics")
    return message.as_bytes()


def deliver(mailbox: LocalMailbox, *addresses: str, content: bytes | None = None) -> list[Attempt]:
    with YagmailSender(MailSettings(port=mailbox.port, timeout_seconds=5)) as sender:
        return [sender.send(address, content or letter()) for address in addresses]


def test_a_letter_is_read_as_it_was_written(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        deliver(mailbox, "duc@tct-t.example")
    (received,) = read_mailbox(mailbox.folder)
    assert received.to == "duc@tct-t.example"
    assert received.subject.startswith("Mục 2: chậm nhất ngày 05/11/2026, đề nghị báo cáo")
    assert received.date == datetime(2026, 11, 5, 1, tzinfo=UTC)
    assert received.message_id == "<key-1@dondoc.example>"
    assert received.text.splitlines() == ["Kính gửi: Ông Nguyễn Văn Đức", ".dòng có chấm"]
    assert received.html.strip() == "<p>Kính gửi</p>"
    assert received.attachments == ("thời hạn.ics",)
    assert received.message()["List-Id"] == "<nhac-viec.dondoc.example>"
    assert received.message()["Return-Path"] == "<dondoc@mpt.example>"


def test_to_is_the_address_on_the_envelope_not_the_one_in_the_letter(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        deliver(mailbox, "stand-in@tct-t.example")
    assert [received.to for received in read_mailbox(mailbox.folder)] == ["stand-in@tct-t.example"]


def test_letters_stay_in_the_order_of_arrival_over_a_restart(tmp_path: Path) -> None:
    addresses = [f"head{number}@tct-t.example" for number in range(60)]
    for half in (addresses[:30], addresses[30:]):
        with LocalMailbox(tmp_path / "mailbox") as mailbox:
            deliver(mailbox, *half)
    assert [received.to for received in read_mailbox(mailbox.folder)] == addresses


def test_several_senders_at_once_lose_nothing(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        threads = [
            threading.Thread(target=deliver, args=(mailbox, *[f"{n}-{i}@x.example" for i in range(25)]))
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({received.to for received in read_mailbox(mailbox.folder)}) == 100


def test_a_letter_over_the_limit_is_refused_for_good_and_nothing_is_kept(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox", largest=2000) as mailbox:
        (ended,) = deliver(mailbox, "a@x.example", content=letter() + b"x" * 70 * 30)
    assert (ended.outcome, ended.code) == (SendOutcome.PERMANENT, 552)
    assert list(mailbox.folder.iterdir()) == []


def test_a_full_disk_defers_the_letter(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        mailbox.folder.rmdir()  # stands in for any folder that cannot be written
        (ended,) = deliver(mailbox, "a@x.example")
    assert (ended.outcome, ended.code) == (SendOutcome.TEMPORARY, 452)


def test_letters_are_for_the_owner_only_and_no_unfinished_file_is_read(tmp_path: Path) -> None:
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        deliver(mailbox, "a@x.example")
    (mailbox.folder / ".half.eml.part").write_bytes(b"Subject: ha")
    assert len(read_mailbox(mailbox.folder)) == 1
    assert stat.S_IMODE(mailbox.folder.stat().st_mode) == 0o700


def test_mail_of_others_is_read_without_failing(tmp_path: Path) -> None:
    (tmp_path / "1.eml").write_bytes(b"")
    (tmp_path / "2.eml").write_bytes(b"To: A <a@x.example>, b@x.example\r\nDate: yesterday\r\n\r\nhello")
    (tmp_path / "3.eml").write_bytes(b"Content-Type: text/plain; charset=no-such\r\n\r\nxin ch\xc3\xa0o")
    (tmp_path / "4.eml").write_bytes(b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno parts")
    empty, plain, unknown, broken = read_mailbox(tmp_path)
    assert (empty.to, empty.subject, empty.date, empty.text) == ("", "", None, "")
    assert (plain.to, plain.date, plain.text) == ("a@x.example, b@x.example", None, "hello")
    assert unknown.text == "xin chào"
    assert broken.attachments == ()


def test_no_folder_is_an_empty_mailbox(tmp_path: Path) -> None:
    assert read_mailbox(tmp_path / "none") == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mail.mpt.example", ""])
def test_the_mailbox_refuses_to_listen_beyond_this_machine(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadInput, match="loopback"):
        LocalMailbox(tmp_path, host=host)


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=str(port)):
            LocalMailbox(tmp_path, port=port).start()


def test_stopping_with_a_connection_open_ends_it_and_frees_the_port(tmp_path: Path) -> None:
    mailbox = LocalMailbox(tmp_path)
    mailbox.start()
    with socket.create_connection(("127.0.0.1", mailbox.port), 5) as idle:
        idle.recv(100)
        mailbox.stop()
        assert idle.recv(100) == b""
    mailbox.stop()  # twice is once
    mailbox.start()
    mailbox.stop()
