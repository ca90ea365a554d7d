"""Confirm a reply: the link in its answer shows what it asks for, and one press carries it out, once."""

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
    draft: ReplyDraft
    reply: Reply
    person: Person  # who sent the reply
    task_id: UUID | None  # None where the person still has to choose the task

    @property
    def request(self) -> ReplyRequest:
        return ReplyRequest(self.draft.action, self.draft.given, [StoredFile(**file) for file in self.draft.files])


def open_draft(session: Session, link_key: str, token: str, number: int | None = None) -> OpenedDraft:
    """Return what a link opens, although it may have been used. `number` is that of a task in the letter.

    NotFound for an unknown link or number, Refused where its person has retired.
    """
    draft = session.get(ReplyDraft, read_draft(link_key, token))
    if draft is None:
        raise NotFound("this link is not valid: open it again from the letter")
    person = session.get_one(Person, draft.person_id)
    if not person.is_active:
        raise Refused("{person} is retired and may no longer act", person=person.full_name)
    task_ids = [UUID(hex=task_id) for task_id in draft.task_ids]
    reply = session.get_one(Reply, draft.reply_id)
    if number is None:
        return OpenedDraft(draft, reply, person, task_ids[0] if len(task_ids) == 1 else reply.task_id)
    if not 1 <= number <= len(task_ids):
        raise NotFound("there is no such page")
    return OpenedDraft(draft, reply, person, task_ids[number - 1])


def confirm(
    context: ActorContext,
    opened: OpenedDraft,
    given: Mapping[str, str],
    *,
    seen: UUID | None,
    files: Sequence[StoredFile] = (),
    as_comment: bool = False,
) -> UUID:
    """Carry a draft out with the inputs and files of its page, and return the line of the history.

    `as_comment` posts the reply as a comment instead.

    Raises Refused where the draft was used, is too old or is not possible now, Conflict where the task has changed
    since the page was opened, BadInput for a wrong field. Then nothing is changed, and the link still works.
    """
    session, draft, reply = context.session, opened.draft, opened.reply
    if opened.task_id is None:
        raise Refused("choose the task that your reply is about")
    request = replace(opened.request, given=given, files=[*opened.request.files, *files])
    if as_comment:
        request = replace(request, action=MESSAGE, given={"text": reply.text})
    if len(request.files) > MOST_FILES:
        raise Refused("at most {most} files belong to one result", most=MOST_FILES)
    if files and has_classified(session, [opened.task_id]):
        raise Refused("no file may be given here: {file}", file=files[0].filename)
    is_first_use = update_one(
        session,
        update(ReplyDraft)
        .where(
            col(ReplyDraft.id) == draft.id, col(ReplyDraft.used_at).is_(None), col(ReplyDraft.expires_at) > context.now
        )
        .values(used_at=context.now, action=request.action, files=[asdict(file) for file in request.files])
        .execution_options(synchronize_session=False),
    )
    if not is_first_use:
        raise Refused(VOID)
    history_id = carry_out(context, opened.task_id, request, seen=seen)
    state = ReplyState.POSTED if request.is_message else ReplyState.DONE
    session.execute(
        update(Reply)
        .where(col(Reply.id) == reply.id)
        .values(state=state, task_id=opened.task_id, history_id=history_id)
        .execution_options(synchronize_session=False)
    )
    return history_id
