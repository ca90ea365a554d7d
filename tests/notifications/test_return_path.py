"""Where a letter can come back to: what its envelope and its headers say of it."""

import re
from uuid import UUID

import pytest
from pydantic import ValidationError

from models.settings import MailSettings
from notifications.composing.keys import RETURN_HEADER, sign_return
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import SendOutcome
from tests.notifications.smtp_servers import ScriptedServer

TO = "head@tct-t.example"
TOKEN = sign_return("key", UUID(int=1), TO)
LETTER = f"Subject: muc 2\r\nMessage-ID: <1@dondoc.example>\r\n{RETURN_HEADER}: {TOKEN}\r\n\r\nKinh gui\r\n".encode()
DSN = "250-test\r\n250-DSN\r\n250 8BITMIME"


def envelope(letter: bytes, greeting: str | None = None, bounce_address: str | None = None) -> str:
    script = {"EHLO": greeting} if greeting else {}
    with ScriptedServer(**script) as server:
        settings = MailSettings(port=server.port, timeout_seconds=5.0, bounce_address=bounce_address)
        with YagmailSender(settings) as sender:
            assert sender.send(TO, letter).outcome is SendOutcome.ACCEPTED
        return next(line for line in server.commands if line.startswith("MAIL"))


def test_as_ever_a_letter_leaves_from_the_sender() -> None:
    assert "FROM:<dondoc@mpt.example>" in envelope(LETTER)
    assert "ENVID" not in envelope(LETTER), "a server that offers no DSN would refuse it"


def test_with_a_mailbox_for_it_each_letter_has_a_return_path_of_its_own() -> None:
    assert f"FROM:<bounce+{TOKEN}@mpt.example>" in envelope(LETTER, bounce_address="bounce@mpt.example")
    local = re.findall(r"<(.*)@", envelope(LETTER, bounce_address="abcdefghijklmno@mpt.example"))[0]
    assert len(local) == 64, "RFC 5321 allows no more"


def test_a_server_that_offers_reports_is_given_the_token_as_envelope_id() -> None:
    assert f"RET=HDRS ENVID={TOKEN}" in envelope(LETTER, DSN)


def test_a_letter_without_a_token_goes_out_all_the_same() -> None:
    plain = LETTER.replace(RETURN_HEADER.encode(), b"X-Other")
    assert envelope(plain, DSN).count("ENVID") == 0
    assert "FROM:<bounce@mpt.example>" in envelope(plain, bounce_address="bounce@mpt.example")


def test_a_token_in_the_words_of_a_letter_is_none() -> None:
    quoted = b"Subject: x\r\n\r\n" + LETTER
    assert TOKEN not in envelope(quoted, DSN, "bounce@mpt.example")


@pytest.mark.parametrize(
    "wrong", ["sixteen-letters-@mpt.example", "a b@mpt.example", "a@mpt.example>\r\nRCPT", "a@", ""]
)
def test_an_address_without_room_for_the_token_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match=r"bounce@office\.example"):
        MailSettings(bounce_address=wrong)
