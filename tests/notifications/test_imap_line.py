"""A mailbox's server that answers for ever, or too much, or while this program is to stop."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest
from pydantic import SecretStr

from models.settings import MailboxSettings
from notifications.replies import imap
from notifications.replies.imap import ImapTrouble, messages_after

pytestmark = pytest.mark.long

ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"LOGIN": b"",
    b"STATUS": b'* STATUS "INBOX" (UIDVALIDITY 1)\r\n',
    b"EXAMINE": b"* 1 EXISTS\r\n",
    b"UID SEARCH": b"* SEARCH 1\r\n",
    b"UID FETCH": b"* 1 FETCH (UID 1 BODY[]<0> {5}\r\nhello)\r\n",
    b"LOGOUT": b"* BYE\r\n",
}
STEPS = [b"greeting", *list(ANSWERS)[:-1]]


@contextmanager
def server(at: bytes, piece: bytes) -> Iterator[MailboxSettings]:
    """Speaks IMAP up to a step, and from there on says `piece` for as long as anybody listens."""
    listening, over = socket.create_server(("127.0.0.1", 0)), Event()

    def serve() -> None:
        with suppress(OSError):
            while True:
                speak(listening.accept()[0])

    def speak(line: socket.socket) -> None:
        with line, suppress(OSError), line.makefile("rb") as said:
            if at != b"greeting":
                line.sendall(b"* OK hello\r\n")
                for command in said:
                    mark, _blank, words = command.partition(b" ")
                    name = next(known for known in ANSWERS if words.upper().startswith(known))
                    if name == at:
                        break
                    line.sendall(ANSWERS[name] + mark + b" OK done\r\n")
            while not over.wait(0.01):
                line.sendall(piece)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield MailboxSettings(
            host="127.0.0.1",
            port=listening.getsockname()[1],
            user="dondoc",
            password=SecretStr("secret"),
            security="none",
            timeout_seconds=600,
        )
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@pytest.mark.parametrize("step", STEPS)
def test_a_look_ends_though_its_server_goes_on_for_ever(step: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "LOOK_SECONDS", 1.0)
    with server(step, b"*") as settings, pytest.raises(ImapTrouble, match="timed out"):
        list(messages_after(settings, None))


@pytest.mark.parametrize("step", STEPS)
def test_a_look_ends_where_the_program_is_to_stop(step: bytes) -> None:
    with server(step, b"*") as settings, pytest.raises(ImapTrouble, match="told to stop"):
        list(messages_after(settings, None, should_continue=lambda: False))


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_without_end_is_not_kept(step: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MOST_BYTES", 100_000)
    with server(step, b"* OK more\r\n" * 1000) as settings, pytest.raises(ImapTrouble, match="more than 100000 bytes"):
        list(messages_after(settings, None))


def test_a_message_that_is_said_to_be_endless_is_not_read() -> None:
    literal = b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n"
    with server(b"UID FETCH", literal) as settings, pytest.raises(ImapTrouble, match="more than"):
        list(messages_after(settings, None))


def test_the_password_stands_in_no_trouble() -> None:
    with server(b"LOGIN", b"dondoc-1 NO secret is wrong\r\n") as settings, pytest.raises(ImapTrouble) as caught:
        list(messages_after(settings, None, should_continue=lambda: False))
    assert "secret" not in str(caught.value)
