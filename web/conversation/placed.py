"""A conversation with the place where it stands: its address, its heading, and what templates may ask of it."""

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
from workflows.access.rights import seen_directive
from workflows.rules.conversation_policy import EDIT_MINUTES
from workflows.tasks.conversation.conversation_access import Conversation, conversation_of, open_conversation
from workflows.tasks.conversation.conversation_view import MessageLine, read_conversation


@dataclass(frozen=True)
class Placed:
    """A conversation at its address. `duty` and `lead` are of its task; `opens_board`: the directive's other pages."""

    conversation: Conversation
    path: str
    above: str  # the address of the task or the directive
    name: str  # of the directive
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
        """All that they write is a question: to who runs a directive, on the directive itself."""
        return self.conversation.task is None and not self.conversation.standing.runs

    def head(self, context: RequestContext) -> DirectiveHead | None:
        """For who may not open the directive itself, without other tabs."""
        if self.conversation.task is not None:
            return None
        head = directive_head(context, self.conversation.directive, "conversation")
        return head if self.opens_board else replace(head, tabs=[tab for tab in head.tabs if tab.is_here])

    def line(self, session: Session, message_id: UUID, now: datetime) -> MessageLine | None:
        """None for a message that the reader does not read."""
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


def place_of_task(session: Session, context: RequestContext, name: str) -> Placed:
    task_id = find_task_id(session, context.principal, name)
    found = open_conversation(session, context.principal, context.today, task_id=task_id)
    assert found.task is not None
    duty, lead = session.get_one(Duty, found.task.duty_id), session.get_one(Unit, found.task.lead_unit_id)
    return place(found, _name(found), duty, lead)


def place(found: Conversation, name: str, duty: Duty, lead: Unit) -> Placed:
    assert found.task is not None
    above = f"/tasks/{found.task.id.hex}"
    return Placed(conversation=found, path=f"{above}/conversation", above=above, name=name, duty=duty, lead=lead)


def place_of_directive(session: Session, context: RequestContext, code: str) -> Placed:
    found = conversation_of(session, context.principal, code, context.today)
    above = f"/directives/{found.directive.code}"
    return Placed(
        conversation=found,
        path=f"{above}/conversation",
        above=above,
        name=_name(found),
        opens_board=seen_directive(session, context.principal, found.directive.code) is not None,
    )


def _name(found: Conversation) -> str:
    directive = found.directive
    return directive_name(directive.kind, directive.number, directive.subject)
