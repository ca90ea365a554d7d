"""Reports as three families of mail servers write them, of a letter that really left, and of none."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from notifications.composing.keys import RETURN_HEADER

TO_US = "bounce@mpt.example"


def token_of(letter: bytes) -> str:
    return str(message_from_bytes(letter, policy=policy.default)[RETURN_HEADER])


def headers_of(letter: bytes) -> str:
    return letter.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode()


def postfix(
    letter: bytes,
    action: str = "failed",
    status: str = "5.1.1",
    *,
    envid: str = "",
    message_id: str = "20040601@mx",
    to: str = TO_US,
    said: str = "smtp; 550 5.1.1 <x@mpt.example>: Recipient address rejected: User unknown",
    returned: str | None = None,
) -> bytes:
    """Postfix: the envelope's id in the first block, and the letter's headers as text/rfc822-headers."""
    first = f"Original-Envelope-Id: {envid}\n" if envid else ""
    headers = headers_of(letter) if returned is None else returned
    return f"""\
Return-Path: <>
Delivered-To: {to}
Received: by mx.mpt.example (Postfix) id 4B1C2; Tue, 01 Jun 2004 08:00:03 +0700 (+07)
Date: Tue, 01 Jun 2004 08:00:03 +0700 (+07)
From: MAILER-DAEMON@mx.mpt.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4B1C2.1086051603/mx.mpt.example"
Message-Id: <{message_id}>

This is a MIME-encapsulated message.

--4B1C2.1086051603/mx.mpt.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4B1C2.1086051603/mx.mpt.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mpt.example
{first}X-Postfix-Queue-ID: 4B1C2
X-Postfix-Sender: rfc822; dondoc@mpt.example
Arrival-Date: Tue,  1 Jun 2004 08:00:02 +0700 (+07)

Final-Recipient: rfc822; x@mpt.example
Original-Recipient: rfc822;x@mpt.example
Action: {action}
Status: {status}
Remote-MTA: dns; mail.mpt.example
Diagnostic-Code: {said}

--4B1C2.1086051603/mx.mpt.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

{headers}

--4B1C2.1086051603/mx.mpt.example--
""".replace("\n", "\r\n").encode()


def exchange(letter: bytes, action: str = "failed", status: str = "5.1.10") -> bytes:
    """Exchange: the whole letter comes back, and the report's words are in HTML."""
    head = f"""\
From: <postmaster@tct-t.example>
To: <dondoc@mpt.example>
Date: Tue, 1 Jun 2004 01:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
	boundary="e9e6a5b8-b1f0-4d3c-9f1c-3d8f2d1b7a11"
Content-Language: en-GB
Message-ID: <6fd4b6f3-0c1a-4d53-86f8-7c3e3df9c1aa@tct-t.example>
Subject: Undeliverable: =?utf-8?b?W8SQw7RuIMSR4buRY10=?=
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
MIME-Version: 1.0

--e9e6a5b8-b1f0-4d3c-9f1c-3d8f2d1b7a11
Content-Type: multipart/alternative; differences=Content-Type;
	boundary="inner-e9e6a5b8"

--inner-e9e6a5b8
Content-Type: text/plain; charset="us-ascii"

Delivery has failed to these recipients or groups:

--inner-e9e6a5b8--

--e9e6a5b8-b1f0-4d3c-9f1c-3d8f2d1b7a11
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.tct-t.example
Received-From-MTA: dns;mx.mpt.example
Arrival-Date: Tue, 1 Jun 2004 01:00:04 +0000

Final-Recipient: rfc822;x@tct-t.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient x@tct-t.example
 not found by SMTP address lookup
X-Display-Name: X

--e9e6a5b8-b1f0-4d3c-9f1c-3d8f2d1b7a11
Content-Type: message/rfc822

"""
    tail = "\n--e9e6a5b8-b1f0-4d3c-9f1c-3d8f2d1b7a11--\n"
    return head.replace("\n", "\r\n").encode() + letter + tail.replace("\n", "\r\n").encode()


def gmail(letter: bytes, to: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Gmail: no envelope id; it comes to the address that the letter left from."""
    return f"""\
Delivered-To: {to}
Return-Path: <>
Date: Mon, 31 May 2004 18:00:06 -0700 (PDT)
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <letter@mpt.example>
In-Reply-To: <letter@mpt.example>
X-Failed-Recipients: x@gmail.example
Message-ID: <665a5c06.050a0220.5d3c9.1c2d.GMR@mx.google.com>
MIME-Version: 1.0
Content-Type: multipart/report; boundary="00000000000093e1c50619a"; report-type=delivery-status

--00000000000093e1c50619a
Content-Type: multipart/related; boundary="00000000000093e1cb0619b"

--00000000000093e1cb0619b
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--00000000000093e1cb0619b--
--00000000000093e1c50619a
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Received-From-MTA: dns; dondoc@mpt.example
Arrival-Date: Mon, 31 May 2004 18:00:05 -0700 (PDT)
X-Original-Message-ID: <letter@mpt.example>

Final-Recipient: rfc822; x@gmail.example
Action: {action}
Status: {status}
Remote-MTA: dns; gmail-smtp-in.l.google.com. (64.233.184.26, the server for the domain gmail.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
Last-Attempt-Date: Mon, 31 May 2004 18:00:06 -0700 (PDT)

--00000000000093e1c50619a
Content-Type: text/rfc822-headers

From: dondoc@mpt.example
Subject: =?utf-8?q?Giao_nhi=E1=BB=87m_v=E1=BB=A5?=

--00000000000093e1c50619a--
""".replace("\n", "\r\n").encode()


def holiday_answer() -> bytes:
    """What a person's mail program answers by itself; the words look like a report."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "x@mpt.example", TO_US, "Undelivered Mail Returned to Sender"
    message["Message-ID"] = "<holiday@mpt.example>"
    message.set_content("Action: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; x@mpt.example\n")
    return bytes(message)


def nested(depth: int) -> bytes:
    """Parts within parts."""
    lines = [b"Content-Type: multipart/report; report-type=delivery-status; boundary=b0", b""]
    for level in range(depth):
        lines += [b"--b%d" % level, b"Content-Type: multipart/mixed; boundary=b%d" % (level + 1), b""]
    return b"\r\n".join(lines)
