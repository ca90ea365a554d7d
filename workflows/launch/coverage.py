"""Check before a launch that each addressee is a unit, each unit has a reachable head, and each duty has a unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.directives.template import Selector, TemplateState, TemplateVersion
from models.i18n import Words, _, translate
from models.organization.person import Person
from models.organization.unit import Unit, UnitAlias, UnitKind, UnitTag
from models.words import duty_words
from workflows.rules.audience import UnitFacts, UnitRegister


class GapKind(StrEnum):
    ADDRESSEE_WITHOUT_UNIT = "addressee_without_unit"
    UNIT_WITHOUT_HEAD = "unit_without_head"
    HEAD_WITHOUT_ADDRESS = "head_without_address"
    DUTY_WITHOUT_TAKER = "duty_without_taker"
    NO_PUBLISHED_TEMPLATE = "no_published_template"


_GAP_WORDS = {
    GapKind.ADDRESSEE_WITHOUT_UNIT: _("{duty}: the register has no unit for {detail}"),
    GapKind.UNIT_WITHOUT_HEAD: _("unit {unit}, {duty}: it has no acting head ({detail})"),
    GapKind.HEAD_WITHOUT_ADDRESS: _("unit {unit}, {duty}: its head has no usable e-mail address ({detail})"),
    GapKind.DUTY_WITHOUT_TAKER: _("{duty}: nobody takes it"),
    GapKind.NO_PUBLISHED_TEMPLATE: _("{duty}: it has no published template"),
}
_FIELDS = {"kind": _("kind"), "tags": _("tags"), "parent": _("parent unit"), "named": _("name")}
_NO_HEAD, _NOT_ACTIVE = _("none entered"), _("the one entered is not active")
_NO_ADDRESS, _REFUSED = _("none entered"), _("mail to it is refused for good")


@dataclass(frozen=True)
class Gap:
    """One gap. `duty` holds several paths ("1, 2, 5") if one unit leaves the same gap in each."""

    kind: GapKind
    duty: str
    unit: str | None = None  # code
    detail: str = ""

    def tell(self, language: str) -> str:
        return translate(
            _GAP_WORDS[self.kind],
            language,
            duty=[duty_words(path) for path in self.duty.split(", ")],
            unit=self.unit,
            detail=translate(self.detail, language),
        )


@dataclass(frozen=True)
class Coverage:
    """The gaps, and the leading and coordinating units by duty path. A lead may be in both lists."""

    gaps: list[Gap] = field(default_factory=list)
    audience: dict[str, list[UUID]] = field(default_factory=dict)
    coordinating: dict[str, list[UUID]] = field(default_factory=dict)


def prove_coverage(
    session: Session,
    directive: Directive,
    versions: Sequence[TemplateVersion],
    *,
    duties: Sequence[Duty] | None = None,
    register: UnitRegister | None = None,
) -> Coverage:
    """Resolve the versions' audiences over the register, in at most five queries.

    `duties` must be covered, by default all duties of the directive. Coordinating units only need to exist, as nobody
    writes to outside units.
    """
    if duties is None:
        duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    register = register or load_register(session)
    by_duty = {version.duty_id: version for version in versions}
    coverage = Coverage()
    for duty in duties:
        version = by_duty.get(duty.id)
        if version is None or version.state is not TemplateState.PUBLISHED:
            coverage.gaps.append(Gap(GapKind.NO_PUBLISHED_TEMPLATE, duty.path))
        if version is not None:
            _resolve(coverage, duty, version, register)
    coverage.gaps.extend(_find_unreachable(session, coverage.audience, register))
    return coverage


def _resolve(coverage: Coverage, duty: Duty, version: TemplateVersion, register: UnitRegister) -> None:
    spec = version.read_spec()
    leading = register.resolve(spec.audience)
    unmatched = list(leading.unmatched)
    coverage.audience[duty.path] = [unit.id for unit in leading.units]
    if spec.coordinating is not None:
        partners = register.resolve(spec.coordinating, leading=False)
        coverage.coordinating[duty.path] = [unit.id for unit in partners.units]
        unmatched += partners.unmatched
    coverage.gaps.extend(
        Gap(GapKind.ADDRESSEE_WITHOUT_UNIT, duty.path, detail=_write_addressee(addressee)) for addressee in unmatched
    )
    if not leading.units:
        coverage.gaps.append(Gap(GapKind.DUTY_WITHOUT_TAKER, duty.path))


def _write_addressee(addressee: Selector | str) -> str:
    """Return for example "Vụ X", or "kind enterprise, tags post, internet"."""
    if isinstance(addressee, str):
        return addressee
    conditions = addressee.model_dump(mode="json", exclude_defaults=True)
    return Words(
        "{conditions}",
        conditions=[
            Words(
                "{field} {value}",
                field=_FIELDS.get(name, name),
                value=UnitKind(value).label if name == "kind" else value,
            )
            for name, value in conditions.items()
        ],
    )


def _find_unreachable(session: Session, audience: dict[str, list[UUID]], register: UnitRegister) -> list[Gap]:
    """Return one gap for each unit whose head cannot be written to, with the duties that it concerns."""
    head = aliased(Person)
    query = (
        select_columns(col(Unit.id), col(head.id), col(head.is_active), col(head.email), col(head.email_refused_at))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .where(
            col(head.id).is_(None)
            | col(head.is_active).is_(False)
            | col(head.email).is_(None)
            | (col(head.email) == "")
            | col(head.email_refused_at).is_not(None)
        )
    )
    heads = {unit_id: head_columns for unit_id, *head_columns in session.execute(query)}
    paths: dict[UUID, list[str]] = {}
    for path, unit_ids in audience.items():
        for unit_id in unit_ids:
            if unit_id in heads:
                paths.setdefault(unit_id, []).append(path)
    gaps = []
    for unit in register.units:
        if unit.id in paths:
            head_id, is_active, email, _refused_at = heads[unit.id]
            duty = ", ".join(paths[unit.id])
            if head_id is None or not is_active:
                detail = _NO_HEAD if head_id is None else _NOT_ACTIVE
                gaps.append(Gap(GapKind.UNIT_WITHOUT_HEAD, duty, unit.code, detail))
            else:
                detail = _REFUSED if email else _NO_ADDRESS
                gaps.append(Gap(GapKind.HEAD_WITHOUT_ADDRESS, duty, unit.code, detail))
    return gaps


def load_register(session: Session) -> UnitRegister:
    """Return the facts of all units in three queries. The ORM would take longer than the rest of a launch."""
    tags: dict[UUID, set[str]] = {}
    for unit_id, tag in session.execute(select_columns(col(UnitTag.unit_id), col(UnitTag.tag))):
        tags.setdefault(unit_id, set()).add(tag)
    aliases: dict[UUID, list[str]] = {}
    for unit_id, alias in session.execute(select_columns(col(UnitAlias.unit_id), col(UnitAlias.alias))):
        aliases.setdefault(unit_id, []).append(alias)
    columns: Any = (Unit.id, Unit.code, Unit.name, Unit.kind, Unit.parent_id, Unit.is_outside, Unit.is_active)
    rows = session.execute(select_columns(*(col(column) for column in columns))).all()
    codes = {unit_id: code for unit_id, code, *_others in rows}
    return UnitRegister(
        UnitFacts(
            id=unit_id,
            code=code,
            name=name,
            kind=kind,
            tags=frozenset(tags.get(unit_id, ())),
            parent_code=codes.get(parent_id),
            is_outside=is_outside,
            is_active=is_active,
            aliases=tuple(sorted(aliases.get(unit_id, ()))),
        )
        for unit_id, code, name, kind, parent_id, is_outside, is_active in rows
    )
