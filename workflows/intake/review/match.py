"""Find the units that a document's names mean: by taught phrases, names and aliases, kinds of unit, similar names."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlmodel import Session, select

from models.directives.template import AudienceRule, Selector
from models.errors import BadInput
from models.i18n import Labelled, Words, _, translate
from models.intake.intake import AudiencePhrase
from models.organization.unit import UnitKind
from models.text.vietnamese import fold
from models.words import TAG_WORDS
from workflows.access.conflict import mark_of
from workflows.intake.text.vocabulary import ACTOR_HEADS, phrases
from workflows.launch.coverage import load_register
from workflows.rules.audience import UnitFacts, UnitRegister
from workflows.templates.audience_words import rule_words

_OFFICES = sorted(ACTOR_HEADS, key=len, reverse=True)
_FIGURES = re.compile(r"\d+")
NEAR, SURE = 70.0, 90.0  # of 100: worth proposing; taken, and said to be only alike
_MOST_NEAR = 3
_HEADS = re.compile(r"^(?:thu truong|nguoi dung dau|giam doc|tong giam doc|vu truong|cuc truong)\s+", re.IGNORECASE)
_PLURAL = re.compile(r"^(?:cac|quy|toan the|nhung)\s+", re.IGNORECASE)
_KINDS: tuple[tuple[re.Pattern[str], tuple[UnitKind, ...]], ...] = (
    (re.compile(r"^doanh nghiep\b"), (UnitKind.ENTERPRISE,)),
    (re.compile(r"^(?:co quan,? )?(?:don vi )?truc thuoc(?= bo\b)"), (UnitKind.DEPARTMENT, UnitKind.SUBORDINATE)),
)
"""Groups of units by the words with which documents speak of them, folded and without "các"."""
_LONGEST_NAME = 12  # words
_AND = ("va", "hoac")
_LINKS = (
    *_AND,
    *phrases(
        "cung cap dich vu | cung cap | kinh doanh dich vu | kinh doanh | hoat dong trong linh vuc | trong linh vuc"
    ),
    *phrases("linh vuc | dich vu | nganh | tren ca nuoc | trong ca nuoc | tren toan quoc | bo"),
)
"""Words between a kind and its fields that limit nothing."""
_ASIDE = ("tru", "ngoai", "khong", "nhat", "bao", "co", "tren", "tai", "thuoc", "duoc")
"""First words of what is no further field of a list, but limits it: "…, trừ VNPT"."""


class How(Labelled):
    """The way in which a phrase found its units."""

    TAUGHT = "taught", _("as it was corrected before")
    NAMED = "named", _("has this name in the register")
    KIND = "kind", _("all units of this kind")
    TAGGED = "tagged", _("those units of this kind that bear the tag it names")
    ALIKE = "alike", _("a similar name: please check")
    UNKNOWN = "unknown", _("nobody in the register has this name")


@dataclass(frozen=True)
class Matched:
    """A phrase, the selectors it means, the units they are now, and near ones where it means nobody.

    `rules` says the selectors in words with their counts, `beyond` the words of the phrase that no rule looks at.
    `other` is the broader or narrower rule that the phrase may mean as well.
    """

    phrase: str
    how: How
    selectors: tuple[Selector, ...] = ()
    units: tuple[UnitFacts, ...] = ()
    near: tuple[UnitFacts, ...] = ()
    rules: tuple[Words, ...] = ()
    beyond: str = ""
    other: "Matched | None" = None

    @property
    def left_out(self) -> tuple[UnitFacts, ...]:
        """Return the units that only the broader rule reaches."""
        return tuple(unit for unit in self.other.units if unit not in self.units) if self.other else ()

    @property
    def too_many(self) -> tuple[UnitFacts, ...]:
        """Return the units that the narrower rule would leave out."""
        return tuple(unit for unit in self.units if unit not in self.other.units) if self.other else ()

    @property
    def meant(self) -> list[str]:
        """Return the selectors as `teach` reads them."""
        return [
            name
            for one in self.selectors
            for name in (one.named or (":".join(("kind", one.kind, *one.tags)) if one.kind else "",))
        ]


class Matcher:
    """Matches phrases against the register as it was read once."""

    def __init__(self, register: UnitRegister, taught: Mapping[str, Sequence[Selector]]) -> None:
        self._register, self._taught = register, taught
        self._names: dict[str, UnitFacts] = {}
        self._kinds: dict[str, tuple[str, ...]] = {}
        for unit in register.units:
            if unit.is_active:
                for name in (unit.name, *unit.aliases, unit.code):
                    self._names.setdefault(fold(name), unit)
                    self._kinds.setdefault(fold(name), _kind_of_office(name))
        self._matched: dict[tuple[str, bool], Matched] = {}
        self._fields: dict[tuple[UnitKind, ...], dict[tuple[str, ...], str]] = {}

    @property
    def units(self) -> Sequence[UnitFacts]:
        return [unit for unit in self._register.units if unit.is_active]

    def tags_of(self, kind: UnitKind) -> list[str]:
        return sorted({tag for unit in self.units if unit.kind is kind for tag in unit.tags})

    def groups(self) -> list[tuple[str, Words]]:
        """Return each kind of unit with each of its tags, as `teach` reads it, and in words with its count."""
        rules = [Selector(kind=kind, tags=(tag,)) for kind in UnitKind for tag in self.tags_of(kind)]
        return [(f"kind:{one.kind}:{one.tags[0]}", rule_words([one], self._register)[0]) for one in rules]

    def of(self, phrase: str, *, leading: bool = True) -> Matched:
        """Return the units that a phrase means. `leading=False` also admits outside contacts, who only coordinate."""
        if (phrase, leading) not in self._matched:  # a table names the same units a thousand times
            self._matched[phrase, leading] = self._match(phrase, leading)
        return self._matched[phrase, leading]

    def _match(self, phrase: str, leading: bool) -> Matched:
        folded = fold(phrase)
        if folded in self._taught:
            taught = self._found(phrase, How.TAUGHT, self._taught[folded], leading)
            return replace(taught, other=self._narrower(taught, leading)) if taught.units else taught
        parts = _groups(phrase)
        if len(parts) > 1 and folded not in self._names:
            return self._together(phrase, [self.of(part, leading=leading) for part in parts])
        bare = _bare(folded)
        for name in (folded, _HEADS.sub("", folded), bare):
            if name in self._names:
                return self._found(phrase, How.NAMED, [_named(self._names[name])], leading)
        group = self._by_kind(phrase, bare, leading)
        if group is not None:
            return group
        several = self._each(folded)
        if several:
            return self._found(phrase, How.NAMED, several, leading)
        kind = _kind_of_office(phrase)
        named = [name for name in self._names if self._kinds[name] == kind]
        near = process.extract(bare, named, scorer=fuzz.ratio, limit=_MOST_NEAR, score_cutoff=NEAR)
        units = list({self._names[name].id: self._names[name] for name, _score, _n in near}.values())
        if near and near[0][1] >= SURE:
            return self._found(phrase, How.ALIKE, [_named(units[0])], leading)
        return Matched(phrase, How.UNKNOWN, near=tuple(units))

    def _by_kind(self, phrase: str, bare: str, leading: bool) -> Matched | None:
        """Return the units of the kind that a phrase names: those of its fields, else all. None for no kind."""
        for words, kinds in _KINDS:
            named = words.search(bare)
            if named is None:
                continue
            all_of_kind = self._found(phrase, How.KIND, [Selector(kind=kind) for kind in kinds], leading)
            behind = len(bare[named.end() :].split())
            tags, beyond = _read_group(phrase.split()[-behind:] if behind else [], self._fields_of(kinds))
            selectors = [Selector(kind=kind, tags=(tag,)) for kind in kinds for tag in tags]
            if not tags or not all_of_kind.units:
                return replace(all_of_kind, beyond=beyond)
            tagged = self._found(phrase, How.TAGGED, selectors, leading)
            if not tagged.units:
                return replace(all_of_kind, beyond=beyond)
            is_narrower = len(tagged.units) < len(all_of_kind.units)
            return replace(tagged, beyond=beyond, other=all_of_kind if is_narrower else None)
        return None

    def _narrower(self, taught: Matched, leading: bool) -> Matched | None:
        """Return the rule by tags that the words name, where somebody has taught the broader one."""
        read = Matcher(self._register, {}).of(taught.phrase, leading=leading)
        return replace(read, other=None) if read.other and read.other.selectors == taught.selectors else None

    def _together(self, phrase: str, parts: Sequence[Matched]) -> Matched:
        """Return the union of several groups in one phrase; nobody where one of them is not known."""
        if not all(one.selectors for one in parts):
            return Matched(phrase, How.UNKNOWN, near=tuple(unit for one in parts for unit in one.near)[:_MOST_NEAR])
        hows = {one.how for one in parts}
        how = next(one for one in (How.ALIKE, How.TAGGED, How.KIND, How.TAUGHT, How.NAMED) if one in hows)
        other = None
        if How.TAGGED in hows and any(one.left_out for one in parts):
            other = self._together(phrase, [one.other if one.left_out and one.other else one for one in parts])
        return Matched(
            phrase,
            how,
            tuple(dict.fromkeys(selector for one in parts for selector in one.selectors)),
            tuple(sorted({unit.id: unit for one in parts for unit in one.units}.values(), key=lambda unit: unit.code)),
            rules=tuple(rule for one in parts for rule in one.rules),
            beyond=", ".join(one.beyond for one in parts if one.beyond),
            other=other,
        )

    def _fields_of(self, kinds: tuple[UnitKind, ...]) -> dict[tuple[str, ...], str]:
        """Return each tag that units of these kinds bear, by its words; "" for words that limit nothing."""
        if kinds not in self._fields:
            fields = {tuple(words.split()): "" for words in _LINKS}
            for unit in self.units:
                if unit.kind is UnitKind.MINISTRY:
                    fields |= {_plain_words(name.split()): "" for name in (unit.name, *unit.aliases)}
            for tag in {tag for unit in self.units if unit.kind in kinds for tag in unit.tags}:
                names = {tag, translate(TAG_WORDS.get(tag, tag), "vi")}
                fields |= {_plain_words(re.split(r"[-_\s]+", name)): tag for name in names}
            self._fields[kinds] = fields
        return self._fields[kinds]

    def all_of(self, phrases: Iterable[str], *, leading: bool = True) -> list[Matched]:
        return [self.of(phrase, leading=leading) for phrase in phrases]

    def taught(self, phrase: str) -> str:
        """Return a short mark of what somebody has taught of a phrase; "" for nothing."""
        selectors = self._taught.get(fold(phrase))
        return mark_of(*selectors) if selectors is not None else ""

    def _each(self, folded: str) -> list[Selector]:
        """Read a list of names in one phrase; empty unless each of them is in the register."""
        parts = [part.strip() for part in re.split(r",|;|\bva\b", folded) if part.strip()]
        found = [self._names.get(_PLURAL.sub("", part)) for part in parts]
        return [_named(unit) for unit in found if unit] if len(parts) > 1 and all(found) else []

    def _found(self, phrase: str, how: How, selectors: Sequence[Selector], leading: bool) -> Matched:
        units = self._register.resolve(AudienceRule(any=tuple(selectors)), leading=leading).units
        if not units:
            return Matched(phrase, How.UNKNOWN)
        by_rule = how in (How.TAUGHT, How.KIND, How.TAGGED)
        rules = rule_words(selectors, self._register, leading=leading) if by_rule else ()
        return Matched(phrase, how, tuple(selectors), tuple(units), rules=tuple(rules))


def _bare(folded: str) -> str:
    """Return a name without its head's title and without "các"."""
    return _PLURAL.sub("", _HEADS.sub("", folded))


