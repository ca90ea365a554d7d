"""Take back a launch with a wrong date, duty or unit before its first letter has left.

Its tasks are withdrawn but keep their rows. A corrected launch assigns the same rows again, as if they were new.
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
from workflows.rules.tasks.actions import Relation
from workflows.tasks.act import read_input
from workflows.tasks.acts.closing import withdraw_for

_UNSENT_STATES = (LetterState.QUEUED, LetterState.EMPTY)
"""The states of a letter that has not left and is not leaving."""
_REASON = "withdrawn"
_SENT = _("letters of this launch have left, or are leaving: withdraw its tasks on the board, and units are told")
_TAKEN_BACK = _("this launch was taken back before")


def take_back(context: ActorContext, launch: Launch, *, reason: str) -> int:
    """Withdraw the tasks of a launch and disarm its duties. Return the number of tasks.

    The caller has checked that the actor may launch the directive. Raise BadInput without a reason, Refused once a
    letter of the launch has left or its tasks are being worked on.
    """
    read_input(Reason, {"note": reason.strip()})
    session, now = context.session, context.now
    directive = session.get_one(Directive, launch.directive_id)
    # wait for a launch, or for anybody who is adding tasks to this one
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
            tells=False,  # nobody knows of the task yet
        )
    disarmed = session.exec(
        select(Duty.path)
        .join(ArmedDuty, col(ArmedDuty.duty_id) == col(Duty.id))
        .where(ArmedDuty.launch_id == launch.id)
        .order_by(col(Duty.position))
    ).all()
    session.execute(delete(ArmedDuty).where(col(ArmedDuty.launch_id) == launch.id))
    end_alert(session, AlertKind.LAUNCH_FAILED, str(launch.id), now=now)
    facts = {"launch": launch.id.hex, "withdrawn": len(tasks), "disarmed": list(disarmed)}
    record_act(context, "launch_taken_back", directive.id, facts=facts, note=reason.strip())
    session.refresh(launch)
    return len(tasks)


def find_obstacle(session: Session, launch: Launch) -> Refused | None:
    """Return why a launch cannot be taken back now, or None. It locks nothing: `take_back` checks again."""
    if launch.taken_back_at is not None:
        return Refused(_TAKEN_BACK)
    try:
        _check_untouched(session, launch)
    except Refused as refused:
        return refused
    return None if filter_unsent(session, [launch.id]) else Refused(_SENT)


def filter_unsent(session: Session, launch_ids: Collection[UUID]) -> set[UUID]:
    """Return the launches that were not taken back and of which no letter has left or is leaving."""
    sent_notice = (
        select(Notice.id)
        .join(Task, col(Task.id) == col(Notice.task_id))
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(
            col(Task.launch_id) == col(Launch.id),
            or_(col(Notice.state) == NoticeState.SENT, col(Letter.state).not_in(_UNSENT_STATES)),
        )
    )
    query = select(Launch.id).where(
        col(Launch.id).in_(launch_ids), col(Launch.taken_back_at).is_(None), ~sent_notice.exists()
    )
    return set(session.exec(query))


def find_launch(session: Session, directive: Directive, name: str) -> Launch:
    """Return a launch by its id or the last six or more digits of it. Raise NotFound with the newest launches."""
    digits = name.replace("-", "").lower()
    query = select(Launch).where(Launch.directive_id == directive.id).order_by(col(Launch.id).desc())
    launches = session.exec(query).all()
    matches = [launch for launch in launches if len(digits) >= 6 and launch.id.hex.endswith(digits)]
    if len(matches) != 1:
        newest = launches[:10]
        known = [f"{launch.id.hex[-8:]} ({write_date(local_date(launch.launched_at))})" for launch in newest] or "–"
        raise NotFound("launch {launch}: not of this directive, which has {known}", launch=name, known=known)
    return matches[0]


def _check_untouched(session: Session, launch: Launch) -> None:
    job = session.get(BackgroundJob, launch.id)
    if job is not None and job.state in (BackgroundJobState.QUEUED, BackgroundJobState.RUNNING):
        raise Refused("this launch is still being carried out: wait until it is over")
    count = select(func.count()).where(Task.launch_id == launch.id)
    is_later_task = or_(col(Task.incident_id).is_not(None), col(Task.occurrence).startswith("request:"))
    if session.scalar(count.where(is_later_task)):
        raise Refused("an incident was declared, or units were asked, under this launch: it cannot be taken back")
    started = session.scalar(count.where(Task.status != TaskStatus.ASSIGNED))
    if started:
        raise Refused(
            _n(
                "acted on already: {count} task of this launch; withdraw tasks on the board",
                "acted on already: {count} tasks of this launch; withdraw tasks on the board",
            ),
            count=started,
        )


def _keep_letters_back(session: Session, launch: Launch) -> None:
    """Drop the launch's notices. Raise Refused where a letter with one of them has left or is leaving.

    Notices without a letter are dropped first, so that no delivery puts them into one meanwhile. Then the letters are
    locked. One that is locked by somebody else counts as leaving, so nobody waits.
    """
    of_launch = col(Notice.task_id).in_(select(Task.id).where(Task.launch_id == launch.id))
    pending = update(Notice).where(of_launch, col(Notice.state) == NoticeState.PENDING)
    dropped = {"state": NoticeState.DROPPED, "reason": _REASON}
    session.execute(pending.where(col(Notice.letter_id).is_(None)).values(dropped))
    if session.scalar(select(func.count()).where(of_launch, col(Notice.state) == NoticeState.SENT)):
        raise Refused(_SENT)
    letter_ids = set(session.exec(select(Notice.letter_id).where(of_launch, col(Notice.letter_id).is_not(None))).all())
    locked_letters = session.exec(
        select(Letter)
        .where(col(Letter.id).in_(letter_ids))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    has_left = any(letter.state not in _UNSENT_STATES for letter in locked_letters)
    if len(locked_letters) != len(letter_ids) or has_left:
        raise Refused(_SENT)
    session.execute(pending.values(dropped))


def count_tasks(session: Session, launch_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(Task).where(Task.launch_id == launch_id)).one()
