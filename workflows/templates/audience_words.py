"""Explain why a unit has a task, and put audience rules in words."""

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
    """Return the reasons as sentences, the most important first.

    `units` contains the task's lead, assigner and assigned unit.
    """
    assigned, lead = units[task.assigned_unit_id], units[task.lead_unit_id]
    reasons: list[Words] = []
    if task.parent_id is not None:
        reasons.append(_("{unit} delegated this part of its own task", unit=units[task.assigner_unit_id].name))
    elif task.incident_id is not None:
        incident = session.get_one(Incident, task.incident_id)
        reasons.append(_("the unit was chosen when this was declared: {incident}", incident=incident.title))
    elif task.occurrence.startswith("request:"):
        reasons.append(_("it was asked of the unit on request"))
    else:
        reasons += _explain_audience(session, spec.audience, assigned)
    if lead.id != assigned.id:
        reasons.append(_("it was first assigned to {unit}; the lead has been changed since", unit=assigned.name))
    return reasons


def _explain_audience(session: Session, rule: AudienceRule, unit: Unit) -> list[Words]:
    facts = _read_unit_facts(session, unit, rule)
    reasons = [_("the directive addresses “{says}”", says=rule.says)] if rule.says else []
    selector = next((selector for selector in rule.any if addresses(selector, facts)), None)
    if selector is None:
        return [*reasons, _("{unit} was added by the coordinator at the launch", unit=unit.name)]
    return [*reasons, _explain_selector(selector, unit)]


def _explain_selector(selector: Selector, unit: Unit) -> Words:
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
    """Describe each selector with its number of units: "every enterprise with the tag post: 9 of 25".

    Neighbouring selectors of one kind with one tag each become one rule, because a unit needs one of the tags.
    """
    rules: list[Words] = []
    for (kind, form), group in groupby(selectors, key=lambda selector: (selector.kind, _form(selector))):
        if form == "other":
            rules += [_describe([selector], kind, register, leading=leading) for selector in group]
        else:
            rules.append(_describe(list(group), kind, register, leading=leading))
    return rules


def _form(selector: Selector) -> str:
    """Return "named" or "tag" for selectors that are described together with their neighbours, else "other"."""
    fields = selector.model_dump(exclude_defaults=True).keys()
    if fields == {"named"}:
        return "named"
    return "tag" if fields == {"kind", "tags"} and len(selector.tags) == 1 else "other"


def _describe(selectors: Sequence[Selector], kind: UnitKind | None, register: UnitRegister, *, leading: bool) -> Words:
    units = register.resolve(AudienceRule(any=tuple(selectors)), leading=leading).units
    first, count, kind_words = selectors[0], len(units), kind.label if kind else _("unit")
    if first.named:
        return _("named: {units}", units=[unit.name for unit in units] or list(first.named))
    if first.parent:
        return _n(
            "every {kind} under {parent}: {count} unit",
            "every {kind} under {parent}: {count} units",
            kind=kind_words,
            parent=first.parent,
            count=count,
        )
    if not first.tags:
        return _n("every {kind}: {count} unit", "every {kind}: {count} units", kind=kind_words, count=count)
    tags = [TAG_WORDS.get(tag, Words(tag)) for selector in selectors for tag in selector.tags]
    units_of_kind = [unit for unit in register.units if unit.is_active and (not kind or unit.kind is kind)]
    message = _("every {kind} with the tag {tags}: {count} of {all}")
    if len(tags) > 1:
        message = _("every {kind} with one of the tags {tags}: {count} of {all}")
    if len(first.tags) > 1:
        message = _("every {kind} with all of the tags {tags}: {count} of {all}")
    total = sum(not (leading and unit.is_outside) for unit in units_of_kind)
    return Words(message, kind=kind_words, tags=tags, count=count, all=total)


def _read_unit_facts(session: Session, unit: Unit, rule: AudienceRule) -> UnitFacts:
    """Read only those facts of the unit that the rule needs."""
    tags, aliases, parents = list[str](), list[str](), list[str]()
    if any(selector.tags for selector in rule.any):
        tags = _read_column(session, _TAGS, unit.id)
    if any(selector.named for selector in rule.any):
        aliases = _read_column(session, _ALIASES, unit.id)
    if unit.parent_id and any(selector.parent for selector in rule.any):
        parents = _read_column(session, _CODE, unit.parent_id)
    return UnitFacts(
        id=unit.id,
        code=unit.code,
        name=unit.name,
        kind=unit.kind,
        tags=frozenset(tags),
        parent_code=parents[0] if parents else None,
        aliases=tuple(aliases),
        is_active=True,  # it was active when it got the task
    )


_TAGS = select(UnitTag.tag).where(UnitTag.unit_id == bindparam("unit"))
_ALIASES = select(UnitAlias.alias).where(UnitAlias.unit_id == bindparam("unit"))
_CODE = select(Unit.code).where(col(Unit.id) == bindparam("unit"))


def _read_column(session: Session, query: Any, unit_id: UUID) -> list[str]:
    return list(session.execute(query, {"unit": unit_id}).scalars())
