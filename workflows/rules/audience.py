"""Resolve an audience rule: find the units of the register that it addresses."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from models.directives.template import AudienceRule, Selector
from models.organization.unit import UnitKind


@dataclass(frozen=True)
class UnitFacts:
    id: UUID
    code: str
    name: str
    kind: UnitKind
    tags: frozenset[str] = frozenset()
    parent_code: str | None = None
    is_outside: bool = False
    is_active: bool = True
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """The addressed units by code, and the selectors, names and codes that matched no unit."""

    units: list[UnitFacts] = field(default_factory=list)
    unmatched: list[Selector | str] = field(default_factory=list)


class UnitRegister:
    """An index of units by code and by name, to resolve many rules over thousands of units."""

    def __init__(self, units: Iterable[UnitFacts]) -> None:
        self.units: Sequence[UnitFacts] = sorted(units, key=lambda unit: unit.code)
        self._by_code = {unit.code: unit for unit in self.units}

    @cached_property
    def _by_name(self) -> dict[str, list[UnitFacts]]:
        """Return the units by name. It is built on first use, as most rules name no unit."""
        by_name: dict[str, list[UnitFacts]] = {}
        for unit in self.units:
            for name in {_plain(name) for name in (unit.name, *unit.aliases)}:
                by_name.setdefault(name, []).append(unit)
        return by_name

    def find(self, name: str) -> UnitFacts | None:
        """Find a unit by code, else by its whole name or alias. Return None for a name that two units share."""
        unit = self._by_code.get(name)
        if unit is not None:
            return unit
        namesakes = self._by_name.get(_plain(name), [])
        candidates = [unit for unit in namesakes if unit.is_active] or namesakes
        return candidates[0] if len(candidates) == 1 else None

    def resolve(self, rule: AudienceRule, *, leading: bool = True) -> Resolution:
        """Return the active units that any selector matches, without the exceptions.

        Outside units can only coordinate: `leading=False` admits them. A selector of tags alone does not match an
        enterprise's own units, which get their tasks by cascade.
        """
        excluded = {code: self.find(code) for code in rule.excluding}
        left_out = {unit.id for unit in excluded.values() if unit}
        unmatched: list[Selector | str] = [code for code, unit in excluded.items() if unit is None]
        chosen: dict[UUID, UnitFacts] = {}
        for selector in rule.any:
            units, missing = self._select(selector, leading)
            unmatched += missing
            if not units and not missing:
                unmatched.append(selector)
            chosen.update((unit.id, unit) for unit in units if unit.id not in left_out)
        return Resolution(sorted(chosen.values(), key=lambda unit: unit.code), unmatched)

    def _select(self, selector: Selector, leading: bool) -> tuple[list[UnitFacts], list[Selector | str]]:
        if not selector.named:
            return [unit for unit in self.units if _may(unit, leading) and _matches(selector, unit)], []
        units: list[UnitFacts] = []
        missing: list[Selector | str] = []
        for name in selector.named:
            unit = self.find(name)
            if unit is not None and _may(unit, leading) and _matches(selector, unit):
                units.append(unit)
            else:
                missing.append(name)
        return units, missing


def resolve(rule: AudienceRule, units: Iterable[UnitFacts], *, leading: bool = True) -> Resolution:
    """Resolve one rule. To resolve many rules, make one `UnitRegister`."""
    return UnitRegister(units).resolve(rule, leading=leading)


def addresses(selector: Selector, unit: UnitFacts) -> bool:
    """Return whether a selector matches a unit."""
    is_named = not selector.named or any(map(UnitRegister([unit]).find, selector.named))
    return is_named and _may(unit, leading=True) and _matches(selector, unit)


def _may(unit: UnitFacts, leading: bool) -> bool:
    return unit.is_active and not (leading and unit.is_outside)


def _matches(selector: Selector, unit: UnitFacts) -> bool:
    only_tags = not (selector.kind or selector.parent or selector.named)
    return (
        (selector.kind is None or unit.kind is selector.kind)
        and set(selector.tags) <= unit.tags
        and (selector.parent is None or unit.parent_code == selector.parent)
        and not (only_tags and unit.kind is UnitKind.ENTERPRISE_UNIT)
    )


def _plain(name: str) -> str:
    """Return the name without differences of case, spacing and dashes. Accents count: "Vụ" is not "Vũ"."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().replace("–", "-").split())
