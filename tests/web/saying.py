"""What people say in a conversation."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from models.directives.directive import Directive
from models.organization.person import Person
from models.tasks.act_inputs import MessageInput
from models.tasks.task import Task
from tests.web.site import Office
from workflows.access.actor_context import ActorContext
from workflows.organization.working_calendar import load_calendar
from workflows.tasks.conversation.post import Posted, post_message

COORDINATOR, STRANGER, CODE = "le.thi.c", "dinh.hoang.long", "ct-06-2004"


def said(office: Office, task: Task | None, by: str, text: str, **given: Any) -> Posted:
    found: list[Posted] = []

    def do(session: Any) -> None:
        person = session.exec(select(Person).where(Person.code == by)).one()
        directive = session.exec(select(Directive.id).where(Directive.code == CODE)).one()
        found.append(
            post_message(
                ActorContext(session, person, office.now, load_calendar(session), office.settings),
                MessageInput(text=text, **given),
                task_id=task.id if task else None,
                directive_id=directive,
            )
        )
        office.now += timedelta(seconds=1)

    office.change(do)
    return found[0]
