"""Take a launch back before its first letter has left: a wrong date, the wrong items, the wrong units.

Its tasks are withdrawn and keep their keys; a launch on the right date gives them again, as if they were new.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, func, or_, update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.directives.directive import Directive, Duty
from models.directives.launch import ArmedDuty, Launch
from models.errors import NotFound, Refused
from models.i18n import _, _n
from models.letters.letter import Letter, LetterState, Notice, NoticeState
from models.operations.alert import AlertKind
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.tasks.act_inputs import Reason
from models.tasks.task import Task, TaskStatus
from models.text.localtime import local_date, write_date
from workflows.access.actor_context import ActorContext
from workflows.history.record import record_act
from workflows.queue.alerts import end_alert
from workflows.rules.tasks.lifecycle import Relation
from workflows.tasks.act import read_input
from workflows.tasks.acts.closing import withdraw_for

_STAYS = (LetterState.QUEUED, LetterState.EMPTY)
"""The states of letters of which nothing has left, or may be leaving."""
_REASON = "withdrawn"
_LEFT = _("letters of this launch have left, or are leaving: withdraw its tasks on the board, and units are told")
_TAKEN_BACK = _("this launch was taken back before")


def take_back(context: ActorContext, launch: Launch, *, reason: str) -> int:
    """Withdraw the tasks of a launch of which nobody has heard, and stand down what it armed; return how many tasks.

    Whoever calls it has seen that the actor may launch the directive. Raises BadInput without a reason, Refused once
    a letter of it has left or its tasks are being worked on.
    """
    read_input(Reason, {"note": reason.strip()})
    session, now = context.session, context.now
    directive = session.get_one(Directive, launch.directive_id)
    # behind a launch, and behind whoever is adding tasks under this one
    session.exec(select(Directive.id).where(Directive.id == directive.id).with_for_update()).one()
    claimed = update_one(
        session,
        update(Launch)
        .where(col(Launch.id) == launch.id, col(Launch.taken_back_at).is_(None))
        .values(taken_back_at=now),
    )
    if not claimed:
        raise Refused(_TAKEN_BACK)
    tasks = session.exec(
        select(Task)
        .where(Task.launch_id == launch.id)
        .order_by(col(Task.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    _check_untouched(session, launch)
    _keep_letters_back(session, launch)
    for task in tasks:
        withdraw_for(
            context,
            task,
            Relation.COORDINATOR,
            reason.strip(),
            facts={"launch": launch.id.hex},
            tells=False,  # nobody has heard of it
        )
    armed = session.exec(
        select(Duty.path)
        .join(ArmedDuty, col(ArmedDuty.duty_id) == col(Duty.id))
        .where(ArmedDuty.launch_id == launch.id)
        .order_by(col(Duty.position))
    ).all()
    session.execute(delete(ArmedDuty).where(col(ArmedDuty.launch_id) == launch.id))
    end_alert(session, AlertKind.LAUNCH_FAILED, str(launch.id), now=now)
    facts = {"launch": launch.id.hex, "withdrawn": len(tasks), "disarmed": list(armed)}
    record_act(context, "launch_taken_back", directive.id, facts=facts, note=reason.strip())
    session.refresh(launch)
    return len(tasks)


def why_not(session: Session, launch: Launch) -> Refused | None:
    """None where nothing stands against it now. Holds nothing: `take_back` decides."""
    if launch.taken_back_at is not None:
        return Refused(_TAKEN_BACK)
    try:
        _check_untouched(session, launch)
    except Refused as refused:
        return refused
    return None if untold(session, [launch.id]) else Refused(_LEFT)


def untold(session: Session, launch_ids: Collection[UUID]) -> set[UUID]:
    """Those not taken back of which no letter has left or is leaving."""
    left = (
        select(Notice.id)
        .join(Task, col(Task.id) == col(Notice.task_id))
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(
            col(Task.launch_id) == col(Launch.id),
            or_(col(Notice.state) == NoticeState.SENT, col(Letter.state).not_in(_STAYS)),
        )
    )
    query = select(Launch.id).where(col(Launch.id).in_(launch_ids), col(Launch.taken_back_at).is_(None), ~left.exists())
    return set(session.exec(query))


def find_launch(session: Session, directive: Directive, name: str) -> Launch:
    """By its id or the last digits of it. NotFound lists the newest there are."""
    wanted = name.replace("-", "").lower()
    query = select(Launch).where(Launch.directive_id == directive.id).order_by(col(Launch.id).desc())
    launches = session.exec(query).all()
    found = [one for one in launches if len(wanted) >= 6 and one.id.hex.endswith(wanted)]
    if len(found) != 1:
        known = [f"{one.id.hex[-8:]} ({write_date(local_date(one.launched_at))})" for one in launches[:10]] or "–"
        raise NotFound("launch {launch}: not of this directive, which has {known}", launch=name, known=known)
    return found[0]


def _check_untouched(session: Session, launch: Launch) -> None:
    job = session.get(BackgroundJob, launch.id)
    if job is not None and job.state in (BackgroundJobState.QUEUED, BackgroundJobState.RUNNING):
        raise Refused("this launch is still being carried out: wait until it is over")
    mine = select(func.count()).where(Task.launch_id == launch.id)
    if session.scalar(mine.where(or_(col(Task.incident_id).is_not(None), col(Task.occurrence).startswith("request:")))):
        raise Refused("an incident was declared, or units were asked, under this launch: it cannot be taken back")
    if moved := session.scalar(mine.where(Task.status != TaskStatus.ASSIGNED)):
        raise Refused(
            _n(
                "acted on already: {count} task of this launch; withdraw tasks on the board",
                "acted on already: {count} tasks of this launch; withdraw tasks on the board",
            ),
            count=moved,
        )


def _keep_letters_back(session: Session, launch: Launch) -> None:
    """Drop what the launch's notices would say. Refused where a letter with one of them has left or is leaving.

    First those without a letter, so that no delivery puts them into one meanwhile; then the letters are held, and one
    that somebody else holds counts as leaving: nobody waits for anybody.
    """
    mine = col(Notice.task_id).in_(select(Task.id).where(Task.launch_id == launch.id))
    pending = update(Notice).where(mine, col(Notice.state) == NoticeState.PENDING)
    dropped = {"state": NoticeState.DROPPED, "reason": _REASON}
    session.execute(pending.where(col(Notice.letter_id).is_(None)).values(dropped))
    if session.scalar(select(func.count()).where(mine, col(Notice.state) == NoticeState.SENT)):
        raise Refused(_LEFT)
    wanted = set(session.exec(select(Notice.letter_id).where(mine, col(Notice.letter_id).is_not(None))).all())
    held = session.exec(
        select(Letter)
        .where(col(Letter.id).in_(wanted))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if len(held) != len(wanted) or any(letter.state not in _STAYS for letter in held):
        raise Refused(_LEFT)
    session.execute(pending.values(dropped))


def count_tasks(session: Session, launch_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(Task).where(Task.launch_id == launch_id)).one()
