"""Whom the names in a document mean in this office: taught phrases, names and aliases, kinds of unit, near names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlmodel import Session, select

from models.errors import BadInput
from models.i18n import _
from models.intake import AudiencePhrase
from models.template import AudienceRule, Selector
from models.unit import UnitKind
from models.vietnamese import fold
from workflows.coverage import load_register
from workflows.rules.audience import UnitFacts, UnitRegister
from workflows.stale import mark_of

NEAR, SURE = 70.0, 90.0  # of 100: worth proposing; taken, and said to be only alike
_MOST_NEAR = 3
_HEADS = re.compile(r"^(?:thu truong|nguoi dung dau|giam doc|tong giam doc|vu truong|cuc truong)\s+", re.IGNORECASE)
_PLURAL = re.compile(r"^(?:cac|quy|toan the|nhung)\s+", re.IGNORECASE)
_KINDS: tuple[tuple[re.Pattern[str], tuple[UnitKind, ...]], ...] = (
    (re.compile(r"^doanh nghiep\b"), (UnitKind.ENTERPRISE,)),
    (re.compile(r"^(?:co quan,? )?(?:don vi )?truc thuoc bo\b"), (UnitKind.DEPARTMENT, UnitKind.SUBORDINATE)),
)
"""Groups of units by the words with which documents speak of them, folded and without "các"."""


class How(StrEnum):
    """By which way a phrase found its units."""

    TAUGHT = "taught"
    NAMED = "named"
    KIND = "kind"
    ALIKE = "alike"
    UNKNOWN = "unknown"


HOW_WORDS = {
    How.TAUGHT: _("as it was corrected before"),
    How.NAMED: _("has this name in the register"),
    How.KIND: _("all units of this kind"),
    How.ALIKE: _("a similar name: please check"),
    How.UNKNOWN: _("nobody in the register has this name"),
}


@dataclass(frozen=True)
class Matched:
    """A phrase, the selectors it means, the units they are now, and near ones where it means nobody."""

    phrase: str
    how: How
    selectors: tuple[Selector, ...] = ()
    units: tuple[UnitFacts, ...] = ()
    near: tuple[UnitFacts, ...] = ()


class Matcher:
    """Matches many phrases against one look at the register."""

    def __init__(self, register: UnitRegister, taught: Mapping[str, Sequence[Selector]]) -> None:
        self._register, self._taught = register, taught
        self._names: dict[str, UnitFacts] = {}
        for unit in register.units:
            if unit.is_active:
                for name in (unit.name, *unit.aliases, unit.code):
                    self._names.setdefault(fold(name), unit)

    @property
    def units(self) -> Sequence[UnitFacts]:
        """The active units, by code."""
        return [unit for unit in self._register.units if unit.is_active]

    def of(self, phrase: str, *, leading: bool = True) -> Matched:
        """Whom a phrase means. `leading=False` also admits outside contacts, who only coordinate."""
        folded = fold(phrase)
        if folded in self._taught:
            return self._found(phrase, How.TAUGHT, self._taught[folded], leading)
        bare = _PLURAL.sub("", _HEADS.sub("", folded))
        for name in (folded, _HEADS.sub("", folded), bare):
            if name in self._names:
                return self._found(phrase, How.NAMED, [_named(self._names[name])], leading)
        for words, kinds in _KINDS:
            if words.search(bare):
                return self._found(phrase, How.KIND, [Selector(kind=kind) for kind in kinds], leading)
        several = self._each(folded)
        if several:
            return self._found(phrase, How.NAMED, several, leading)
        near = process.extract(bare, list(self._names), scorer=fuzz.ratio, limit=_MOST_NEAR, score_cutoff=NEAR)
        units = list({self._names[name].id: self._names[name] for name, _score, _n in near}.values())
        if near and near[0][1] >= SURE:
            return self._found(phrase, How.ALIKE, [_named(units[0])], leading)
        return Matched(phrase, How.UNKNOWN, near=tuple(units))

    def all_of(self, phrases: Iterable[str], *, leading: bool = True) -> list[Matched]:
        """Each of them."""
        return [self.of(phrase, leading=leading) for phrase in phrases]

    def taught(self, phrase: str) -> str:
        """A short mark of what somebody has taught of a phrase; "" for nothing."""
        selectors = self._taught.get(fold(phrase))
        return mark_of(*selectors) if selectors is not None else ""

    def _each(self, folded: str) -> list[Selector]:
        """Where a list of names stands in one phrase, and each of them is in the register."""
        parts = [part.strip() for part in re.split(r",|;|\bva\b", folded) if part.strip()]
        found = [self._names.get(_PLURAL.sub("", part)) for part in parts]
        return [_named(unit) for unit in found if unit] if len(parts) > 1 and all(found) else []

    def _found(self, phrase: str, how: How, selectors: Sequence[Selector], leading: bool) -> Matched:
        units = self._register.resolve(AudienceRule(any=tuple(selectors)), leading=leading).units
        if not units:
            return Matched(phrase, How.UNKNOWN)
        return Matched(phrase, how, tuple(selectors), tuple(units))


def load_matcher(session: Session) -> Matcher:
    """The register and what was taught. Four queries."""
    taught = {
        one.folded: [Selector.model_validate(selector) for selector in one.selectors]
        for one in session.exec(select(AudiencePhrase))
    }
    return Matcher(load_register(session), taught)


def teach(
    session: Session, phrase: str, meant: Sequence[str], *, matcher: Matcher, person_id: UUID, now: datetime
) -> None:
    """Remembers whom a phrase means: codes or names of units, or "kind:enterprise". BadInput for what is none."""
    selectors = [_read(one.strip(), phrase, matcher) for one in meant if one.strip()]
    if not selectors:
        raise BadInput("{phrase}: say whom it means", phrase=phrase)
    row = session.get(AudiencePhrase, fold(phrase)[:300])
    told = [one.model_dump(mode="json", exclude_defaults=True) for one in selectors]
    if row is None:
        row = AudiencePhrase(
            folded=fold(phrase)[:300], phrase=phrase[:300], selectors=told, taught_at=now, taught_by=person_id
        )
        session.add(row)
    row.selectors, row.taught_at, row.taught_by = told, now, person_id
    session.flush()


def _read(meant: str, phrase: str, matcher: Matcher) -> Selector:
    kind = meant.removeprefix("kind:")
    if kind != meant and kind in set(UnitKind):
        return Selector(kind=UnitKind(kind))
    unit = next((one for one in matcher.units if fold(meant) in (fold(one.code), fold(one.name))), None)
    if unit is None:
        raise BadInput("{phrase}: there is no unit {unit}; give a code or a whole name", phrase=phrase, unit=meant)
    return _named(unit)


def _named(unit: UnitFacts) -> Selector:
    return Selector(named=(unit.code,))