def _kind_of_office(name: str) -> tuple[str, ...]:
    """Return the kind of office with which a name begins, and its figures: a Sở is not the Bộ of that name, nor a
    company number 1 the number 2, however alike the names are.
    """
    said = unicodedata.normalize("NFC", name).casefold().split()
    words = " ".join(said[-len(_bare(fold(name)).split()) :])  # with their marks: "Viễn thông …" is no "Viện"
    office = next((one for one in _OFFICES if f"{words} ".startswith(f"{one} ")), "")
    return "office" if office else "word", fold(office or words.partition(" ")[0]), *_FIGURES.findall(words)


def _groups(phrase: str) -> list[str]:
    """Return the groups that stand in one phrase, each with its "các": "các đơn vị trực thuộc Bộ, các doanh nghiệp"."""
    words = phrase.split()
    plain = _plain_words(words)
    begins = [
        at
        for at in range(1, len(words))
        if plain[at] == "cac" and (words[at - 1].endswith((",", ";")) or plain[at - 1] == "va")
    ]
    parts = [words[start:end] for start, end in pairwise([0, *begins, len(words)])]
    return [" ".join(part[:-1] if _plain_words(part)[-1] == "va" else part).rstrip(",; ") for part in parts if part]


def _read_group(words: Sequence[str], fields: Mapping[tuple[str, ...], str]) -> tuple[list[str], str]:
    """Return the tags that words behind a kind name, and the words beyond them; none where a field is no tag."""
    plain = _plain_words(words)
    tags: dict[str, None] = {}
    at = 0
    while at < len(plain):
        size = next((n for n in range(_LONGEST_NAME, 0, -1) if plain[at : at + n] in fields), 0)
        if not size:
            break
        if fields[plain[at : at + size]]:
            tags[fields[plain[at : at + size]]] = None
        at += size
    goes_on = 0 < at < len(plain) and (plain[at - 1] in _AND or words[at - 1].endswith((",", ";")))
    if goes_on and plain[at] not in _ASIDE:
        return [], " ".join(words)
    return list(tags), " ".join(words[at:])


