"""The offices of a government of so many units: what stands above what, and by which tags directives reach them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from bench.government.people import Office, People
from bench.government.rows import Ids, Rows
from bench.government.words import (
    DEPARTMENTS,
    FIRST_SUBORDINATE,
    HOSPITALS,
    MINISTRIES,
    PLACES,
    SCHOOLS,
    SERVICES,
    TRADES,
)
from bench.web.names import PROVINCES
from models.organization.unit import UnitKind
from models.text.vietnamese import fold, sort_key

LEAST = 20
"""Fewer units are no government."""
_DISTRICTS, _COMMUNES = 705, 10_598


@dataclass(frozen=True)
class Sizes:
    """How many there are of each; what is left of the units are schools, enterprises and hospitals."""

    ministries: int
    departments: int  # of each ministry
    provinces: int
    services: int  # of each province
    districts: int
    communes: int

    @classmethod
    def of(cls, units: int) -> "Sizes":
        """In the proportions of the real one, the upper levels whole as soon as there is room for them."""
        if units < LEAST:
            raise ValueError(f"units {units}: a government has at least {LEAST}")
        ministries = min(len(MINISTRIES), max(1, units // 60))
        provinces = min(len(PROVINCES), max(1, units // 40))
        departments = min(len(DEPARTMENTS), max(3, units // (8 * ministries)))
        services = min(len(SERVICES), max(2, units // (6 * provinces)))
        left = units - ministries * (1 + departments) - provinces * (2 + services)
        districts = min(_DISTRICTS, max(1, left // 8))
        return cls(ministries, departments, provinces, services, districts, min(_COMMUNES, (left - districts) // 2))


@dataclass
class Offices:
    """Everything, and who is reached by which tags. `by_tags` holds only what directives are addressed to."""

    all: list[Office] = field(default_factory=list)
    ministries: dict[str, Office] = field(default_factory=dict)
    provinces: list[Office] = field(default_factory=list)
    departments: dict[str, list[Office]] = field(default_factory=lambda: defaultdict(list))
    """Of a ministry, by its code."""
    services: dict[str, list[Office]] = field(default_factory=lambda: defaultdict(list))
    """Of a province, by its code."""
    by_tags: dict[tuple[str, ...], list[Office]] = field(default_factory=lambda: defaultdict(list))


class Builder:
    """Makes the offices with their people."""

    def __init__(self, random: Random, ids: Ids, rows: Rows, people: People, since: int) -> None:
        self._random, self._ids, self._rows, self._people, self._since = random, ids, rows, people, since
        self.made = Offices()
        self._folded: dict[str, tuple[str, str]] = {}

    def build(self, units: int) -> Offices:
        """All of them, exactly so many."""
        sizes = Sizes.of(units)
        for code in [*list(MINISTRIES)[-1:], *list(MINISTRIES)[:-1]][: sizes.ministries]:
            self._ministry(code, sizes.departments)
        for number, name in enumerate(PROVINCES[: sizes.provinces], 1):
            self._province(f"T{number:02d}", name, sizes.services)
        districts = [self._district(number, sizes) for number in range(sizes.districts)]
        for number in range(sizes.communes):
            self._commune(number, districts[number % len(districts)])
        makers = self._others()
        while len(self.made.all) < units:
            next(makers)
        return self.made

    def _ministry(self, code: str, departments: int) -> None:
        ministry = self._add(code, MINISTRIES[code][0], UnitKind.MINISTRY, None, None, ("bo",), "Bộ trưởng", officers=2)
        self.made.ministries[code] = ministry
        for number, name in enumerate(DEPARTMENTS[:departments], 1):
            kind = UnitKind.DEPARTMENT if number <= FIRST_SUBORDINATE else UnitKind.SUBORDINATE
            of = f"{code}-{number:02d}", f"{name} {MINISTRIES[code][0]}"
            title = "Chánh Văn phòng" if name == "Văn phòng" else f"{name.split()[0]} trưởng"
            office = self._add(*of, kind, ministry, ministry, ("vu", f"nganh-{code.lower()}"), title, officers=3)
            self.made.departments[code].append(office)

    def _province(self, code: str, name: str, services: int) -> None:
        called = f"Uỷ ban nhân dân {'' if name.startswith('Thành phố') else 'tỉnh '}{name}"
        province = self._add(code, called, UnitKind.OTHER, None, None, ("tinh",), "Chủ tịch", officers=2)
        self.made.provinces.append(province)
        for short, (service, ministry) in list(SERVICES.items())[:services]:
            above = self.made.ministries.get(ministry)
            tags = ("so", f"dia-ban-{code.lower()}", f"nganh-{ministry.lower()}")
            office = self._add(
                f"{code}-{short}", f"{service} {name}", UnitKind.OTHER, province, above or province, tags
            )
            self.made.services[code].append(office)
        # outside: named in directives, never written to by the engine
        self._add(f"{code}-CA", f"Công an {name}", UnitKind.POLICE, province, None, ("cong-an",), outside=True)

    def _district(self, number: int, sizes: Sizes) -> Office:
        province = self.made.provinces[number % sizes.provinces]
        code, place = f"{province.code}-H{number // sizes.provinces + 1:02d}", PLACES[(number * 5) % len(PLACES)]
        tags = ("huyen", f"dia-ban-{province.code.lower()}")
        return self._add(
            code, f"Uỷ ban nhân dân huyện {place}", UnitKind.OTHER, province, province, tags, "Chủ tịch", officers=1
        )

    def _commune(self, number: int, district: Office) -> None:
        assert district.parent is not None
        code, place = f"{district.code}-X{number:05d}", PLACES[(number * 11) % len(PLACES)]
        tags = ("xa", f"dia-ban-{district.parent.code.lower()}")
        kind = "thị trấn" if number % 17 == 0 else "phường" if number % 9 == 0 else "xã"
        self._add(
            code,
            f"Uỷ ban nhân dân {kind} {place}",
            UnitKind.OTHER,
            district,
            district,
            tags,
            "Chủ tịch",
            deputy=False,
            officers=1,
        )

    def _others(self) -> Iterator[Office]:
        """Schools, enterprises with their branches, hospitals, of one province after the other."""
        number, trades = 0, list(TRADES.items())
        while True:
            number += 1
            province = self.made.provinces[number % len(self.made.provinces)]
            place, area = PLACES[(number * 13) % len(PLACES)], f"dia-ban-{province.code.lower()}"
            turn = number % 10
            if turn < 5:
                name, ministry, tag, title = f"{SCHOOLS[turn % 4]} {place}", "BGDDT", "truong", "Hiệu trưởng"
            elif turn < 9:
                (trade, ministry), tag, title = trades[number // 10 % len(trades)], "doanh-nghiep", "Tổng giám đốc"
                name = f"{trade} {place} {number}"
            else:
                name, ministry, tag, title = f"{HOSPITALS[number // 10 % 4]} {place}", "BYT", "benh-vien", "Giám đốc"
            enterprise = tag == "doanh-nghiep"
            tags, above = (tag, area, f"nganh-{ministry.lower()}"), self.made.ministries.get(ministry, province)
            kind = UnitKind.ENTERPRISE if enterprise else UnitKind.SUBORDINATE
            office = self._add(
                f"{'DN' if enterprise else 'DV'}{number:06d}",
                name,
                kind,
                None,
                above,
                tags,
                title,
                officers=1,
                deputy=enterprise,
            )
            yield office
            if enterprise and number % 4 == 0:
                yield self._add(
                    f"{office.code}-CN",
                    f"Chi nhánh {name}",
                    UnitKind.ENTERPRISE_UNIT,
                    office,
                    office,
                    (),
                    "Giám đốc",
                    deputy=False,
                    officers=1,
                )

    def _add(
        self,
        code: str,
        name: str,
        kind: UnitKind,
        parent: Office | None,
        supervisor: Office | None,
        tags: tuple[str, ...],
        title: str = "Giám đốc",
        *,
        outside: bool = False,
        deputy: bool = True,
        officers: int = 2,
    ) -> Office:
        office = Office(self._ids.make(self._since), code, name, kind.value, parent, supervisor)
        self._people.staff(office, title, deputy=deputy, officers=officers)
        folded, sorts = self._folded.get(name) or self._folded.setdefault(
            name, (fold(name), self._rows.words(sort_key(name)))
        )
        self._rows.of("unit").append(
            (
                office.id,
                code,
                name,
                folded,
                sorts,
                kind.value,
                "1" if outside else "0",
                "1",
                parent.id if parent else None,
                supervisor.id if supervisor else None,
                office.head.id,
                office.deputy.id if office.deputy else None,
                office.officers[0].id if office.officers else None,
                f"vanthu.{code.lower()}@chinh-phu.example",
            )
        )
        self._rows.of("unit_tag").extend((office.id, tag) for tag in tags)
        self.made.all.append(office)
        for also in ((), *((tag,) for tag in tags[1:])):
            if tags and not outside:
                self.made.by_tags[(tags[0], *also)].append(office)
        return office
