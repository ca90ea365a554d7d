"""Who says and changes what in the conversation of a task."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from models.database.session import transaction
from models.directives.directive import Directive
from models.organization.person import Person
from models.tasks.act_inputs import MessageEdit, MessageInput
from models.tasks.task import Contribution, Task
from tests.office import Office
from workflows.tasks.act import read_input
from workflows.tasks.conversation.post import Posted, edit_message, post_message

HEAD, STRANGER, OBSERVER = "luong.thi.ngan", "dinh.hoang.long", "nguyen.minh.quan"
PARTNER_UNIT = "VU-BC"


def say(
    office: Office, task: Task | None, by: str, now: datetime, text: str = "Cho hỏi mẫu biểu", **given: Any
) -> Posted:
    """A message on a task, else on the directive."""
    own = {name: given.pop(name) for name in ("came_by", "message_id") if name in given}
    with transaction(office.engine) as session:
        return post_message(
            office.acting(session, session.get_one(Person, office.person(by).id), now),
            read_input(MessageInput, {"text": text, **given}),
            task_id=task.id if task else None,
            directive_id=session.exec(select(Directive.id)).one(),
            **own,
        )


def make_partner(office: Office, task: Task, unit: str = PARTNER_UNIT) -> str:
    """The code of the head of a unit that coordinates from now on."""
    one = office.unit(unit)
    with transaction(office.engine) as session:
        session.add(Contribution(task_id=task.id, unit_id=one.id))
        head = session.get(Person, one.head_id)
        assert head is not None
        return head.code


def change(office: Office, by: str, message_id: UUID, now: datetime, text: str = "viết lại") -> Posted:
    with transaction(office.engine) as session:
        person = session.get_one(Person, office.person(by).id)
        return edit_message(session, person, MessageEdit(text=text), message_id=message_id, now=now)
