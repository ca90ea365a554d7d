"""Why a task is with its unit: the audience rule of its template in words, or what else brought it there."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.directives.launch import Incident
from models.directives.template import AudienceRule, Selector, TemplateSpec
from models.i18n import Words, _, _n
from models.organization.unit import Unit, UnitAlias, UnitKind, UnitTag
from models.tasks.task import Task
from models.words import TAG_WORDS
from workflows.rules.audience import UnitFacts, UnitRegister, addresses


def why_this_unit(session: Session, task: Task, spec: TemplateSpec, units: dict[UUID, Unit]) -> list[Words]:
    """Sentences, most important first. `units` holds the task's lead, assigner and assigned unit."""
    assigned, lead = units[task.assigned_unit_id], units[task.lead_unit_id]
    said: list[Words] = []
    if task.parent_id is not None:
        said.append(_("{unit} delegated this part of its own task", unit=units[task.assigner_unit_id].name))
    elif task.incident_id is not None:
        incident = session.get_one(Incident, task.incident_id)
        said.append(_("the unit was chosen when this was declared: {incident}", incident=incident.title))
    elif task.occurrence.startswith("request:"):
        said.append(_("it was asked of the unit on request"))
    else:
        said += _by_audience(session, spec.audience, assigned)
    if lead.id != assigned.id:
        said.append(_("it was first assigned to {unit}; the lead has been changed since", unit=assigned.name))
    return said


def _by_audience(session: Session, rule: AudienceRule, unit: Unit) -> list[Words]:
    facts = _facts(session, unit, rule)
    said = [_("the directive addresses “{says}”", says=rule.says)] if rule.says else []
    matched = next((one for one in rule.any if addresses(one, facts)), None)
    if matched is None:
        return [*said, _("{unit} was added by the coordinator at the launch", unit=unit.name)]
    return [*said, _matched(matched, unit)]


def _matched(selector: Selector, unit: Unit) -> Words:
    if selector.named:
        return _("by the workflow template, {unit} is named for it", unit=unit.name)
    if selector.kind and selector.tags:
        return _(
            "by the workflow template it is for every {kind} of these fields: {tags}; {unit} is one",
            kind=selector.kind.label,
            tags=[TAG_WORDS.get(tag, Words(tag)) for tag in selector.tags],
            unit=unit.name,
        )
    if selector.kind:
        return _(
            "by the workflow template it is for every {kind}; {unit} is one", kind=selector.kind.label, unit=unit.name
        )
    if selector.tags:
        tags = [TAG_WORDS.get(tag, Words(tag)) for tag in selector.tags]
        return _(
            "by the workflow template it is for every unit of these fields: {tags}; {unit} is one",
            tags=tags,
            unit=unit.name,
        )
    return _(
        "by the workflow template it is for every unit of {parent}; {unit} is one",
        parent=selector.parent,
        unit=unit.name,
    )


def rule_words(selectors: Sequence[Selector], register: UnitRegister, *, leading: bool = True) -> list[Words]:
    """Each selector has its count: "every enterprise with the tag post: 9 of 25".

    Selectors of one kind that each name one tag are one rule: a unit needs one of the tags.
    """
    told: list[Words] = []
    for (kind, shape), group in groupby(selectors, key=lambda one: (one.kind, _shape(one))):
        for ones in [[one] for one in group] if shape == "other" else [list(group)]:
            told.append(_counted(ones, kind, register, leading))
    return told


def _shape(selector: Selector) -> str:
    """Selectors of one shape that stand side by side are told as one."""
    given = selector.model_dump(exclude_defaults=True).keys()
    if given == {"named"}:
        return "named"
    return "tag" if given == {"kind", "tags"} and len(selector.tags) == 1 else "other"


def _counted(ones: Sequence[Selector], kind: UnitKind | None, register: UnitRegister, leading: bool) -> Words:
    units = register.resolve(AudienceRule(any=tuple(ones)), leading=leading).units
    first, count, called = ones[0], len(units), kind.label if kind else _("unit")
    if first.named:
        return _("named: {units}", units=[unit.name for unit in units] or list(first.named))
    if first.parent:
        return _n(
            "every {kind} under {parent}: {count} unit",
            "every {kind} under {parent}: {count} units",
            kind=called,
            parent=first.parent,
            count=count,
        )
    if not first.tags:
        return _n("every {kind}: {count} unit", "every {kind}: {count} units", kind=called, count=count)
    tags = [TAG_WORDS.get(tag, Words(tag)) for one in ones for tag in one.tags]
    of_kind = [unit for unit in register.units if unit.is_active and (not kind or unit.kind is kind)]
    message = _("every {kind} with the tag {tags}: {count} of {all}")
    if len(tags) > 1:
        message = _("every {kind} with one of the tags {tags}: {count} of {all}")
    if len(first.tags) > 1:
        message = _("every {kind} with all of the tags {tags}: {count} of {all}")
    every = sum(not (leading and unit.is_outside) for unit in of_kind)
    return Words(message, kind=called, tags=tags, count=count, all=every)


def _facts(session: Session, unit: Unit, rule: AudienceRule) -> UnitFacts:
    """What the rule asks of the unit, and nothing else of it."""
    tags = _ask(session, _TAGS, unit.id) if any(one.tags for one in rule.any) else []
    aliases = _ask(session, _ALIASES, unit.id) if any(one.named for one in rule.any) else []
    parent = _ask(session, _CODE, unit.parent_id) if unit.parent_id and any(one.parent for one in rule.any) else []
    return UnitFacts(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        kind=unit.kind,
        tags=frozenset(tags),
        parent_code=parent[0] if parent else None,
        aliases=tuple(aliases),
        is_active=True,  # it was when the task came to it
    )


_TAGS = select(UnitTag.tag).where(UnitTag.unit_id == bindparam("unit"))
_ALIASES = select(UnitAlias.alias).where(UnitAlias.unit_id == bindparam("unit"))
_CODE = select(Unit.code).where(col(Unit.id) == bindparam("unit"))


def _ask(session: Session, query: Any, unit_id: UUID) -> Sequence[str]:
    found: Sequence[str] = session.execute(query, {"unit": unit_id}).scalars().all()
    return found
