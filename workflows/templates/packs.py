"""Import a pack: the directive, its duties and a draft template for each; twice changes nothing."""

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
    """What an import did: `drafts` counts the draft versions it made, `amended` names the metadata it changed."""

    directive: Directive
    created: bool
    drafts: int
    amended: tuple[str, ...] = ()


def bundled() -> list[Path]:
    """Folders of the directives that come with the product, in the order of their codes."""
    return sorted(path.parent for path in _BUNDLED.glob(f"*/{PACK_FILE}"))


def bundled_pack(code: str) -> Pack:
    """Raises NotFound."""
    folders = {path.name: path for path in bundled()}
    if code not in folders:
        raise NotFound("no bundled directive {code}; there are: {right}", code=code, right=", ".join(folders))
    return read_pack(folders[code])


def import_directive(session: Session, pack: Pack, *, now: datetime, actor_id: UUID | None = None) -> DirectiveImport:
    """Store the pack's directive, duties and draft templates, as far as they are not there already.

    A changed template becomes a new draft version; duties the pack no longer has stay. Raises NotFound for unknown
    units, BadInput for a document dated after today, Refused where the text or the kind of a duty is settled by a
    published template.
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
    made = [
        draft_if_changed(session, duties[spec.duty], spec, now=now, actor_id=actor_id)[1] for spec in pack.templates
    ]
    if created or amended or any(made):
        facts = {"created": created, "amended": list(amended), "drafts": sum(made)}
        note(session, "directive_imported", now=now, actor_id=actor_id, about=directive.code, facts=facts)
    return DirectiveImport(directive, created, sum(made), amended)


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
    """Duty rows by path. Until first published a duty follows the pack; then publishing sets its title."""
    found = session.exec(select(Duty).where(Duty.directive_id == directive.id)).all()
    duties = {duty.path: duty for duty in found}
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
    """Yield parents before their children: a row may only point to a row that is there."""
    waiting, placed = list(templates), set[str | None]({None})
    while waiting:
        ready = [spec for spec in waiting if spec.parent in placed]
        yield from ready
        placed |= {spec.duty for spec in ready}
        waiting = [spec for spec in waiting if spec.duty not in placed]


def _record(
    session: Session, directive: Directive, event: str, now: datetime, actor_id: UUID | None, amended: tuple[str, ...]
) -> None:
    facts: dict[str, object] = {"code": directive.code}
    if amended:
        facts["fields"] = list(amended)
    record(session, NewHistoryLine(event, directive.id, actor_id, "administrator", facts), now)
