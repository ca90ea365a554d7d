"""Carry out what a reply asks for as its sender, an action or a message for the conversation; or try it out."""

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
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act, read_input
from workflows.tasks.conversation.post import post_message


def carry_out(context: ActorContext, task_id: UUID, request: ReplyRequest, *, seen: UUID | None = None) -> UUID:
    """Carry a request out, and return the line of the history that records it. Raises as `act` and `post_message` do.

    Files that the action has no place for become a message beside it, which everybody reads who sees the action.
    """
    if request.is_message:
        words = request.given.get("text") or ", ".join(file.filename for file in request.files)
        return _post(context, task_id, words, request.files)
    files: dict[str, Any] = {"file": tuple(request.files)} if request.files and not request.leaves_files else {}
    outcome = act(context, task_id, Action(request.action), {**request.given, **files}, seen=seen)
    if request.leaves_files:
        language = context.actor.language
        what = translate(Action(request.action).label, language)
        words = translate(_("Files that came with: {what}"), language, what=what)
        _post(context, task_id, words, request.files)
    return outcome.history_id


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
    """What prevents a request: it is refused, or an input is missing or wrong. Both are None where it is possible."""

    refusal: Refused | None = None
    missing: BadInput | None = None


def try_out(
    context: ActorContext, task_id: UUID, request: ReplyRequest, *, before: Sequence[ReplyRequest] = ()
) -> Trial:
    """Try a request out after those `before` it that are possible, and roll all of it back."""
    savepoint = context.session.begin_nested()
    try:
        for earlier in before:
            with suppress(DondocError), context.session.begin_nested():
                carry_out(context, task_id, earlier)
        carry_out(context, task_id, request)
        return Trial()
    except BadInput as error:
        return Trial(missing=error)
    except Refused as error:
        return Trial(refusal=error)
    finally:
        savepoint.rollback()
