"""Draft versions of a duty's template. A version is made only where the specification has changed."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.directives.template import TemplateSpec, TemplateVersion
from models.errors import BadInput, Refused
from models.words import duty_words
from workflows.history.record import NewHistoryLine, record
from workflows.templates.template_check import normalise


def spec_as_stored(spec: TemplateSpec) -> dict[str, Any]:
    """Return a specification as JSON values, with single spaces in its quote."""
    dumped = spec.model_dump(mode="json") | {"quote": normalise(spec.quote)}
    if spec.reminders is None:  # the first versions did not have this field, and their digests must not change
        del dumped["reminders"]
    return dumped


def digest_of(stored: dict[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces), in hex."""
    canonical = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def says_same(version: TemplateVersion, spec: TemplateSpec) -> bool:
    return version.digest == digest_of(spec_as_stored(spec))


def new_draft(
    session: Session, duty: Duty, spec: TemplateSpec, *, now: datetime, actor_id: UUID | None = None
) -> TemplateVersion:
    """Return a new draft, or the newest version where it has the same specification.

    Raises BadInput where path or quote do not belong to the duty's directive, Refused where its kind is settled.
    """
    return draft_if_changed(session, duty, spec, now=now, actor_id=actor_id)[0]


def draft_if_changed(
    session: Session, duty: Duty, spec: TemplateSpec, *, now: datetime, actor_id: UUID | None = None
) -> tuple[TemplateVersion, bool]:
    """Draft as `new_draft` does, and return whether this call made the version."""
    stored = spec_as_stored(spec)
    digest = digest_of(stored)
    versions = session.exec(
        select(TemplateVersion).where(TemplateVersion.duty_id == duty.id).order_by(col(TemplateVersion.version))
    ).all()
    if versions and says_same(versions[-1], spec):
        return versions[-1], False
    check_belongs(session, duty, spec, was_published=any(version.published_at for version in versions))
    version = TemplateVersion(
        duty_id=duty.id, version=versions[-1].version + 1 if versions else 1, spec=stored, digest=digest, created_at=now
    )
    session.add(version)
    session.flush()
    facts = {"duty": duty.path, "version": version.version, "digest": digest}
    record(session, NewHistoryLine("template_drafted", duty.directive_id, actor_id, "administrator", facts), now)
    return version, True


def check_belongs(session: Session, duty: Duty, spec: TemplateSpec, *, was_published: bool) -> None:
    """Raise BadInput for another duty's template or a false quote, and Refused for a change of a published kind."""
    if spec.duty != duty.path:
        raise BadInput("duty: the template says {value}, but it is for {right}", value=spec.duty, right=duty.path)
    directive = session.get_one(Directive, duty.directive_id)
    if normalise(spec.quote) not in normalise(directive.text):
        raise BadInput(
            "{duty}: the directive {code} does not have the quoted sentence word for word",
            duty=duty_words(duty.path),
            code=directive.code,
        )
    if was_published and spec.kind is not duty.kind:
        raise Refused(
            "{duty}: a published template was {old}, it cannot become {new}; retire it and add a duty",
            duty=duty_words(duty.path),
            old=duty.kind.label,
            new=spec.kind.label,
        )
