"""Give a conversation its place on the site: the address, the heading, and the facts for its templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from models.directives.directive import Duty, directive_name
from models.organization.unit import Unit
from models.tasks.act_inputs import LONGEST_MESSAGE
from models.tasks.evidence_files import MOST_FILES
from web.request.navigation import came_to_task
from web.request.page_frame import DirectiveHead, directive_head
from web.request.request_context import RequestContext
from workflows.access.find_task import find_task_id
from workflows.access.rights import find_visible_directive
from workflows.rules.conversation_policy import EDIT_MINUTES
from workflows.tasks.conversation.conversation_access import Conversation, conversation_of, open_conversation
from workflows.tasks.conversation.conversation_view import MessageLine, read_conversation


@dataclass(frozen=True)
class ConversationPlace:
    """A conversation and its address. `opens_board`: the reader may open the directive's other pages."""

    conversation: Conversation
    path: str
    above: str  # the address of the task or the directive
    name: str  # the directive's name
    duty: Duty | None = None
    lead: Unit | None = None
    opens_board: bool = False

    @property
    def task_id(self) -> UUID | None:
        return self.conversation.task.id if self.conversation.task else None

    @property
    def directive_id(self) -> UUID:
        return self.conversation.directive.id

    @property
    def only_asks(self) -> bool:
        """Return whether the reader can only ask the coordinator: on a directive that they do not run."""
        return self.conversation.task is None and not self.conversation.standing.runs

    def head(self, context: RequestContext) -> DirectiveHead | None:
        """Return the directive's heading, without other tabs for a reader who may not open the directive."""
        if self.conversation.task is not None:
            return None
        head = directive_head(context, self.conversation.directive, "conversation")
        return head if self.opens_board else replace(head, tabs=[tab for tab in head.tabs if tab.is_here])

    def line(self, session: Session, message_id: UUID, now: datetime) -> MessageLine | None:
        """Return a message's line; None where the reader may not read it."""
        shown = read_conversation(session, self.conversation, now=now, only=message_id, most_published=0)
        return shown.lines[0] if shown.lines else None

    def words(self, context: RequestContext) -> Mapping[str, Any]:
        return {
            "standing": self.conversation.standing,
            "came_from": came_to_task(context.request, context.principal, self.conversation.relations),
            "longest": LONGEST_MESSAGE,
            "most_files": MOST_FILES,
            "largest": context.settings.file_max_bytes,
            "edit_minutes": EDIT_MINUTES,
        }


def place_of_task(session: Session, context: RequestContext, name: str) -> ConversationPlace:
    task_id = find_task_id(session, context.principal, name)
    conversation = open_conversation(session, context.principal, context.today, task_id=task_id)
    assert conversation.task is not None
    duty, lead = session.get_one(Duty, conversation.task.duty_id), session.get_one(Unit, conversation.task.lead_unit_id)
    return place_on_task(conversation, _name(conversation), duty, lead)


def place_on_task(conversation: Conversation, name: str, duty: Duty, lead: Unit) -> ConversationPlace:
    assert conversation.task is not None
    above = f"/tasks/{conversation.task.id.hex}"
    return ConversationPlace(
        conversation=conversation, path=f"{above}/conversation", above=above, name=name, duty=duty, lead=lead
    )


def place_of_directive(session: Session, context: RequestContext, code: str) -> ConversationPlace:
    conversation = conversation_of(session, context.principal, code, context.today)
    above = f"/directives/{conversation.directive.code}"
    return ConversationPlace(
        conversation=conversation,
        path=f"{above}/conversation",
        above=above,
        name=_name(conversation),
        opens_board=find_visible_directive(session, context.principal, conversation.directive.code) is not None,
    )


def _name(conversation: Conversation) -> str:
    directive = conversation.directive
    return directive_name(directive.kind, directive.number, directive.subject)
