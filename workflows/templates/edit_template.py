"""Edit a template: the newest draft is amended, or a draft is begun after what is published, which never changes."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select, update

from models.database.rows import update_one
from models.directives.directive import Directive, Duty
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import NotFound, Refused
from models.words import duty_words
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.history.record import NewHistoryLine, record
from workflows.rules.rights_table import Right
from workflows.templates.draft import check_belongs, digest_of, new_draft, says_same, spec_as_stored
from workflows.templates.publish import publish, retire
from workflows.templates.publish_effect import PublishEffect


@dataclass(frozen=True)
class EditedDuty:
    """A duty with all versions of its template, oldest first."""

    directive: Directive
    duty: Duty
    versions: tuple[TemplateVersion, ...]

    @property
    def newest(self) -> TemplateVersion | None:
        return self.versions[-1] if self.versions else None

    @property
    def published(self) -> TemplateVersion | None:
        return next((one for one in self.versions if one.state is TemplateState.PUBLISHED), None)

    @property
    def was_published(self) -> bool:
        """Once published, a duty keeps its kind."""
        return any(one.published_at for one in self.versions)

    @property
    def digest(self) -> str:
        """What an editor begins from: a save from anything else comes too late."""
        return self.newest.digest if self.newest else ""

    def version(self, number: int) -> TemplateVersion:
        """Raise NotFound."""
        found = next((one for one in self.versions if one.version == number), None)
        if found is None:
            raise NotFound("duty {duty}: there is no version {version}", duty=self.duty.path, version=number)
        return found

    def before(self, version: TemplateVersion) -> TemplateVersion | None:
        return next((one for one in reversed(self.versions) if one.version < version.version), None)


def open_duty(session: Session, principal: Principal, directive_code: str, path: str) -> EditedDuty:
    """For whoever may edit templates. Raises Forbidden, NotFound."""
    principal.require(Right.EDIT_TEMPLATES)
    found = session.exec(
        select(Directive, Duty)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .where(Directive.code == directive_code, Duty.path == path)
    ).one_or_none()
    if found is None:
        raise NotFound("directive {code}: there is no duty {duty}", code=directive_code, duty=path)
    query = select(TemplateVersion).where(TemplateVersion.duty_id == found[1].id)
    versions = session.exec(query.order_by(col(TemplateVersion.version))).all()
    return EditedDuty(found[0], found[1], tuple(versions))


def check_draft(session: Session, edited: EditedDuty, spec: TemplateSpec) -> None:
    """Refuse what a save would refuse beside the faults of the text. Raises BadInput, Refused."""
    check_belongs(session, edited.duty, spec, was_published=edited.was_published)


def save_draft(
    session: Session, principal: Principal, edited: EditedDuty, spec: TemplateSpec, *, began_from: str, now: datetime
) -> TemplateVersion:
    """Keep the specification as the duty's draft; return the newest version as it is where that says the same already.

    `began_from`: the digest that the editor was opened with. Raises BadInput or Refused (it does not fit the duty, or
    somebody else saved meanwhile).
    """
    principal.require(Right.EDIT_TEMPLATES)
    session.exec(select(Duty.id).where(Duty.id == edited.duty.id).with_for_update()).one()
    if edited.digest != began_from:
        raise _late(edited.duty)
    newest = edited.newest
    if newest is not None and says_same(newest, spec):
        return newest
    if newest is None or newest.state is not TemplateState.DRAFT:
        version = new_draft(session, edited.duty, spec, now=now, actor_id=principal.person.id)
    else:
        version = _amend(session, principal, edited, newest, spec, now)
    about = f"{edited.directive.code} {edited.duty.path}"
    facts = {"version": version.version, "digest": version.digest}
    note(session, "template_drafted", now=now, actor_id=principal.person.id, about=about, facts=facts)
    return version


def _amend(
    session: Session,
    principal: Principal,
    edited: EditedDuty,
    draft: TemplateVersion,
    spec: TemplateSpec,
    now: datetime,
) -> TemplateVersion:
    check_belongs(session, edited.duty, spec, was_published=edited.was_published)
    stored = spec_as_stored(spec)
    digest, former = digest_of(stored), draft.digest
    unmoved = (
        col(TemplateVersion.id) == draft.id,
        col(TemplateVersion.state) == TemplateState.DRAFT,
        col(TemplateVersion.digest) == former,
    )
    if not update_one(session, update(TemplateVersion).where(*unmoved).values(spec=stored, digest=digest)):
        raise _late(edited.duty)
    session.refresh(draft)
    facts = {"duty": edited.duty.path, "version": draft.version, "digest": digest}
    line = NewHistoryLine("template_drafted", edited.directive.id, principal.person.id, "administrator", facts)
    record(session, line, now)
    return draft


def publish_draft(
    session: Session,
    principal: Principal,
    edited: EditedDuty,
    number: int,
    *,
    seen: str,
    migrate_open: bool,
    now: datetime,
    seen_letters: str | None = None,
) -> PublishEffect:
    """Publish the draft whose effect was looked at; `seen` is its digest then, `seen_letters` that of the letters
    which moving the open tasks would send. Raises as `publish` does.
    """
    version = _as_seen(principal, edited, number, seen)
    return publish(
        session, version.id, now=now, actor_id=principal.person.id, migrate_open=migrate_open, seen_letters=seen_letters
    )


def retire_version(
    session: Session, principal: Principal, edited: EditedDuty, number: int, *, now: datetime
) -> TemplateVersion:
    """Take the published version out of use. Raises Refused."""
    principal.require(Right.EDIT_TEMPLATES)
    return retire(session, edited.version(number).id, now=now, actor_id=principal.person.id)


def _as_seen(principal: Principal, edited: EditedDuty, number: int, seen: str) -> TemplateVersion:
    principal.require(Right.EDIT_TEMPLATES)
    version = edited.version(number)
    if version.digest != seen:
        raise _late(edited.duty)
    return version


def _late(duty: Duty) -> Refused:
    return Refused(
        "{duty}: somebody else saved it meanwhile; look at their change, then repeat yours", duty=duty_words(duty.path)
    )
