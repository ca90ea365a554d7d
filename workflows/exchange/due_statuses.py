"""Queue the statuses that are due for each document that came by the exchange.

They follow from the database, so none is missed; a unique constraint lets none be queued twice.
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
"""Events by which a task is under way: the first of them is the first progress."""
_WAITS_FOR_A_CALL = (DutyKind.ON_REQUEST, DutyKind.CONTINGENCY)  # nobody may ever call
_WORDS = {
    ARRIVED: "{office}: văn bản điện tử đã đến",
    ENTERED: "{office}: đã tiếp nhận văn bản điện tử, vào sổ văn bản đến",
    ASSIGNED: "{office}: đã phân công xử lý",
    UNDER_WAY: "{office}: đang xử lý",
    COMPLETED: "{office}: đã hoàn thành xử lý",
}
"""As the exchange's own samples say it; they are read by other offices, whatever this one's language is."""


def write_statuses(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Write down the statuses that are due at `now` (UTC); return how many. Without `edxml` there are none."""
    own = settings.edxml
    if own is None:
        return 0
    with reading(engine) as session:
        due = [message.id for message in _unfinished(session, own) if any(_due(session, own, message, now))]
    written = 0
    for message_id in due:
        with transaction(engine) as session:
            message = session.get_one(IncomingMessage, message_id)
            for event in list(_due(session, own, message, now)):
                written += queue_status(session, own, message, event)
    return written


def _unfinished(session: Session, own: EdxmlSettings) -> list[IncomingMessage]:
    """Return the documents of others of which not all has been said: neither completed nor discarded."""
    ended = exists().where(
        col(OutgoingMessage.incoming_id) == col(IncomingMessage.id),
        col(OutgoingMessage.code).in_([COMPLETED, DISCARDED]),
    )
    query = select(IncomingMessage).where(col(IncomingMessage.kind).not_in(WITHOUT_DOCUMENT), ~ended)
    query = query.where(IncomingMessage.sender != organ_code(own))  # nobody tells themselves
    return list(session.exec(query.order_by(col(IncomingMessage.came_at), col(IncomingMessage.id))))


def _due(session: Session, own: EdxmlSettings, message: IncomingMessage, now: datetime) -> Iterator[StatusEvent]:
    """Yield what has happened and has not been said, in the order of the codes."""
    said = set(session.exec(select(OutgoingMessage.code).where(OutgoingMessage.incoming_id == message.id)))

    def event(code: str, at: datetime, person_id: UUID | None) -> StatusEvent:
        return StatusEvent(code, at, person_id, _WORDS[code].format(office=own.organ_name))

    if ARRIVED not in said:
        yield event(ARRIVED, message.came_at, message.taken_by)
    directive_id = session.get_one(Intake, message.intake_id).directive_id
    if directive_id is None:
        return
    if ENTERED not in said and (found := _first_event(session, directive_id, "intake_concluded")):
        yield event(ENTERED, *found)
    if ASSIGNED not in said and (found := _first_launch(session, directive_id)):
        yield event(ASSIGNED, *found)
    if UNDER_WAY not in said and (found := _first_event(session, directive_id, *BEGINNINGS)):
        yield event(UNDER_WAY, *found)
    if found := _completed(session, directive_id, now):
        yield event(COMPLETED, *found)


def _first_event(session: Session, directive_id: UUID, *names: str) -> tuple[datetime, UUID | None] | None:
    drill = exists().where(col(Task.id) == col(History.task_id), col(Task.is_drill))
    query = select(History.recorded_at, History.actor_id).where(
        History.directive_id == directive_id, col(History.event).in_(names), ~drill
    )
    found = session.exec(query.order_by(*RECORDED)).first()
    return (found[0], found[1]) if found else None


def _first_launch(session: Session, directive_id: UUID) -> tuple[datetime, UUID | None] | None:
    query = select(Launch.launched_at, Launch.coordinator_id).where(
        Launch.directive_id == directive_id, col(Launch.taken_back_at).is_(None)
    )
    found = session.exec(query.order_by(col(Launch.launched_at))).first()
    return (found[0], found[1]) if found else None


def _completed(session: Session, directive_id: UUID, now: datetime) -> tuple[datetime, UUID | None] | None:
    """Return when and by whom the last task was approved; None while anything is open, to be given out or to come.

    An approval can be undone for a minute: it counts after that.
    """
    tasks = (col(Task.directive_id) == directive_id, col(Task.is_drill).is_(False))
    if session.exec(select(Task.id).where(*tasks, col(Task.status).in_(OPEN_STATUSES)).limit(1)).first():
        return None
    given = exists().where(col(Task.duty_id) == col(Duty.id), col(Task.is_drill).is_(False))
    of_directive = col(Duty.directive_id) == directive_id
    left = select(Duty.id).where(of_directive, col(Duty.kind).not_in(_WAITS_FOR_A_CALL), ~given)
    coming = (
        select(ArmedDuty.duty_id)
        .join(Duty, col(Duty.id) == col(ArmedDuty.duty_id))
        .where(of_directive, col(ArmedDuty.next_opens_at).is_not(None), col(ArmedDuty.stood_down_at).is_(None))
    )
    if session.exec(left.limit(1)).first() or session.exec(coming.limit(1)).first():
        return None
    approved = (*tasks, col(Task.status) == TaskStatus.APPROVED)
    last = session.exec(select(func.max(col(Task.closed_at))).where(*approved)).one()
    if last is None or now < last + UNDO_WITHIN:
        return None
    query = select(History.actor_id).where(History.directive_id == directive_id, History.event == "approved")
    return last, session.exec(query.order_by(col(History.recorded_at).desc(), col(History.id).desc())).first()
