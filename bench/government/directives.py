"""Directives over some years, until there are as many tasks as wanted: of the Government, ministries and provinces."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from bench.government.duties import STANDS, TITLES, Asking, Draft, Duty, audience_rule
from bench.government.offices import Offices
from bench.government.people import Office, People, Person
from bench.government.rows import Days, Ids
from bench.government.words import MINISTRIES, SUBJECTS, WORKS
from models.database.rows import insert_new
from models.directives.directive import DutyKind, Urgency
from models.directives.template import TemplateState
from models.text.localtime import at_local
from models.text.vietnamese import search_text
from workflows.templates.draft import digest_of, spec_as_stored

_KINDS = (
    DutyKind.ONE_OFF,
    DutyKind.ONE_OFF,
    DutyKind.ONE_OFF,
    DutyKind.RECURRING,
    DutyKind.STANDING,
    DutyKind.OVERSIGHT,
    DutyKind.ON_REQUEST,
    DutyKind.CONTINGENCY,
)
_TRIES = 40
Groups = list[tuple[str, ...]]


class Issuing:
    """Drafts directives; `write` gives them their numbers in the order of their days."""

    def __init__(
        self, random: Random, ids: Ids, days: Days, offices: Offices, people: People, first: int, today: int
    ) -> None:
        self._random, self._ids, self._days, self._offices, self._people = random, ids, days, offices, people
        self._first, self._today = first, today
        self._asking = Asking(random, ids, days, today)
        self._coordinators: dict[str, list[Person]] = {}
        self._clerks: dict[str, Person] = {}
        self.asking = self._asking

    def draft(self, tasks: int) -> list[Draft]:
        """Directives of exactly so many tasks, the oldest first."""
        drafts, left, most, misses = list[Draft](), tasks, max(200, tasks // 12), 0
        while left and misses < _TRIES:
            draft = self._one(min(left, most))
            if draft is None:
                misses += 1
                continue
            drafts.append(draft)
            left -= draft.tasks
        if left:
            drafts.append(self._rest(left))
        return sorted(drafts, key=lambda one: (one.issued, one.id))

    def _one(self, room: int) -> Draft | None:
        """One that fits; None where this one would not."""
        draft, groups, field = self._begin()
        audience = self._audience(draft, groups)
        if not audience:
            return None
        rule, left = audience_rule(groups, draft.department), room
        for kind in self._random.choices(_KINDS, k=self._random.randint(3, 9)):
            duty = self._duty(draft, kind, field, rule)
            shares = list(self._asking.shares(draft, duty, audience))
            size = sum(len(share.audience) for share in shares)
            if size <= left:
                left -= size
                draft.duties.append(duty)
                draft.shares += shares
        return draft if draft.shares else None

    def _rest(self, left: int) -> Draft:
        """What no other directive had room for, asked for singly until it is all."""
        while True:
            draft, groups, field = self._begin()
            audience = self._audience(draft, groups)
            if audience:
                break
        duty = self._duty(draft, DutyKind.ON_REQUEST, field, audience_rule(groups, draft.department))
        draft.duties.append(duty)
        while left:
            day = self._random.randint(draft.assigned, self._today - 1)
            draft.shares.append(self._asking.asked(duty, day, audience, left))
            left -= len(draft.shares[-1].audience)
        return draft

    def _begin(self) -> tuple[Draft, Groups, str]:
        issued = self._days.on_or_after(self._random.randint(self._first, self._today - 8))
        assigned = self._days.add(issued, self._random.randint(1, 3))
        if assigned >= self._today:
            issued = self._days.add(self._today, -3)
            assigned = self._days.add(issued, 1)
        office, department, groups, field, sign = self._issuer()
        coordinator, clerk = self._coordinator(department), self._clerk(department)
        in_a_month = self._days.on_or_after(assigned + self._random.randint(20, 60))
        due_on = date.fromordinal(in_a_month) if self._random.random() < 0.6 else None
        subject = self._random.choice(SUBJECTS).format(field=field)
        ids = self._ids.make(issued), self._ids.make(assigned)
        return (
            Draft(*ids, issued, assigned, sign, office.name, subject, office, department, coordinator, clerk, due_on),
            groups,
            field,
        )

    def _issuer(self) -> tuple[Office, Office, Groups, str, str]:
        """Who issues it, who follows it, whom it addresses, what it is about, and the sign in its number."""
        pick, offices, luck = self._random.choice, self._offices, self._random.random()
        code = pick(list(offices.ministries))
        field, nganh = MINISTRIES[code][1], f"nganh-{code.lower()}"
        if luck < 0.15:
            office = offices.ministries["VPCP"]
            groups: Groups = pick([[("bo",)], [("tinh",)], [("bo",), ("tinh",)]])
            return office, pick(offices.departments["VPCP"]), groups, field, "TTg"
        if luck < 0.6:
            sort = pick(["vu", "so", "so", "truong", "doanh-nghiep", "benh-vien"])
            return offices.ministries[code], pick(offices.departments[code]), [(sort, nganh)], field, code
        province = pick(offices.provinces)
        place = f"dia-ban-{province.code.lower()}"
        groups = [
            (one, place) for one in pick([["so"], ["huyen"], ["xa"], ["so", "huyen"], ["huyen", "xa"], ["truong"]])
        ]
        return province, pick(offices.services[province.code]), groups, field, f"UBND-{province.code}"

    def _audience(self, draft: Draft, groups: Groups) -> list[Office]:
        found = {one.id: one for tags in groups for one in self._offices.by_tags.get(tags, ())}
        found.pop(draft.department.id, None)
        return list(found.values())

    def _coordinator(self, department: Office) -> Person:
        known = self._coordinators.setdefault(department.id, [])
        if len(known) < 2:
            known.append(self._people.appoint(department, "coordinator"))
        return self._random.choice(known)

    def _clerk(self, department: Office) -> Person:
        if department.id not in self._clerks:
            self._clerks[department.id] = self._people.appoint(department, "clerk")
        return self._clerks[department.id]

    def _duty(self, draft: Draft, kind: DutyKind, field: str, rule: Any) -> Duty:
        path = str(len(draft.duties) + 1)
        title = TITLES[kind] if kind in TITLES else self._random.choice(WORKS)
        spec = self._asking.spec(draft, kind, path, title.format(field=field), rule)
        return Duty(self._ids.make(draft.issued), self._ids.make(draft.issued), path, spec)


def write_directives(session: Session, drafts: list[Draft]) -> None:
    """Numbers the directives and writes all that hangs on them but tasks: few rows, by the product's own types."""
    numbers, rows = Counter[tuple[str, int]](), dict[str, list[dict[str, Any]]]()

    def add(table: str, **row: Any) -> None:
        rows.setdefault(table, []).append(row)

    for draft in drafts:
        on, at = date.fromordinal(draft.issued), at_local(date.fromordinal(draft.assigned))
        numbers[draft.sign, on.year] += 1
        nth = numbers[draft.sign, on.year]
        code, called = f"ct-{nth:02d}-{on.year}-{draft.sign.lower()}", f"{nth:02d}/{on.year}/CT-{draft.sign}"
        subject = f"Về việc {draft.subject}"
        add(
            "directive",
            id=UUID(draft.id),
            code=code,
            kind="chỉ thị",
            number=called,
            issued_on=on,
            issuer=draft.issuer,
            subject=subject,
            urgency=Urgency.NORMAL,
            secrecy="none",
            legal_bases=[],
            sources={},
            text="\n".join(duty.spec.quote for duty in draft.duties),
            search_text=search_text(called, code, subject),
            coordinating_unit_id=UUID(draft.department.id),
            issuer_office_id=UUID(draft.office.id),
        )
        add(
            "launch",
            id=UUID(draft.launch),
            directive_id=UUID(draft.id),
            launched_at=at,
            assigner_unit_id=UUID(draft.department.id),
            coordinator_id=UUID(draft.coordinator.id),
            due_on=draft.due_on,
            overridden=[],
        )
        for position, duty in enumerate(draft.duties):
            spec, stored = duty.spec, spec_as_stored(duty.spec)
            add(
                "duty",
                id=UUID(duty.id),
                directive_id=UUID(draft.id),
                path=duty.path,
                position=position,
                kind=spec.kind,
                title=spec.title,
                quote=spec.quote,
                search_text=search_text(f"mục {duty.path}", spec.title, spec.quote),
            )
            add(
                "template_version",
                id=UUID(duty.version),
                duty_id=UUID(duty.id),
                version=1,
                state=TemplateState.PUBLISHED,
                spec=stored,
                digest=digest_of(stored),
                created_at=at_local(on),
                published_at=at_local(on),
            )
            if spec.kind is not DutyKind.ONE_OFF:
                add(
                    "armed_duty",
                    duty_id=UUID(duty.id),
                    launch_id=UUID(draft.launch),
                    armed_at=at,
                    last_period=duty.last_period,
                    next_opens_at=duty.next_opens_at,
                    stood_down_at=at + timedelta(days=STANDS) if duty.is_over else None,
                )
        for share in draft.shares:
            if share.incident:
                declared = at_local(date.fromordinal(share.day))
                add(
                    "incident",
                    id=UUID(share.incident),
                    directive_id=UUID(draft.id),
                    title="Tình huống khẩn cấp",
                    is_drill=share.is_drill,
                    declared_at=declared,
                    declared_by=UUID(draft.coordinator.id),
                )
    for table, some in rows.items():
        insert_new(session, SQLModel.metadata.tables[table], some)
