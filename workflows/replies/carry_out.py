"""Do what a reply asks for, as its sender: an act on a task, or words for its conversation; or try it out."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.errors import BadInput, DondocError, Refused
from models.i18n import _, translate
from models.tasks.act_inputs import MessageInput
from models.tasks.conversation import MessageWay
from models.tasks.evidence_files import StoredFile
from workflows.access.actor_context import ActorContext
from workflows.replies.reply_answers import ReplyRequest
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act, read_input
from workflows.tasks.conversation.post import post_message


def carry_out(context: ActorContext, task_id: UUID, asked: ReplyRequest, *, seen: UUID | None = None) -> UUID:
    """Do it, and return the line of the history that records it. Raises as `act` and `post_message` do.

    Files that the act has no place for become a message beside it: whoever sees the act reads that too.
    """
    if asked.is_message:
        words = asked.given.get("text") or ", ".join(one.filename for one in asked.files)
        return _post(context, task_id, words, asked.files)
    files: dict[str, Any] = {"file": tuple(asked.files)} if asked.files and not asked.leaves_files else {}
    done = act(context, task_id, Action(asked.action), {**asked.given, **files}, seen=seen)
    if asked.leaves_files:
        language = context.actor.language
        what = translate(Action(asked.action).label, language)
        words = translate(_("Files that came with: {what}"), language, what=what)
        _post(context, task_id, words, asked.files)
    return done.history_id


def _post(context: ActorContext, task_id: UUID, words: str, files: Sequence[StoredFile]) -> UUID:
    return post_message(
        context,
        read_input(MessageInput, {"text": words, **({"file": tuple(files)} if files else {})}),
        task_id=task_id,
        directive_id=None,
        came_by=MessageWay.MAIL,
    ).history_id


@dataclass(frozen=True)
class Trial:
    """Whether it could be done: nothing stands against it, something is missing or wrong, or it is refused."""

    refusal: Refused | None = None
    missing: BadInput | None = None


def try_out(context: ActorContext, task_id: UUID, asked: ReplyRequest, *, before: Sequence[ReplyRequest] = ()) -> Trial:
    """Find out whether it could be done now, after what could be `before` it, and leave nothing of it."""
    savepoint = context.session.begin_nested()
    try:
        for one in before:
            with suppress(DondocError), context.session.begin_nested():
                carry_out(context, task_id, one)
        carry_out(context, task_id, asked)
        return Trial()
    except BadInput as error:
        return Trial(missing=error)
    except Refused as error:
        return Trial(refusal=error)
    finally:
        savepoint.rollback()
