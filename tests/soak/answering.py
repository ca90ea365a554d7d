"""People at their mail programs: they answer letters that really arrived, well or badly, and press links in what comes.

What they write is put where an office's mail server puts it, for the next tick to read. Each message has a number in
its subject, and its words have the number of the message that said them first.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.database.run import link_key
from models.replies.reply import MESSAGE
from models.settings import MailSettings, ReplySettings, Settings
from models.text.localtime import local_date, write_date
from notifications.replies.imap import LARGEST
from tests.reply_samples import PDF, PROGRAMS, reply
from tests.soak.server import Post
from workflows.access.actor_context import ActorContext
from workflows.replies.confirm_reply import confirm, open_draft
from workflows.replies.reply_tasks import newest_history
from workflows.rules.calendar.workdays import WorkCalendar

SERVER, MAILBOX = "mx.mpt.example", "reply@mpt.example"
STRANGERS = "stranger.example"
"""A domain of nobody who is in any register."""
SPOOFED, COLLEAGUE, STRANGER, BY_PROGRAM, LISTED, OWN, CUT, ALTERED, UNNAMED, EMPTY, LARGE, TWO_SENDERS, CHARSET = (
    "spoofed",
    "colleague",
    "stranger",
    "by a program",
    "through a list",
    "own",
    "token cut",
    "token altered",
    "no token",
    "empty",
    "too large",
    "two senders",
    "unknown charset",
)
"""What is wrong with a message. One that is spoofed, a person of the register would have to confirm."""
AGAIN, REPEATED = "delivered twice", "repeated"
_BAD = (
    *(SPOOFED, COLLEAGUE, STRANGER, BY_PROGRAM, BY_PROGRAM, LISTED, OWN, CUT, ALTERED, UNNAMED, EMPTY, LARGE),
    *(TWO_SENDERS, CHARSET, *(AGAIN,) * 4, *(REPEATED,) * 4),
)
_BY_A_PROGRAM = ({"Auto_Submitted": "auto-replied"}, {"Return_Path": "<>"}, {"X_Autoreply": "yes"})
_WORDS = (
    "Đã tiếp nhận: {own}",
    "accepted: {own}",
    "Tiến độ {percent}%: {own}",
    "Kính gửi Vụ Viễn thông,\nTIEN DO {percent}%, {own}",
    "Progress {percent}%: {own}",
    "Báo cáo kết quả số {percent}/BC ngày {today}: {own}",
    "Result no. {percent}/BC dated {today}: {own}",
    "Báo cáo kết quả",
    "Xin gia hạn đến {day}: {own}",
    "Extension to {day}: {own}",
    "xin gia hạn",
    "Vướng mắc: {own}",
    "Obstacle: {own}",
    "Đơn vị đang làm, {own}",
    "We are working on it, {own}",
)
_REPLY_TO = re.compile(rb"^Reply-To:\s*<?([^>\s]+)", re.MULTILINE)
_LINK = re.compile(r"/r/([\w.-]+)")


def mail_settings() -> MailSettings:
    """Letters can be answered."""
    return MailSettings(mode="smtp", reply_address=MAILBOX)


def reply_settings(seed: int, domains: list[str]) -> ReplySettings:
    """What an office may choose: it believes its mail server or not, and trusts some domains or none."""
    draw = random.Random(f"mail {seed}")
    believes, trusts = draw.random() < 0.7, draw.random() < 0.6
    return ReplySettings(
        authserv_id=SERVER if believes else "",
        trusted_domains=tuple(draw.sample(domains, len(domains) // 2)) if trusts else (),
        answers_per_day=draw.choice((2, 20)),
        last_days=draw.choice((15, 60)),
    )


def own_words(number: int) -> str:
    """By what the words of a message are known wherever they come to stand."""
    return f"thư-{number}"


@dataclass(frozen=True)
class Message:
    """A message that was put where replies are read. `fault`: what is wrong with it; `words`: whose it repeats."""

    number: int
    fault: str
    words: int
    fields: dict[str, Any]  # as it was written
    content: bytes


@dataclass(frozen=True)
class _Letter:
    to: str
    reply_to: str


class Answering:
    """All who answer letters of one play, and the links that came to them."""

    def __init__(self, post: Post, settings: Settings, statistics: Counter[str]) -> None:
        self.post, self.settings, self.statistics = post, settings, statistics
        self.messages = list[Message]()
        self._seen = Counter[str]()  # copies of a letter that were looked at
        self._letters, self._links = list[_Letter](), list[str]()
        self._pressed, self._shown = list[str](), dict[str, UUID | None]()
        self._files = 0

    def answer(self, now: datetime, draw: random.Random) -> None:
        """Somebody answers a letter, mostly one of the newest."""
        self._fetch()
        if not self._letters:
            return
        bad = draw.choice(_BAD) if draw.random() < 0.4 else ""
        if bad == AGAIN and self.messages:
            self._put(self.messages[-draw.randrange(1, min(6, len(self.messages)) + 1)].content, draw)
        elif bad == REPEATED and self.messages:
            said = self.messages[-draw.randrange(1, min(6, len(self.messages)) + 1)]
            self._write(said.fault, said.words, said.fields, draw)
        elif bad in (AGAIN, REPEATED):
            return
        else:
            newest = self._letters[-10:] if draw.random() < 0.85 else self._letters
            of_units = [one for one in newest if not one.to.endswith(MAILBOX.partition("@")[2])]
            self._write(bad, 0, self._fields(draw.choice(of_units or newest), bad, now, draw), draw)
            bad = bad or "well"
        self.statistics[f"reply written: {bad}"] += 1

    def _fields(self, letter: _Letter, bad: str, now: datetime, draw: random.Random) -> dict[str, Any]:
        text = draw.choice(_WORDS)
        day = local_date(now) + timedelta(days=draw.randrange(1, 40))
        given = {"percent": draw.randrange(1, 100), "day": write_date(day), "today": write_date(local_date(now))}
        fields: dict[str, Any] = {
            "to": letter.reply_to,
            "sender": letter.to,
            "text": text.format(own="{own}", **given),
            "number": f"#{draw.randrange(1, 4)} " if draw.random() < 0.35 else "",
            "program": draw.choice(sorted(PROGRAMS)),
            "sent": format_datetime(now),
        }
        if draw.random() < (0.7 if "kết quả" in text or "Result" in text else 0.1):
            fields["files"] = {"báo cáo.pdf": PDF}
        fields |= self._wrong(bad, letter, draw)
        signed = STRANGERS if bad == SPOOFED else fields["sender"].rpartition("@")[2]
        if draw.random() < 0.8:
            fields["Authentication_Results"] = f"{SERVER}; dkim=pass header.d={signed}"
        return fields

    def _wrong(self, bad: str, letter: _Letter, draw: random.Random) -> dict[str, Any]:
        """What a bad message has instead."""
        name, plus, rest = letter.reply_to.partition("+")
        others = sorted({one.to for one in self._letters} - {letter.to})
        choices: dict[str, Callable[[], dict[str, Any]]] = {
            COLLEAGUE: lambda: {"sender": draw.choice(others or [f"colleague@{STRANGERS}"])},
            STRANGER: lambda: {"sender": f"somebody@{STRANGERS}"},
            BY_PROGRAM: lambda: draw.choice(_BY_A_PROGRAM),
            LISTED: lambda: {"List_Id": "<all.example>"},
            OWN: lambda: {"sender": self.settings.mail.sender},
            CUT: lambda: {"to": f"{name}{plus}{rest[draw.randrange(1, 40) :]}"},
            ALTERED: lambda: {"to": f"{name}{plus}{'b' if rest[9] == 'a' else 'a'}{rest[1:9]}a{rest[10:]}"},
            UNNAMED: lambda: {"to": MAILBOX},
            EMPTY: lambda: {"text": "", "number": "", "files": {}},
        }
        return choices.get(bad, dict)()

    def _write(self, fault: str, words: int, fields: dict[str, Any], draw: random.Random) -> None:
        number = len(self.messages) + 1
        words = words or number
        given = dict(fields)
        text = given.pop("number") + given.pop("text").replace("{own}", own_words(words))
        given["text"] = PROGRAMS[given.pop("program")].format(own=text)
        content = reply(subject=f"Re: [Đôn đốc] {number}", message_id=f"<{number}@mail.example>", **given)
        if fault == TWO_SENDERS:
            content = f"From: a@{STRANGERS}\n".encode() + content
        if fault == CHARSET:
            head, _end, _words = content.partition(b"\n\n")
            head = re.sub(rb"(?m)^Content-[^:]*:.*$", b"", head).replace(b"\n\n", b"\n").strip()
            content = head + b"\nContent-Type: text/plain; charset=utf-8\n\n\xff\xfe\xfa"
        self.messages.append(Message(number, fault, words, fields, content))
        self._put(content, draw, large=fault == LARGE)

    def _put(self, content: bytes, draw: random.Random, *, large: bool = False) -> None:
        """As a mail server does: under another name first, so that half a message is never read."""
        own_folder, that_of_bounces = self.settings.replies_folder, self.settings.bounces_folder
        folder = own_folder if draw.random() < 0.75 else that_of_bounces
        folder.mkdir(exist_ok=True)
        self._files += 1
        path = folder / f"{self._files:05d}.part"
        with path.open("wb") as file:
            file.write(content)
            if large:
                file.truncate(LARGEST + 1)
        path.rename(path.with_suffix(".eml"))

    def press(
        self, session: Session, calendar: WorkCalendar, now: datetime, draw: random.Random, *, is_same: bool = False
    ) -> None:
        """Somebody opens a link of an answer, mostly a new one, and mostly presses; perhaps they did before.

        Raises what the site would tell them.
        """
        self._fetch()
        luck = draw.random()
        new = [one for one in self._links if one not in self._pressed]
        if is_same or (luck < 0.15 and self._pressed):
            tokens = self._pressed[-1:] if is_same else self._pressed
        else:
            tokens = new[-1:] if luck < 0.9 and new else self._links
        if not tokens:
            return
        token = draw.choice(tokens)
        key = link_key(session)
        opened = open_draft(session, key, token)
        if opened.task_id is None:
            opened = open_draft(session, key, token, draw.randrange(1, len(opened.draft.task_ids) + 1))
        assert opened.task_id is not None
        seen = self._shown.setdefault(token, newest_history(session, opened.task_id))
        self.statistics["link opened"] += 1
        if draw.random() < 0.2:
            return  # and presses another day
        self._pressed.append(token)
        self._shown.pop(token)
        self.statistics["link pressed"] += 1
        given = dict(opened.draft.given)
        for name, value in _asked_for(opened.draft.action, own_words(self._number(opened.reply.subject)), now).items():
            given.setdefault(name, value)
        confirm(ActorContext(session, opened.person, now, calendar, self.settings), opened, given, seen=seen)

    def _number(self, subject: str) -> int:
        return self.messages[int(subject.rpartition(" ")[2]) - 1].words

    def _fetch(self) -> None:
        """Reads what has arrived since."""
        for name, copies in self.post.arrived.items():
            for to, content in copies[self._seen[name] :]:
                self._seen[name] += 1
                head = content.partition(b"\r\n\r\n")[0]
                if found := _REPLY_TO.search(head):
                    self._letters.append(_Letter(to.lower(), found[1].decode()))
                if b"Auto-Submitted: auto-replied" in head:
                    self._links += [one for one in _links(content) if one not in self._links]


def _links(content: bytes) -> list[str]:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return list(dict.fromkeys(_LINK.findall(body.get_content()))) if body is not None else []


def _asked_for(action: str, own: str, now: datetime) -> dict[str, str]:
    """What the page asks for besides, if the reply did not say it."""
    if action == MESSAGE:
        return {"text": own}
    today = local_date(now)
    if action == "submit":
        return {"number": "1/BC", "date": today.isoformat(), "subject": "Báo cáo", "signer": "Trần B", "note": own}
    return {"note": own} | ({"due": (today + timedelta(days=9)).isoformat()} if action == "ask-extension" else {})
