"""The coverage proof: every addressee a unit, every unit a head with an address, every duty a taker."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session, select

from models.directives.directive import Directive, Duty
from models.directives.template import TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.text.vietnamese import fold, person_sort_key, sort_key
from workflows.launch.coverage import Coverage, Gap, GapKind, prove_coverage
from workflows.templates.packs import bundled_pack, import_directive
from workflows.templates.publish import publish_all

NOW = datetime(2004, 5, 10, 1, 0, tzinfo=UTC)


def add_unit(session: Session, code: str, kind: UnitKind, name: str = "", *, headed: bool = True) -> Unit:
    name = name or f"Đơn vị {code}"
    unit = Unit(
        code=code,
        name=name,
        name_folded=fold(name),
        sort_key=sort_key(name),
        kind=kind,
        is_outside=kind is UnitKind.POLICE,
    )
    if headed:
        head = Person(
            code=f"h-{code}",
            full_name="Trần Văn B",
            name_folded="tran van b",
            sort_key=person_sort_key("Trần Văn B"),
            email=f"{code.lower()}@mpt.example",
        )
        session.add(head)
        session.flush()
        unit.head_id = head.id
    session.add(unit)
    session.flush()
    return unit


@pytest.fixture
def units(session: Session) -> dict[str, Unit]:
    made = [
        *(add_unit(session, code, UnitKind.DEPARTMENT) for code in ("VU-VT", "VU-BC", "VU-KHTC", "VP")),
        add_unit(session, "VIEN", UnitKind.SUBORDINATE),
        *(add_unit(session, code, UnitKind.ENTERPRISE) for code in ("TCT-T", "CTY-M")),
        *(add_unit(session, code, UnitKind.POLICE, headed=False) for code in ("CA-DP", "CA-NV")),
    ]
    return {unit.code: unit for unit in made}


@pytest.fixture
def directive(session: Session, units: dict[str, Unit]) -> Directive:
    directive = import_directive(session, bundled_pack("ct-06-2004"), now=NOW).directive
    publish_all(session, directive.id, now=NOW)
    return directive


def prove(session: Session, directive: Directive) -> Coverage:
    session.flush()
    return prove_coverage(session, directive, session.exec(select(TemplateVersion)).all())


def head_of(session: Session, unit: Unit) -> Person:
    assert unit.head_id is not None
    return session.get_one(Person, unit.head_id)


def test_the_seed_is_covered_and_every_duty_has_its_units(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    coverage = prove(session, directive)
    codes = {unit.id: code for code, unit in units.items()}

    def named(ids: list[UUID]) -> list[str]:
        return [codes[unit_id] for unit_id in ids]

    everyone = ["CTY-M", "TCT-T", "VIEN", "VP", "VU-BC", "VU-KHTC", "VU-VT"]
    assert not coverage.gaps, [gap.tell("en") for gap in coverage.gaps]
    assert {path: named(ids) for path, ids in coverage.audience.items()} == {
        **dict.fromkeys(("1", "5", "results", "obstacles"), everyone),
        **{path: ["CTY-M", "TCT-T"] for path in ("2", "2.a", "2.b", "2.c", "3")},
        "4": ["VU-KHTC"],
        "oversight": ["VU-BC", "VU-VT"],
    }
    assert {path: named(ids) for path, ids in coverage.coordinating.items()} == {
        "2": ["CA-DP"],
        "2.c": ["CA-NV"],
        "5": ["CA-NV"],
    }


def test_a_named_addressee_that_is_no_unit_leaves_its_duty_without_taker(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    units["VU-KHTC"].code = "VU-KH"
    assert prove(session, directive).gaps == [
        Gap(GapKind.ADDRESSEE_WITHOUT_UNIT, "4", detail="VU-KHTC"),
        Gap(GapKind.DUTY_WITHOUT_TAKER, "4"),
    ]


def test_a_partner_that_is_not_in_the_register_is_told(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    units["CA-DP"].is_active = False
    (gap,) = prove(session, directive).gaps
    assert (gap.kind, gap.duty, gap.detail) == (GapKind.ADDRESSEE_WITHOUT_UNIT, "2", "CA-DP")


def test_a_kind_without_any_unit_is_told(session: Session, directive: Directive, units: dict[str, Unit]) -> None:
    units["VIEN"].is_active = False
    gaps = prove(session, directive).gaps
    assert {gap.kind for gap in gaps} == {GapKind.ADDRESSEE_WITHOUT_UNIT}
    assert [gap.duty for gap in gaps] == ["1", "5", "results", "obstacles"]
    assert gaps[0].tell("en") == "item 1: the register has no unit for kind subordinate unit of the ministry"


def test_a_unit_without_head_is_told_once_with_all_its_duties(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    units["CTY-M"].head_id = None
    (gap,) = prove(session, directive).gaps
    assert (gap.kind, gap.unit) == (GapKind.UNIT_WITHOUT_HEAD, "CTY-M")
    assert gap.duty == "1, 2, 2.a, 2.b, 2.c, 3, 5, results, obstacles"
    assert gap.tell("en").startswith("unit CTY-M, item 1, item 2, ")


def test_a_retired_head_is_no_head(session: Session, directive: Directive, units: dict[str, Unit]) -> None:
    head_of(session, units["CTY-M"]).is_active = False
    (gap,) = prove(session, directive).gaps
    assert (gap.kind, gap.detail) == (GapKind.UNIT_WITHOUT_HEAD, "the one entered is not active")


@pytest.mark.parametrize("address", [None, ""])
def test_a_head_without_address_is_told(
    session: Session, directive: Directive, units: dict[str, Unit], address: str | None
) -> None:
    head_of(session, units["TCT-T"]).email = address
    (gap,) = prove(session, directive).gaps
    assert (gap.kind, gap.unit, gap.detail) == (GapKind.HEAD_WITHOUT_ADDRESS, "TCT-T", "none entered")


def test_an_address_that_refuses_mail_for_good_is_no_address(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    head_of(session, units["TCT-T"]).email_refused_at = NOW
    (gap,) = prove(session, directive).gaps
    assert (gap.kind, gap.detail) == (GapKind.HEAD_WITHOUT_ADDRESS, "mail to it is refused for good")


def test_a_duty_without_published_template_is_told(session: Session, units: dict[str, Unit]) -> None:
    directive = import_directive(session, bundled_pack("ct-06-2004"), now=NOW).directive
    assert {gap.kind for gap in prove(session, directive).gaps} == {GapKind.NO_PUBLISHED_TEMPLATE}
    assert len(prove_coverage(session, directive, []).gaps) == 11


def test_only_the_duties_asked_for_are_proved(session: Session, directive: Directive) -> None:
    versions = [one for one in session.exec(select(TemplateVersion)) if one.read_spec().duty == "4"]
    duties = session.exec(select(Duty).where(Duty.path == "4")).all()
    coverage = prove_coverage(session, directive, versions, duties=duties)
    assert not coverage.gaps
    assert list(coverage.audience) == ["4"]


def test_the_number_of_queries_does_not_grow_with_the_register(
    session: Session, directive: Directive, units: dict[str, Unit]
) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        session.flush()
        versions = session.exec(select(TemplateVersion)).all()
        event.listen(session.connection(), "before_cursor_execute", note)
        prove_coverage(session, directive, versions)
        event.remove(session.connection(), "before_cursor_execute", note)
        return len(seen)

    few = queries()
    for number in range(50):
        add_unit(session, f"DN-{number:03d}", UnitKind.ENTERPRISE)
    assert queries() == few <= 6
