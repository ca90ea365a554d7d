"""Conversations for the pages that show them: the autumn has none, so they are held here, once for each place."""

from uuid import NAMESPACE_URL, UUID, uuid5

from sqlmodel import select

from models.database.session import transaction
from models.directives.directive import Directive
from models.organization.register_reads import resolve_person
from models.tasks.act_inputs import MessageInput, Publication
from models.tasks.conversation import ConversationMessage
from tests.browser.places import Place
from workflows.access.actor_context import ActorContext
from workflows.organization.working_calendar import load_calendar
from workflows.tasks.conversation.post import post_message, publish_answer

ASKED, ANSWERED, OPEN, NEWEST = (
    uuid5(NAMESPACE_URL, f"talk-{name}") for name in ("asked", "answered", "open", "newest")
)
HEAD, COORDINATOR, UNIT, DUTY = "ta.chi.thanh", "le.thi.c", "CTY-M", "3"
CODE = "ct-06-2004"


def on_task(place: Place, then: str = "") -> str:
    """The conversation on a task: a question that is answered and published, one that waits, a message to the unit."""
    task = place.story.task(DUTY, UNIT)
    _talk(place, task.id)
    return f"/tasks/{task.id.hex}/conversation{then}"


def on_directive(place: Place, then: str = "") -> str:
    """The same on a directive as a whole."""
    _talk(place, None)
    return f"/directives/{CODE}/conversation{then}"


def message(which: UUID, is_of_task: bool = True) -> UUID:
    """The id of one of these messages."""
    return uuid5(which, "task" if is_of_task else "directive")


def _talk(place: Place, task_id: UUID | None) -> None:
    is_of_task = task_id is not None
    asked, answered = message(ASKED, is_of_task), message(ANSWERED, is_of_task)
    with transaction(place.story.engine) as session:
        if session.get(ConversationMessage, asked) is not None:
            return
        directive_id = session.exec(select(Directive.id).where(Directive.code == CODE)).one()
        calendar, settings = load_calendar(session), place.story.settings

        def say(by: str, given: MessageInput, message_id: UUID) -> None:
            post_message(
                ActorContext(session, resolve_person(session, by), place.now, calendar, settings),
                given,
                task_id=task_id,
                directive_id=directive_id,
                message_id=message_id,
            )

        say(HEAD, MessageInput(text="Số liệu tính đến ngày nào?", question=True), asked)
        say(COORDINATOR, MessageInput(text="Tính đến hết tháng trước kỳ báo cáo.", answers=asked), answered)
        given = MessageInput(text="Đề nghị hướng dẫn mẫu biểu: mẫu 01 hay mẫu 02?", question=True, quote=is_of_task)
        say(HEAD, given, message(OPEN, is_of_task))
        say(COORDINATOR, MessageInput(text="Vụ đang soạn hướng dẫn chung.", to_all=True), message(NEWEST, is_of_task))
        if is_of_task:
            publish_answer(
                ActorContext(session, resolve_person(session, COORDINATOR), place.now, calendar, settings),
                Publication(question="Số liệu báo cáo tính đến ngày nào?"),
                message_id=answered,
            )
