"""Who is addressed: rules over the register's facts."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directives.template import AudienceRule, Selector
from models.organization.unit import UnitKind
from workflows.rules.audience import UnitFacts, UnitRegister, addresses, resolve
from workflows.rules.secrecy import stamped_secrecy


def unit(code: str, kind: UnitKind = UnitKind.ENTERPRISE, name: str = "", **more: object) -> UnitFacts:
    return UnitFacts(id=uuid4(), code=code, name=name or f"Đơn vị {code}", kind=kind, **more)  # type: ignore[arg-type]


def rule(*selectors: Selector, excluding: tuple[str, ...] = ()) -> AudienceRule:
    return AudienceRule(any=selectors, excluding=excluding)


def codes(rule_: AudienceRule, units: list[UnitFacts], *, leading: bool = True) -> list[str]:
    return [found.code for found in resolve(rule_, units, leading=leading).units]


REGISTER = [
    unit("TCT-T", tags=frozenset({"telecom", "post"}), aliases=("Tổng công ty Bưu chính Viễn thông",)),
    unit("CTY-M", tags=frozenset({"internet"})),
    unit("BD-HN", UnitKind.ENTERPRISE_UNIT, tags=frozenset({"post"}), parent_code="TCT-T"),
    unit("VU-VT", UnitKind.DEPARTMENT, "Vụ Viễn thông", parent_code="BO"),
    unit("VU-KHTC", UnitKind.DEPARTMENT, "Vụ Kế hoạch – Tài chính", parent_code="BO"),
    unit("OLD", is_active=False),
    unit("CA-DP", UnitKind.POLICE, "Công an địa phương", is_outside=True),
]


def test_a_kind_selects_its_active_units_in_the_order_of_codes() -> None:
    assert codes(rule(Selector(kind=UnitKind.ENTERPRISE)), REGISTER) == ["CTY-M", "TCT-T"]


def test_everything_a_selector_says_must_hold() -> None:
    assert codes(rule(Selector(kind=UnitKind.ENTERPRISE, tags=("telecom", "post"))), REGISTER) == ["TCT-T"]
    assert codes(rule(Selector(kind=UnitKind.DEPARTMENT, parent="BO")), REGISTER) == ["VU-KHTC", "VU-VT"]


def test_any_of_several_selectors_is_enough_and_exceptions_are_left_out() -> None:
    both = rule(Selector(kind=UnitKind.ENTERPRISE), Selector(kind=UnitKind.DEPARTMENT), excluding=("CTY-M",))
    assert codes(both, REGISTER) == ["TCT-T", "VU-KHTC", "VU-VT"]


@pytest.mark.parametrize(
    "name", ["VU-KHTC", "Vụ Kế hoạch – Tài chính", "vụ kế hoạch - tài  chính"], ids=["code", "name", "other dash"]
)
def test_a_named_unit_is_found_by_code_and_by_name(name: str) -> None:
    assert codes(rule(Selector(named=(name,))), REGISTER) == ["VU-KHTC"]


def test_a_named_unit_is_found_by_alias() -> None:
    assert codes(rule(Selector(named=("Tổng công ty Bưu chính Viễn thông",))), REGISTER) == ["TCT-T"]


def test_accents_tell_names_apart() -> None:
    assert resolve(rule(Selector(named=("Vũ Viễn thông",))), REGISTER).unmatched == ["Vũ Viễn thông"]


def test_a_name_that_two_units_share_means_neither() -> None:
    twins = [unit("A", name="Bưu điện tỉnh"), unit("B", name="Bưu điện tỉnh")]
    assert resolve(rule(Selector(named=("Bưu điện tỉnh",))), twins).unmatched == ["Bưu điện tỉnh"]


def test_a_name_that_a_closed_unit_had_too_means_the_one_at_work() -> None:
    twins = [unit("A", name="Bưu điện tỉnh", is_active=False), unit("B", name="Bưu điện tỉnh")]
    assert codes(rule(Selector(named=("Bưu điện tỉnh",))), twins) == ["B"]


def test_inactive_and_outside_units_never_lead() -> None:
    answer = resolve(rule(Selector(named=("OLD", "CA-DP"))), REGISTER)
    assert (answer.units, answer.unmatched) == ([], ["OLD", "CA-DP"])
    assert UnitRegister(REGISTER).resolve(rule(Selector(named=("OLD", "CA-DP")))) == answer


def test_an_outside_partner_may_take_part_but_an_inactive_unit_may_not() -> None:
    answer = resolve(rule(Selector(named=("OLD", "CA-DP"))), REGISTER, leading=False)
    assert ([found.code for found in answer.units], answer.unmatched) == (["CA-DP"], ["OLD"])


def test_units_of_an_enterprise_take_tasks_by_cascade_unless_they_are_meant() -> None:
    assert codes(rule(Selector(tags=("post",))), REGISTER) == ["TCT-T"]
    assert codes(rule(Selector(kind=UnitKind.ENTERPRISE_UNIT)), REGISTER) == ["BD-HN"]
    assert codes(rule(Selector(parent="TCT-T")), REGISTER) == ["BD-HN"]
    assert codes(rule(Selector(named=("BD-HN",))), REGISTER) == ["BD-HN"]


def test_a_selector_that_meets_nobody_is_told() -> None:
    nobody = Selector(kind=UnitKind.SUBORDINATE)
    assert resolve(rule(nobody), REGISTER).unmatched == [nobody]


def test_an_exception_that_is_no_unit_is_told() -> None:
    assert resolve(rule(Selector(kind=UnitKind.ENTERPRISE), excluding=("VNPTT",)), REGISTER).unmatched == ["VNPTT"]


FACTS = st.builds(
    UnitFacts,
    id=st.uuids(),
    code=st.text("ABC", min_size=1, max_size=3),
    name=st.sampled_from(["Vụ A", "Vụ B"]),
    kind=st.sampled_from(UnitKind),
    tags=st.frozensets(st.sampled_from(["post", "telecom"])),
    is_outside=st.booleans(),
    is_active=st.booleans(),
)


@given(st.lists(FACTS, unique_by=lambda facts: facts.code), st.sampled_from(UnitKind), st.randoms())
def test_the_order_of_the_register_changes_nothing_and_no_unit_stands_twice(
    units: list[UnitFacts], kind: UnitKind, random: object
) -> None:
    wanted = rule(Selector(kind=kind), Selector(tags=("post",)), Selector(named=("A",)))
    shuffled = list(units)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    answer = resolve(wanted, units)
    assert answer == resolve(wanted, shuffled)
    found = [facts.code for facts in answer.units]
    assert found == sorted(set(found))
    assert all(facts.is_active and not facts.is_outside for facts in answer.units)


@pytest.mark.parametrize(("lines_above", "level"), [(39, "mật"), (40, None)])
def test_a_stamp_stands_in_the_head_of_a_document_whose_empty_lines_do_not_count(
    lines_above: int, level: str | None
) -> None:
    assert stamped_secrecy("CHỈ THỊ\n\n \n" * lines_above + "MẬT\n") == level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("BỘ BƯU CHÍNH, VIỄN THÔNG\nTUYỆT MẬT\nCHỈ THỊ", "tuyệt mật"),
        ("BỘ BƯU CHÍNH, VIỄN THÔNG      [TỐI MẬT]\nCHỈ THỊ", "tối mật"),
        ("M Ậ T\nCHỈ THỊ", "mật"),
        ("Độ mật: Mật\nCHỈ THỊ", "mật"),
        ("\ufeffMẬT\nCHỈ THỊ", "mật"),
        ("M\u200bẬT\u2060\nCHỈ THỊ", "mật"),
        ("ＭẬＴ\nCHỈ THỊ", "mật"),
        ("• TỐI\u00a0MẬT\nCHỈ THỊ", "tối mật"),
        ("\uf0b7 MẬT\nCHỈ THỊ", "mật"),
        ("ÐỘ MẬT: TỐI\u00a0MẬT\nCHỈ THỊ", "tối mật"),
        ("Độ mật: tuyệt  mật\nCHỈ THỊ", "tuyệt mật"),
        ("Độ mật: “MẬT”\nCHỈ THỊ", "mật"),
        ("CHỈ THỊ\nxác định độ mật của tài liệu theo danh mục bí mật nhà nước", None),
        ("CHỈ THỊ\nvề quản lý mật khẩu truy nhập và bảo vệ bí mật nhà nước", None),
        ("CHỈ THỊ\ngửi theo đường công văn\nmật\n", None),
    ],
)
def test_a_secrecy_stamp_is_told_from_the_word_in_a_sentence(text: str, level: str | None) -> None:
    assert stamped_secrecy(text) == level


@pytest.mark.parametrize(
    ("selector", "addressed"),
    [
        (Selector(kind=UnitKind.ENTERPRISE), {"TCT-T", "CTY-M"}),
        (Selector(kind=UnitKind.ENTERPRISE, tags=("post",)), {"TCT-T"}),
        (Selector(named=("VU-VT", "Tổng công ty Bưu chính Viễn thông", "Đơn vị lạ")), {"TCT-T", "VU-VT"}),
        (Selector(named=("VU-VT", "TCT-T"), kind=UnitKind.DEPARTMENT), {"VU-VT"}),
        (Selector(kind=UnitKind.POLICE), set()),
    ],
)
def test_a_selector_asked_for_one_unit_answers_as_for_all(selector: Selector, addressed: set[str]) -> None:
    assert (
        {one.code for one in REGISTER if addresses(selector, one)} == addressed == set(codes(rule(selector), REGISTER))
    )
