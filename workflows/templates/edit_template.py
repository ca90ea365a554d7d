"""Edit a template: change its newest draft, or begin a draft after the published version, which never changes."""

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
        return next((version for version in self.versions if version.state is TemplateState.PUBLISHED), None)

    @property
    def was_published(self) -> bool:
        """The duty has been published once, and keeps its kind."""
        return any(version.published_at for version in self.versions)

    @property
    def digest(self) -> str:
        """The digest from which an editor begins. A save that began from another one is refused."""
        return self.newest.digest if self.newest else ""

    def version(self, number: int) -> TemplateVersion:
        """Return a version by its number. Raises NotFound."""
        version = next((version for version in self.versions if version.version == number), None)
        if version is None:
            raise NotFound("duty {duty}: there is no version {version}", duty=self.duty.path, version=number)
        return version

    def before(self, version: TemplateVersion) -> TemplateVersion | None:
        return next((earlier for earlier in reversed(self.versions) if earlier.version < version.version), None)


def open_duty(session: Session, principal: Principal, directive_code: str, path: str) -> EditedDuty:
    """Return a duty with its versions. Raises Forbidden without the right to edit templates, NotFound."""
    principal.require(Right.EDIT_TEMPLATES)
    row = session.exec(
        select(Directive, Duty)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .where(Directive.code == directive_code, Duty.path == path)
    ).one_or_none()
    if row is None:
        raise NotFound("directive {code}: there is no duty {duty}", code=directive_code, duty=path)
    directive, duty = row
    query = select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)
    versions = session.exec(query.order_by(col(TemplateVersion.version))).all()
    return EditedDuty(directive, duty, tuple(versions))


def check_draft(session: Session, edited: EditedDuty, spec: TemplateSpec) -> None:
    """Raise BadInput or Refused as `save_draft` does for a specification that does not fit the duty."""
    check_belongs(session, edited.duty, spec, was_published=edited.was_published)


def save_draft(
    session: Session, principal: Principal, edited: EditedDuty, spec: TemplateSpec, *, began_from: str, now: datetime
) -> TemplateVersion:
    """Save the specification as the duty's draft. If the newest version equals it, return that one unchanged.

    `began_from` is the digest that the editor was opened with. Raises BadInput or Refused: the specification does not
    fit the duty, or another person has saved meanwhile.
    """
    principal.require(Right.EDIT_TEMPLATES)
    session.exec(select(Duty.id).where(Duty.id == edited.duty.id).with_for_update()).one()
    if edited.digest != began_from:
        raise _saved_meanwhile(edited.duty)
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
    digest = digest_of(stored)
    is_unchanged = (
        col(TemplateVersion.id) == draft.id,
        col(TemplateVersion.state) == TemplateState.DRAFT,
        col(TemplateVersion.digest) == draft.digest,
    )
    if not update_one(session, update(TemplateVersion).where(*is_unchanged).values(spec=stored, digest=digest)):
        raise _saved_meanwhile(edited.duty)
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
    """Publish the draft whose effect the person has seen. Raises as `publish` does.

    `seen` is the digest of that draft, and `seen_letters` the digest of the letters that moving open tasks would send.
    """
    principal.require(Right.EDIT_TEMPLATES)
    version = edited.version(number)
    if version.digest != seen:
        raise _saved_meanwhile(edited.duty)
    return publish(
        session, version.id, now=now, actor_id=principal.person.id, migrate_open=migrate_open, seen_letters=seen_letters
    )


def retire_version(
    session: Session, principal: Principal, edited: EditedDuty, number: int, *, now: datetime
) -> TemplateVersion:
    """Take the published version out of use. Raises Refused."""
    principal.require(Right.EDIT_TEMPLATES)
    return retire(session, edited.version(number).id, now=now, actor_id=principal.person.id)


def _saved_meanwhile(duty: Duty) -> Refused:
    return Refused(
        "{duty}: somebody else saved it meanwhile; look at their change, then repeat yours", duty=duty_words(duty.path)
    )
