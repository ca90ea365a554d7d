"""Import a pack: store its directive, its duties and a draft template for each. A second import changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.directives.template import TemplateSpec, TemplateVersion
from models.errors import NotFound, Refused, need
from models.organization.unit import Unit
from models.text.localtime import local_date
from workflows.access.audit_log import note
from workflows.history.record import NewHistoryLine, record
from workflows.templates.draft import draft_if_changed
from workflows.templates.new_document import refuse_future
from workflows.templates.pack_file import PACK_FILE, Pack, read_pack
from workflows.templates.template_check import normalise

_BUNDLED = Path(__file__).parents[1] / "directives"


@dataclass(frozen=True)
class DirectiveImport:
    directive: Directive
    created: bool
    drafts: int  # the number of new draft versions
    amended: tuple[str, ...] = ()  # the metadata that changed


def bundled() -> list[Path]:
    """Return the folders of the directives that come with the product, by code."""
    return sorted(path.parent for path in _BUNDLED.glob(f"*/{PACK_FILE}"))


def bundled_pack(code: str) -> Pack:
    """Return a pack that comes with the product. Raises NotFound."""
    folders = {path.name: path for path in bundled()}
    if code not in folders:
        raise NotFound("no bundled directive {code}; there are: {right}", code=code, right=", ".join(folders))
    return read_pack(folders[code])


def import_directive(session: Session, pack: Pack, *, now: datetime, actor_id: UUID | None = None) -> DirectiveImport:
    """Store the pack's directive, duties and draft templates that are new or changed.

    A changed template becomes a new draft version. Duties that the pack does not have any more stay. Raises NotFound
    for unknown units, BadInput for a document dated after today, Refused where a published template has settled the
    directive's text or the kind of a duty.
    """
    refuse_future(pack.directive.issued_on, local_date(now))
    values = _directive_values(session, pack)
    directive = session.exec(select(Directive).where(Directive.code == pack.directive.code)).one_or_none()
    created = directive is None
    if directive is None:
        directive = Directive(**values)
        session.add(directive)
        session.flush()
    published = _published_duties(session, directive)
    amended = () if created else _amend(directive, values, is_settled=bool(published))
    if created or amended:
        _record(session, directive, "directive_imported" if created else "directive_amended", now, actor_id, amended)
    duties = _store_duties(session, directive, pack, published)
    drafts = 0
    for spec in pack.templates:
        _version, is_new = draft_if_changed(session, duties[spec.duty], spec, now=now, actor_id=actor_id)
        drafts += is_new
    if created or amended or drafts:
        facts = {"created": created, "amended": list(amended), "drafts": drafts}
        note(session, "directive_imported", now=now, actor_id=actor_id, about=directive.code, facts=facts)
    return DirectiveImport(directive, created, drafts, amended)


def _directive_values(session: Session, pack: Pack) -> dict[str, Any]:
    meta = pack.directive
    values = meta.model_dump(exclude={"text", "coordinating_unit", "issuer_office", "legal_bases"})
    return values | {
        "legal_bases": list(meta.legal_bases),
        "text": pack.text,
        "coordinating_unit_id": _unit_id(session, "coordinating_unit", meta.coordinating_unit),
        "issuer_office_id": _unit_id(session, "issuer_office", meta.issuer_office),
    }


def _unit_id(session: Session, field: str, code: str) -> UUID:
    return need(
        session.exec(select(Unit.id).where(Unit.code == code)).one_or_none(),
        NotFound("directive.{field}: the register has no unit {code}; import the units first", field=field, code=code),
    )


def _published_duties(session: Session, directive: Directive) -> set[UUID]:
    query = select(TemplateVersion.duty_id).join(Duty, col(Duty.id) == TemplateVersion.duty_id)
    return set(
        session.exec(
            query.where(Duty.directive_id == directive.id, col(TemplateVersion.published_at).is_not(None))
        ).all()
    )


def _amend(directive: Directive, values: dict[str, Any], *, is_settled: bool) -> tuple[str, ...]:
    changed = tuple(name for name, value in values.items() if getattr(directive, name) != value)
    if "text" in changed and is_settled:
        raise Refused(
            "directive {code} is stored with another text, and published templates quote it; nothing was changed",
            code=directive.code,
        )
    for name in changed:
        setattr(directive, name, values[name])
    return changed


def _store_duties(session: Session, directive: Directive, pack: Pack, published: set[UUID]) -> dict[str, Duty]:
    """Store the duties, and return them by path. A duty follows the pack until it is first published."""
    duties = {duty.path: duty for duty in session.exec(select(Duty).where(Duty.directive_id == directive.id))}
    positions = {spec.duty: position for position, spec in enumerate(pack.templates, start=1)}
    for spec in _parents_first(pack.templates):
        duty = duties.get(spec.duty)
        if duty is None:
            duty = Duty(directive_id=directive.id, path=spec.duty, position=0, kind=spec.kind, title="", quote="")
        duty.position = positions[spec.duty]
        if duty.id not in published:
            duty.kind, duty.title, duty.quote = spec.kind, spec.title, normalise(spec.quote)
            duty.parent_duty_id = duties[spec.parent].id if spec.parent else None
        duties[spec.duty] = duty
        session.add(duty)
    session.flush()
    return duties


def _parents_first(templates: tuple[TemplateSpec, ...]) -> Iterator[TemplateSpec]:
    """Yield parents before their children, as a row may only refer to an existing one."""
    remaining, yielded = list(templates), set[str | None]({None})
    while remaining:
        ready = [spec for spec in remaining if spec.parent in yielded]
        yield from ready
        yielded |= {spec.duty for spec in ready}
        remaining = [spec for spec in remaining if spec.duty not in yielded]


def _record(
    session: Session, directive: Directive, event: str, now: datetime, actor_id: UUID | None, amended: tuple[str, ...]
) -> None:
    facts: dict[str, object] = {"code": directive.code}
    if amended:
        facts["fields"] = list(amended)
    record(session, NewHistoryLine(event, directive.id, actor_id, "administrator", facts), now)
