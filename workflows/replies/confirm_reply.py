"""What a reply asks for, confirmed by its sender with one press: the link in the answer shows it, and acts once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.database.rows import update_one
from models.errors import NotFound, Refused
from models.i18n import _
from models.organization.person import Person
from models.replies.reply import MESSAGE, Reply, ReplyDraft, ReplyState
from models.tasks.evidence_files import MOST_FILES, StoredFile
from notifications.composing.keys import read_draft
from workflows.access.actor_context import ActorContext
from workflows.replies.carry_out import carry_out
from workflows.replies.reply_answers import ReplyRequest
from workflows.replies.reply_tasks import has_classified

VOID = _("this link has been used or is too old: answer the letter once more, or sign in")


@dataclass(frozen=True)
class OpenedDraft:
    """What a link opens: the draft, its reply, its sender, and the task it is about; None where one is to be chosen."""

    draft: ReplyDraft
    reply: Reply
    person: Person
    task_id: UUID | None

    @property
    def asked(self) -> ReplyRequest:
        return ReplyRequest(self.draft.action, self.draft.given, [StoredFile(**one) for one in self.draft.files])


def open_draft(session: Session, link_key: str, token: str, number: int | None = None) -> OpenedDraft:
    """The link may have been used. NotFound for no link or number, Refused where its person left."""
    draft = session.get(ReplyDraft, read_draft(link_key, token))
    if draft is None:
        raise NotFound("this link is not valid: open it again from the letter")
    person = session.get_one(Person, draft.person_id)
    if not person.is_active:
        raise Refused("{person} is retired and may no longer act", person=person.full_name)
    tasks = [UUID(hex=one) for one in draft.task_ids]
    if number is not None and not 1 <= number <= len(tasks):
        raise NotFound("there is no such page")
    reply = session.get_one(Reply, draft.reply_id)
    chosen = tasks[number - 1] if number is not None else tasks[0] if len(tasks) == 1 else reply.task_id
    return OpenedDraft(draft, reply, person, chosen)


def confirm(
    context: ActorContext,
    opened: OpenedDraft,
    given: Mapping[str, str],
    *,
    seen: UUID | None,
    files: Sequence[StoredFile] = (),
    as_comment: bool = False,
) -> UUID:
    """Do what a draft asks for, with what its sender gave on the page, further files too; return the line of the
    history. `as_comment`: the reply was no more than a comment.

    Raises Refused where it was done before, is too old, or is not possible now, Conflict where something happened to
    the task since the page was opened, BadInput for a wrong field. Then nothing is changed, and the link is as good as
    before.
    """
    session, draft, reply = context.session, opened.draft, opened.reply
    if opened.task_id is None:
        raise Refused("choose the task that your reply is about")
    asked = replace(opened.asked, given=given, files=[*opened.asked.files, *files])
    if as_comment:
        asked = replace(asked, action=MESSAGE, given={"text": reply.text})
    if len(asked.files) > MOST_FILES:
        raise Refused("at most {most} files belong to one result", most=MOST_FILES)
    if files and has_classified(session, [opened.task_id]):
        raise Refused("no file may be given here: {file}", file=files[0].filename)
    used = update_one(
        session,
        update(ReplyDraft)
        .where(
            col(ReplyDraft.id) == draft.id, col(ReplyDraft.used_at).is_(None), col(ReplyDraft.expires_at) > context.now
        )
        .values(used_at=context.now, action=asked.action, files=[asdict(one) for one in asked.files])
        .execution_options(synchronize_session=False),
    )
    if not used:
        raise Refused(VOID)
    history_id = carry_out(context, opened.task_id, asked, seen=seen)
    state = ReplyState.POSTED if asked.is_message else ReplyState.DONE
    session.execute(
        update(Reply)
        .where(col(Reply.id) == reply.id)
        .values(state=state, task_id=opened.task_id, history_id=history_id)
        .execution_options(synchronize_session=False)
    )
    return history_id