def _plain_words(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(fold(word).strip(",;.:()") for word in words)


def load_matcher(session: Session) -> Matcher:
    """Load the register and the taught phrases, in four queries."""
    taught = {
        one.folded: [Selector.model_validate(selector) for selector in one.selectors]
        for one in session.exec(select(AudiencePhrase))
    }
    return Matcher(load_register(session), taught)


def teach(
    session: Session, phrase: str, meant: Sequence[str], *, matcher: Matcher, person_id: UUID, now: datetime
) -> None:
    """Teach the meaning of a phrase: codes or names of units, "kind:enterprise" or "kind:enterprise:post".

    BadInput for what is none.
    """
    selectors = [_read(one.strip(), phrase, matcher) for one in meant if one.strip()]
    if not selectors:
        raise BadInput("{phrase}: choose the unit that this means", phrase=phrase)
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
    of_kind, kind, *tags = [*meant.split(":"), ""]
    tags = [tag for tag in tags if tag]
    if of_kind == "kind" and kind in set(UnitKind) and all(tag in matcher.tags_of(UnitKind(kind)) for tag in tags):
        return Selector(kind=UnitKind(kind), tags=tuple(tags))
    unit = next((one for one in matcher.units if fold(meant) in (fold(one.code), fold(one.name))), None)
    if unit is None:
        raise BadInput("{phrase}: there is no unit {unit}; give a code or a whole name", phrase=phrase, unit=meant)
    return _named(unit)


def _named(unit: UnitFacts) -> Selector:
    return Selector(named=(unit.code,))
