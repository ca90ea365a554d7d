"""Replies as mail programs write them, in Vietnamese and English, to a letter that really left; and hostile ones."""

import struct
from email.message import EmailMessage
from email.utils import format_datetime

from tests.office import at

QUOTED = "Kính gửi: Ông Trần Văn B\nThực hiện Chỉ thị số 06/2004/CT-BBCVT …"

GMAIL_VI = """\
{own}

Vào Th 3, 1 thg 6, 2004 vào lúc 08:00 Hệ thống Đôn đốc <
dondoc@mpt.example> đã viết:

> Kính gửi: Ông Trần Văn B
> Thực hiện Chỉ thị số 06/2004/CT-BBCVT
>
"""
GMAIL_VI_OLD = """\
{own}

Vào 08:00, Th 3, 1 thg 6, 2004 Hệ thống Đôn đốc <dondoc@mpt.example> đã viết:

> Kính gửi: Ông Trần Văn B
"""
GMAIL_EN = """\
{own}

On Tue, Jun 1, 2004 at 8:00 AM Hệ thống Đôn đốc <dondoc@mpt.example>
wrote:

> Kính gửi: Ông Trần Văn B
"""
APPLE_VI = """\
{own}

Đã gửi từ iPhone của tôi

> Vào 1 thg 6, 2004, lúc 08:00, Hệ thống Đôn đốc <dondoc@mpt.example> đã viết:
>
> Kính gửi: Ông Trần Văn B
"""
APPLE_EN = """\
{own}

Sent from my iPhone

> On 1 Jun 2004, at 08:00, Hệ thống Đôn đốc <dondoc@mpt.example> wrote:
>
> To: Mr Trần Văn B
"""
OUTLOOK_VI = """\
{own}

Trân trọng,
Trần Văn B
Giám đốc, Công ty Viễn thông X
ĐT: 0912 345 678

________________________________
Từ: Hệ thống Đôn đốc <dondoc@mpt.example>
Đã gửi: Thứ Ba, 1 Tháng Sáu 2004 8:00 SA
Đến: Trần Văn B <b@tct-t.example>
Chủ đề: [Đôn đốc] 01 nhiệm vụ quá hạn

Kính gửi: Ông Trần Văn B
"""
OUTLOOK_EN = """\
{own}

Kind regards,
Trần Văn B

From: Hệ thống Đôn đốc <dondoc@mpt.example>
Sent: Tuesday, June 1, 2004 8:00 AM
To: Trần Văn B <b@tct-t.example>
Subject: [Reminder] 1 task overdue

To: Mr Trần Văn B
"""
OUTLOOK_OLD = """\
{own}

-----Original Message-----
From: Hệ thống Đôn đốc [mailto:dondoc@mpt.example]
Sent: Tuesday, June 1, 2004 8:00 AM
To: Trần Văn B
Subject: [Đôn đốc]

Kính gửi
"""
ZIMBRA_VI = """\
{own}

----- Thư gốc -----
Từ: "Hệ thống Đôn đốc" <dondoc@mpt.example>
Tới: "Trần Văn B" <b@tct-t.example>
Đã gửi: Thứ ba, 1 Tháng 6, 2004 8:00:00 AM
Chủ đề: [Đôn đốc] 01 nhiệm vụ quá hạn

Kính gửi: Ông Trần Văn B
"""
ZIMBRA_EN = """\
{own}

--\x20
Trần Văn B
Công ty Viễn thông X

From: "Hệ thống Đôn đốc" <dondoc@mpt.example>
To: "Trần Văn B" <b@tct-t.example>
Sent: Tuesday, June 1, 2004 8:00:00 AM
Subject: [Reminder]

To: Mr Trần Văn B
"""
THUNDERBIRD_VI = """\
{own}

Vào lúc 08:00 01/06/2004, Hệ thống Đôn đốc đã viết:
> Kính gửi: Ông Trần Văn B
"""
PROGRAMS = {
    name.lower(): form
    for name, form in globals().items()
    if name.startswith(("GMAIL", "APPLE", "OUTLOOK", "ZIMBRA", "THUNDERBIRD"))
}
"""The forms by name; `{own}` stands for the sender's own words."""

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def winmail(files: dict[str, bytes]) -> bytes:
    """A winmail.dat as Outlook writes one (TNEF): per file its form, short name, content and long name."""

    def part(level: int, name: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    made = struct.pack("<IH", 0x223E9F78, 1)
    made += part(1, 0x9006, 8, struct.pack("<I", 0x10000)) + part(1, 0x9007, 6, struct.pack("<II", 1258, 0))
    for name, content in files.items():
        long_name = (name + "\0").encode("utf-16-le")
        padded = long_name + b"\0" * (-len(long_name) % 4)
        properties = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(long_name)) + padded
        made += part(2, 0x9002, 6, b"\1\0" + b"\xff" * 4 + b"\0" * 8) + part(2, 0x8010, 1, b"BAOCAO~1.PDF\0")
        made += part(2, 0x800F, 6, content) + part(2, 0x9005, 6, properties)
    return made


def reply(
    to: str,
    text: str,
    *,
    sender: str,
    message_id: str = "<one@tct-t.example>",
    subject: str = "Re: [Đôn đốc]",
    html: str | None = None,
    files: dict[str, bytes] | None = None,
    sent: str = "",
    **headers: str,
) -> bytes:
    """A person's reply; `headers` with their dashes as underscores."""
    message = EmailMessage()
    message["From"] = f"Trần Văn B <{sender}>"
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = message_id
    message["Date"] = sent or format_datetime(at(1, hour=9))
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if html is None:
        message.set_content(text)
    elif text:
        message.set_content(text)
        message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    for name, content in (files or {}).items():
        kind, _slash, rest = ("application/pdf" if name.endswith(".pdf") else "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=kind, subtype=rest, filename=name)
    return bytes(message)
