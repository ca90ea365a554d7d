"""Who is addressed: an audience rule resolved over the facts of the register."""

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
    """The units in the order of their codes, and what met no unit: a whole selector, or a name or code."""

    units: list[UnitFacts] = field(default_factory=list)
    unmatched: list[Selector | str] = field(default_factory=list)


class UnitRegister:
    """Unit facts indexed by code and by name, so that many rules can be resolved over thousands of units."""

    def __init__(self, units: Iterable[UnitFacts]) -> None:
        self.units: Sequence[UnitFacts] = sorted(units, key=lambda unit: unit.code)
        self._by_code = {unit.code: unit for unit in self.units}

    @cached_property
    def _by_name(self) -> dict[str, list[UnitFacts]]:
        """Made when a name is first asked for: most rules name nobody."""
        by_name: dict[str, list[UnitFacts]] = {}
        for unit in self.units:
            for name in {_plain(name) for name in (unit.name, *unit.aliases)}:
                by_name.setdefault(name, []).append(unit)
        return by_name

    def find(self, name: str) -> UnitFacts | None:
        """Find by code, else by whole name or alias (case and spacing aside). A name that two units share finds
        neither.
        """
        unit = self._by_code.get(name)
        if unit is not None:
            return unit
        called = self._by_name.get(_plain(name), [])
        usable = [unit for unit in called if unit.is_active] or called
        return usable[0] if len(usable) == 1 else None

    def resolve(self, rule: AudienceRule, *, leading: bool = True) -> Resolution:
        """Return units matched by any selector, less the exceptions. Inactive units never; outside ones only
        coordinate.

        An enterprise's own units take tasks by cascade: a selector by tags alone does not reach them.
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
    """For many rules make one UnitRegister. `leading=False` also admits outside partners."""
    return UnitRegister(units).resolve(rule, leading=leading)


def addresses(selector: Selector, unit: UnitFacts) -> bool:
    """Return whether a selector, asked for this unit alone, has it."""
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
    """Accents count ("Vụ" is not "Vũ"); case, spacing and the two dashes do not."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().replace("–", "-").split())
