"""People with Vietnamese names, each with a mail address of their own, and the order of heads that a unit had."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from bench.government.rows import Ids, Rows, day_text, moment_text
from bench.government.words import MEN, SURNAMES, WOMEN
from models.text.vietnamese import fold, person_sort_key

_SURNAMES = [name for name, share in SURNAMES.items() for _one in range(share)]
_DOMAIN = "chinh-phu.example"


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `number` is theirs alone."""

    id: str
    number: int


@dataclass(slots=True)
class Office:
    """One unit and who serves it. `heads`: from which day on who, the present one last; earlier ones have retired."""

    id: str
    code: str
    name: str
    kind: str
    parent: "Office | None" = None
    supervisor: "Office | None" = None
    heads: list[tuple[int, Person]] = field(default_factory=list)
    deputy: Person | None = None
    officers: list[Person] = field(default_factory=list)
    """Those whom the head assigns on to; the first is the focal point."""

    def head_on(self, day: int) -> Person:
        """Who headed it on a day."""
        found = self.heads[0][1]
        for since, person in self.heads[1:]:
            if since <= day:
                found = person
        return found

    @property
    def head(self) -> Person:
        """Who heads it now."""
        return self.heads[-1][1]


class People:
    """Makes people, the same for the same seed. Heads changed between the days `since` and `until` (ordinals)."""

    def __init__(self, random: Random, ids: Ids, rows: Rows, since: int, until: int) -> None:
        self._random, self._ids, self._rows = random, ids, rows
        self._since, self._until = since, until
        self._mail: Counter[str] = Counter()
        self._names: dict[str, tuple[str, str, str]] = {}
        self._count = 0

    @property
    def count(self) -> int:
        """How many there are by now."""
        return self._count

    def staff(self, office: Office, title: str, *, deputy: bool, officers: int) -> None:
        """A head, now and then a former one, a deputy and officers."""
        former = None
        if self._random.random() < 0.3:
            since = self._random.randint(self._since, self._until)
            former = self.hire(office, title, is_active=False)
            office.heads = [(0, former), (since, self.hire(office, title))]
            self._rows.of("handover").append(
                (
                    self._ids.make(since),
                    office.id,
                    "head",
                    former.id,
                    office.head.id,
                    day_text(since),
                    moment_text(since),
                )
            )
        else:
            office.heads = [(0, self.hire(office, title))]
        if deputy:
            office.deputy = self.hire(office, f"Phó {title[:1].lower()}{title[1:]}")
        office.officers = [self.hire(office, "Chuyên viên") for _one in range(officers)]

    def hire(self, office: Office, title: str, *, is_active: bool = True) -> Person:
        """One person of a unit."""
        pick, is_man = self._random.choice, self._random.random() < 0.6
        middle, given = MEN if is_man else WOMEN
        name = f"{pick(_SURNAMES)} {pick(middle)} {pick(given)}"
        known = self._names.get(name)
        if known is None:
            folded = fold(name)
            *rest, last = folded.split()
            known = self._names[name] = (
                folded,
                self._rows.words(person_sort_key(name)),
                last + "".join(part[0] for part in rest),
            )
        folded, sorts, local = known
        self._mail[local] = nth = self._mail[local] + 1
        code = local if nth == 1 else f"{local}{nth}"
        self._count += 1
        person = Person(self._ids.make(self._since), self._count)
        self._rows.of("person").append(
            (
                person.id,
                code,
                name,
                folded,
                sorts,
                "Ông" if is_man else "Bà",
                "Quý đơn vị",
                title,
                office.id,
                f"{code}@{_DOMAIN}",
                "vi",
                "1" if is_active else "0",
            )
        )
        return person

    def appoint(self, office: Office, role: str) -> Person:
        """Somebody with a role for a unit."""
        person = self.hire(office, "Chuyên viên chính")
        self._rows.of("person_role").append((person.id, role, office.id))
        return person

    def send_away(self, office: Office, first: int, last: int) -> None:
        """The head is absent on these days, both included, and the deputy stands in."""
        if office.deputy is not None:
            self._rows.of("absence").append(
                (
                    self._ids.make(self._since),
                    office.head.id,
                    office.deputy.id,
                    day_text(first),
                    day_text(last),
                    "Đi công tác",
                )
            )
