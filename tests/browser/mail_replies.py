"""Replies by mail to letters of the autumn: one about one task, one about several, one that nobody of ours wrote."""

from uuid import UUID

from sqlmodel import Session, col, select

from models.database.run import link_key
from models.database.session import reading
from models.letters.letter import Letter, LetterKind, LetterState
from models.organization.person import Person
from models.replies.reply import Reply, ReplyDraft, ReplyState
from notifications.composing.keys import sign_draft, sign_reply, token_address
from tests.browser.places import Place
from tests.reply_samples import GMAIL_VI, PDF, reply
from workflows.organization.working_calendar import load_calendar
from workflows.replies.read_mail import open_reader
from workflows.replies.reply_tasks import has_classified, tasks_of

_RESULT = "Báo cáo kết quả số 12/BC-VT ngày 02/11/2026"


def a_reply_was_read(place: Place) -> str:
    """The list of replies, with some in it."""
    _read(place)
    return "/admin/replies"


def read_reply_page(place: Place) -> str:
    """The page of a reply that waits for its sender."""
    _read(place)
    with reading(place.story.engine) as session:
        found = session.exec(select(Reply.id).where(Reply.state == ReplyState.WAITS)).first()
        assert found is not None
        return f"/admin/replies/{found.hex}"


def reply_link(place: Place, *, several: bool) -> str:
    """The link of an answer: to one task, or to several of which one is to be chosen."""
    _read(place)
    with reading(place.story.engine) as session:
        drafts = session.exec(select(ReplyDraft).where(col(ReplyDraft.used_at).is_(None))).all()
        found = next(one for one in drafts if (len(one.task_ids) > 1) is several)
        return f"/r/{sign_draft(link_key(session), found.id)}"


def _read(place: Place) -> None:
    """What is read once is not read again."""
    engine, settings = place.story.engine, place.story.settings
    with reading(engine) as session:
        calendar, key = load_calendar(session), link_key(session)
        one, many = _letter(session, several=False), _letter(session, several=True)
    reader = open_reader(engine, settings, now=place.now, calendar=calendar)
    assert reader is not None

    def send(letter: tuple[UUID, str], text: str, name: str, sender: str = "", **files: bytes) -> None:
        to = token_address("reply@mpt.example", sign_reply(key, letter[0], letter[1]))
        given = {f"{name}.pdf": content for name, content in files.items()}
        content = reply(to, text, sender=sender or letter[1], message_id=f"<{name}@x.example>", files=given)
        reader.keep_at_replies(content)

    send(one, GMAIL_VI.format(own=_RESULT), "result", bao_cao=PDF)
    send(many, "Đã tiếp nhận", "which")
    send(one, "Đã tiếp nhận", "forged", sender="la@x.example")


def _letter(session: Session, *, several: bool) -> tuple[UUID, str]:
    """The newest letter to somebody who is there, about one task or several."""
    query = (
        select(Letter, Person)
        .join(Person, col(Person.id) == col(Letter.recipient_id))
        .where(
            Letter.state == LetterState.SENT,
            col(Letter.kind).in_((LetterKind.ASSIGNED, LetterKind.DIGEST)),
            col(Person.is_active),
            col(Person.email).is_not(None),
        )
    )
    for letter, person in session.exec(query.order_by(col(Letter.slot).desc(), col(Letter.id))):
        tasks = set(tasks_of(session, letter))
        if (len(tasks) > 1) is several and tasks and not has_classified(session, list(tasks)):
            return letter.id, str(person.email)
    raise AssertionError("no such letter")
