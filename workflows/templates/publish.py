"""Publish a draft as the one published version of a duty's template, after a preview of its effect on open tasks."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select, update

from models.database.ids import new_id
from models.database.rows import count_changed, one_of, update_one
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused, need
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import local_date
from models.words import duty_words
from workflows.access.audit_log import note
from workflows.escalation.rung_notices import RungNotices
from workflows.history.record import NewHistoryLine, record, record_many
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.periods import next_opening, resumed_after
from workflows.templates.draft import check_belongs
from workflows.templates.publish_effect import (
    PublishEffect,
    differences,
    move_letters,
    move_notices,
    on_earlier_version,
    open_tasks,
)


@dataclass(frozen=True)
class TemplateRow:
    directive: str
    duty: str
    title: str
    kind: DutyKind
    version: int
    state: TemplateState
    id: UUID
    digest: str


def preview_publish(session: Session, version_id: UUID, *, now: datetime) -> PublishEffect:
    """Return the effect that publishing would have at `now`. Raises NotFound, Refused."""
    effect, _notices = _plan(session, version_id, now)
    return effect


def _plan(session: Session, version_id: UUID, now: datetime) -> tuple[PublishEffect, RungNotices]:
    """Return the effect, and the notices to write if the open tasks are moved."""
    version, duty = _find_draft(session, version_id)
    former = _find_published(session, duty)
    changes = tuple(differences(former.spec, version.spec)) if former else ()
    tasks = tuple(open_tasks(session, duty, version))
    moving = [task.task_id for task in tasks if task.may_move]
    notices = move_notices(session, version, moving, now=now, calendar=load_calendar(session))
    letters, digests = move_letters(session, notices, {task.task_id: task.unit for task in tasks})
    effect = PublishEffect(
        version_id=version.id,
        duty=duty.path,
        version=version.version,
        replaces=former.version if former else None,
        changes=changes,
        open_tasks=tasks,
        clock=version.read_spec().rungs.clock,
        letters=letters,
        digests=digests,
    )
    return effect, notices


def publish(
    session: Session,
    version_id: UUID,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    migrate_open: bool = False,
    seen_letters: str | None = None,
) -> PublishEffect:
    """Publish a draft, and retire the version that was published before.

    Open tasks keep their version unless `migrate_open`. `seen_letters` is then the digest of the letters that the
    preview showed. Raises NotFound, BadInput (a unit is not in the register), Refused (the version is no draft, older
    than the published one, or the letters differ from those of the preview).
    """
    version, duty = _find_draft(session, version_id)
    # locked in the same order as by a tick that opens a period
    armed = session.get(ArmedDuty, duty.id, with_for_update=True)
    # a second publishing of the duty waits here, and then sees the version of the first
    session.exec(select(Duty.id).where(Duty.id == duty.id).with_for_update()).one()
    if migrate_open:  # locked before they are read, so that no sweep writes notices of them meanwhile
        session.execute(select(Task.id).where(*on_earlier_version(duty, version)).with_for_update()).all()
    effect, notices = _plan(session, version_id, now)
    if migrate_open and seen_letters not in (None, effect.letters_digest):
        raise Refused(
            "{duty}: moving the open tasks would now tell other people, or something else, than was shown; look again",
            duty=duty_words(duty.path),
        )
    spec = version.read_spec()
    was_published = effect.replaces is not None
    check_belongs(session, duty, spec, was_published=was_published)
    _check_units(session, duty, [spec.reports_to, spec.authority])
    is_published = (TemplateVersion.duty_id == duty.id, TemplateVersion.state == TemplateState.PUBLISHED)
    if was_published:
        _change_state(session, is_published, state=TemplateState.RETIRED, retired_at=now)
    is_draft = (TemplateVersion.id == version.id, TemplateVersion.state == TemplateState.DRAFT)
    _change_state(session, is_draft, state=TemplateState.PUBLISHED, published_at=now)
    session.refresh(version)
    duty.kind, duty.title, duty.quote = spec.kind, spec.title, spec.quote
    duty.parent_duty_id = _find_parent_duty(session, duty, spec.parent)
    session.add(duty)
    if armed is not None:
        _plan_periods(session, armed, spec, now, was_published=was_published)
    migrated = 0
    if migrate_open:
        migrated = _migrate(session, duty, version, effect, now, actor_id)
        notices.write(session)
    else:
        effect = replace(effect, letters=(), digests=())
    facts = {"duty": duty.path, "version": version.version, "replaces": effect.replaces, "migrated": migrated}
    _note(session, duty, "template_published", version, facts, now, actor_id)
    return replace(effect, migrated=migrated)


def _plan_periods(
    session: Session, armed: ArmedDuty, spec: TemplateSpec, now: datetime, *, was_published: bool
) -> None:
    """Plan when the next period of an armed duty opens. Periods that have passed are not opened any more."""
    if spec.period is None:
        return
    if not was_published:
        armed.last_period = resumed_after(spec.period, armed.last_period, now)
    launched_at = session.get_one(Launch, armed.launch_id).launched_at if was_published else now
    armed.next_opens_at = next_opening(spec.period, armed.last_period, launched_at)
    session.add(armed)


def publish_all(
    session: Session, directive_id: UUID, *, now: datetime, actor_id: UUID | None = None
) -> list[PublishEffect]:
    """Publish the newest version of each duty of a directive, if it is a draft."""
    query = (
        select(TemplateVersion, Duty)
        .join(Duty, col(Duty.id) == TemplateVersion.duty_id)
        .where(Duty.directive_id == directive_id)
        .order_by(col(Duty.position), col(TemplateVersion.version))
    )
    newest = {duty.id: version for version, duty in session.exec(query)}
    drafts = [version.id for version in newest.values() if version.state is TemplateState.DRAFT]
    return [publish(session, version_id, now=now, actor_id=actor_id) for version_id in drafts]


def retire(session: Session, version_id: UUID, *, now: datetime, actor_id: UUID | None = None) -> TemplateVersion:
    """Take a published version out of use. Open tasks keep it. Raises Refused."""
    version, duty = _find_version(session, version_id)
    if version.state is not TemplateState.PUBLISHED:
        raise Refused(
            "{duty}: version {version} is {state}; only a published one can be retired",
            duty=duty_words(duty.path),
            version=version.version,
            state=version.state.label,
        )
    is_published = (TemplateVersion.id == version.id, TemplateVersion.state == TemplateState.PUBLISHED)
    _change_state(session, is_published, state=TemplateState.RETIRED, retired_at=now)
    session.refresh(version)
    facts: dict[str, object] = {"duty": duty.path, "version": version.version}
    _note(session, duty, "template_retired", version, facts, now, actor_id)
    return version


def list_templates(session: Session, directive_code: str | None = None) -> list[TemplateRow]:
    """Return all versions by directive, duty and version. Raises NotFound for an unknown directive."""
    query = (
        select(TemplateVersion, Duty, Directive.code)
        .join(Duty, col(Duty.id) == TemplateVersion.duty_id)
        .join(Directive, col(Directive.id) == Duty.directive_id)
        .order_by(col(Directive.code), col(Duty.position), col(TemplateVersion.version))
    )
    if directive_code is not None:
        if session.exec(select(Directive.id).where(Directive.code == directive_code)).one_or_none() is None:
            raise NotFound("no directive {code}", code=directive_code)
        query = query.where(Directive.code == directive_code)
    return [
        TemplateRow(
            directive=code,
            duty=duty.path,
            title=str(version.spec["title"]),
            kind=DutyKind(str(version.spec["kind"])),
            version=version.version,
            state=version.state,
            id=version.id,
            digest=version.digest,
        )
        for version, duty, code in session.exec(query)
    ]


def _find_version(session: Session, version_id: UUID) -> tuple[TemplateVersion, Duty]:
    version = need(session.get(TemplateVersion, version_id), NotFound("no template version {id}", id=version_id))
    return version, session.get_one(Duty, version.duty_id)


def _find_draft(session: Session, version_id: UUID) -> tuple[TemplateVersion, Duty]:
    """Return a draft that may be published, and its duty. Raises NotFound, Refused."""
    version, duty = _find_version(session, version_id)
    if version.state is not TemplateState.DRAFT:
        raise Refused(
            "{duty}: version {version} is {state}; only a draft can be published",
            duty=duty_words(duty.path),
            version=version.version,
            state=version.state.label,
        )
    former = _find_published(session, duty)
    if former is not None and former.version > version.version:
        raise Refused(
            "{duty}: version {version} is older than the published {newer}; make a new draft of it",
            duty=duty_words(duty.path),
            version=version.version,
            newer=former.version,
        )
    return version, duty


def _find_published(session: Session, duty: Duty) -> TemplateVersion | None:
    query = select(TemplateVersion).where(
        TemplateVersion.duty_id == duty.id, TemplateVersion.state == TemplateState.PUBLISHED
    )
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def _find_parent_duty(session: Session, duty: Duty, path: str | None) -> UUID | None:
    """Return the duty that this one belongs under. BadInput where the directive has no other duty with this path."""
    if path is None:
        return None
    is_parent = (Duty.directive_id == duty.directive_id, Duty.path == path, Duty.path != duty.path)
    parent_id = session.exec(select(Duty.id).where(*is_parent)).first()
    fault = BadInput("parent {path}: the directive has no such duty beside {duty}", path=path, duty=duty.path)
    return need(parent_id, fault)


def _check_units(session: Session, duty: Duty, codes: list[str | None]) -> None:
    named = {code for code in codes if code}
    known = set(session.exec(select(Unit.code).where(col(Unit.code).in_(named))).all())
    for code in sorted(named - known):
        raise BadInput("{duty}: the register has no unit {code}", duty=duty_words(duty.path), code=code)


def _change_state(session: Session, conditions: tuple[Any, ...], **values: object) -> None:
    """Change the one version that fulfils the conditions. Refused where another process has changed it."""
    if not update_one(session, update(TemplateVersion).where(*conditions).values(**values)):
        raise Refused("the template was published or retired by somebody else meanwhile; look again")


def _migrate(
    session: Session, duty: Duty, version: TemplateVersion, effect: PublishEffect, now: datetime, actor_id: UUID | None
) -> int:
    """Move the open tasks that may move, and record it in their history. The next sweep looks at them."""
    moving = [task for task in effect.open_tasks if task.may_move]
    is_moving = (*on_earlier_version(duty, version), one_of(session, col(Task.id), [task.task_id for task in moving]))
    moved = count_changed(
        session,
        update(Task)
        .where(*is_moving)
        .values(template_version_id=version.id, next_check_at=now, revision=Task.revision + 1),
    )
    if moved != len(moving):
        raise Refused("{duty}: its open tasks changed meanwhile; look at the effect again", duty=duty_words(duty.path))
    rows = [
        {
            "id": new_id(),
            "task_id": task.task_id,
            "facts": {"from": task.from_version, "to": version.version, "fields": list(task.would_change)},
        }
        for task in moving
    ]
    constant = {
        "recorded_at": now,
        "occurred_on": local_date(now),
        "directive_id": duty.directive_id,
        "event": "template_changed",
        "actor_id": actor_id,
        "relation": "administrator",
    }
    record_many(session, rows, constant)
    return len(rows)


def _note(
    session: Session,
    duty: Duty,
    event: str,
    version: TemplateVersion,
    facts: dict[str, object],
    now: datetime,
    actor_id: UUID | None,
) -> None:
    """Record an event in the audit log and in the directive's history."""
    about = f"{session.get_one(Directive, duty.directive_id).code} {duty.path}"
    audit_facts = {name: value for name, value in facts.items() if name in ("version", "migrated")}
    note(session, event, now=now, actor_id=actor_id, about=about, facts=audit_facts | {"digest": version.digest})
    record(session, NewHistoryLine(event, duty.directive_id, actor_id, "administrator", facts), now)
