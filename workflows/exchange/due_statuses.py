"""Queue the statuses that are due for each document that came by the exchange.

They are derived from the database, so none is missed. A unique constraint prevents that one is queued twice.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, exists, func
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty, DutyKind
from models.directives.launch import ArmedDuty, Launch
from models.exchange.edxml import WITHOUT_DOCUMENT, IncomingMessage, OutgoingMessage
from models.intake.intake import Intake
from models.settings import EdxmlSettings, Settings
from models.tasks.history import RECORDED, History
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from workflows.exchange.outgoing import DISCARDED, StatusEvent, organ_code, queue_status
from workflows.rules.tasks.lifecycle import UNDO_WITHIN

ARRIVED, ENTERED, ASSIGNED, UNDER_WAY, COMPLETED = "01", "03", "04", "05", "06"
BEGINNINGS = ("accepted", "assigned_on", "progress", "cascaded", "submitted", "received")
"""The first of these events of any task is the first progress."""
_KINDS_WITHOUT_TASKS = (DutyKind.ON_REQUEST, DutyKind.CONTINGENCY)  # there may never be a request or an incident
_WORDS = {
    ARRIVED: "{office}: văn bản điện tử đã đến",
    ENTERED: "{office}: đã tiếp nhận văn bản điện tử, vào sổ văn bản đến",
    ASSIGNED: "{office}: đã phân công xử lý",
    UNDER_WAY: "{office}: đang xử lý",
    COMPLETED: "{office}: đã hoàn thành xử lý",
}
"""The words of the exchange's own samples. Other offices read them, so they are in Vietnamese in any case."""


def write_statuses(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Queue the statuses that are due at `now` (UTC). Return how many."""
    own = settings.edxml
    if own is None:
        return 0
    with reading(engine) as session:
        due = [message.id for message in _read_unfinished(session, own) if any(_due_events(session, own, message, now))]
    count = 0
    for message_id in due:
        with transaction(engine) as session:
            message = session.get_one(IncomingMessage, message_id)
            for event in list(_due_events(session, own, message, now)):
                count += queue_status(session, own, message, event)
    return count


def _read_unfinished(session: Session, own: EdxmlSettings) -> list[IncomingMessage]:
    """Return the documents of other offices that we have reported neither as completed nor as discarded."""
    is_ended = exists().where(
        col(OutgoingMessage.incoming_id) == col(IncomingMessage.id),
        col(OutgoingMessage.code).in_([COMPLETED, DISCARDED]),
    )
    query = select(IncomingMessage).where(col(IncomingMessage.kind).not_in(WITHOUT_DOCUMENT), ~is_ended)
    query = query.where(IncomingMessage.sender != organ_code(own))
    return list(session.exec(query.order_by(col(IncomingMessage.came_at), col(IncomingMessage.id))))


def _due_events(session: Session, own: EdxmlSettings, message: IncomingMessage, now: datetime) -> Iterator[StatusEvent]:
    """Yield the events for which no status is queued, in the order of their codes."""
    sent_codes = set(session.exec(select(OutgoingMessage.code).where(OutgoingMessage.incoming_id == message.id)))

    def status(code: str, at: datetime, person_id: UUID | None) -> StatusEvent:
        return StatusEvent(code, at, person_id, _WORDS[code].format(office=own.organ_name))

    if ARRIVED not in sent_codes:
        yield status(ARRIVED, message.came_at, message.taken_by)
    directive_id = session.get_one(Intake, message.intake_id).directive_id
    if directive_id is None:
        return
    if ENTERED not in sent_codes and (event := _find_first_event(session, directive_id, "intake_concluded")):
        yield status(ENTERED, *event)
    if ASSIGNED not in sent_codes and (launch := _find_first_launch(session, directive_id)):
        yield status(ASSIGNED, *launch)
    if UNDER_WAY not in sent_codes and (event := _find_first_event(session, directive_id, *BEGINNINGS)):
        yield status(UNDER_WAY, *event)
    if completion := _find_completion(session, directive_id, now):
        yield status(COMPLETED, *completion)


def _find_first_event(session: Session, directive_id: UUID, *names: str) -> tuple[datetime, UUID | None] | None:
    is_drill = exists().where(col(Task.id) == col(History.task_id), col(Task.is_drill))
    query = select(History.recorded_at, History.actor_id).where(
        History.directive_id == directive_id, col(History.event).in_(names), ~is_drill
    )
    return session.exec(query.order_by(*RECORDED)).first()


def _find_first_launch(session: Session, directive_id: UUID) -> tuple[datetime, UUID | None] | None:
    query = select(Launch.launched_at, Launch.coordinator_id).where(
        Launch.directive_id == directive_id, col(Launch.taken_back_at).is_(None)
    )
    return session.exec(query.order_by(col(Launch.launched_at))).first()


def _find_completion(session: Session, directive_id: UUID, now: datetime) -> tuple[datetime, UUID | None] | None:
    """Return when and by whom the last task was approved. Return None while a task is open or still to be created.

    An approval can be undone for a minute, so it counts only after that.
    """
    is_real_task = (col(Task.directive_id) == directive_id, col(Task.is_drill).is_(False))
    if session.exec(select(Task.id).where(*is_real_task, col(Task.status).in_(OPEN_STATUSES)).limit(1)).first():
        return None
    has_task = exists().where(col(Task.duty_id) == col(Duty.id), col(Task.is_drill).is_(False))
    is_of_directive = col(Duty.directive_id) == directive_id
    duties_without_task = select(Duty.id).where(is_of_directive, col(Duty.kind).not_in(_KINDS_WITHOUT_TASKS), ~has_task)
    coming_periods = (
        select(ArmedDuty.duty_id)
        .join(Duty, col(Duty.id) == col(ArmedDuty.duty_id))
        .where(is_of_directive, col(ArmedDuty.next_opens_at).is_not(None), col(ArmedDuty.stood_down_at).is_(None))
    )
    if session.exec(duties_without_task.limit(1)).first() or session.exec(coming_periods.limit(1)).first():
        return None
    is_approved = (*is_real_task, col(Task.status) == TaskStatus.APPROVED)
    approved_at = session.exec(select(func.max(col(Task.closed_at))).where(*is_approved)).one()
    if approved_at is None or now < approved_at + UNDO_WITHIN:
        return None
    query = select(History.actor_id).where(History.directive_id == directive_id, History.event == "approved")
    newest_first = query.order_by(col(History.recorded_at).desc(), col(History.id).desc())
    return approved_at, session.exec(newest_first).first()
