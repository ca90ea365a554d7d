"""The bundled directive, read from its own text: the ten duties that its answers name."""

from pathlib import Path

import workflows
from workflows.intake.read import read

SEED = Path(workflows.__path__[0]) / "directives" / "ct-06-2004" / "directive.txt"
UNITS = ("các cơ quan đơn vị trực thuộc Bộ Bưu chính, Viễn thông", "các doanh nghiệp bưu chính, viễn thông và Internet")
ENTERPRISES = "Các doanh nghiệp bưu chính, viễn thông và internet"
READING = read(SEED.read_text(encoding="utf-8"))
DUTIES = {duty.path: duty for duty in READING.duties}


def values(path: str, field: str) -> tuple[str, ...]:
    return tuple(one.value for one in getattr(DUTIES[path], field))


def test_the_seed_has_its_ten_duties_in_their_order() -> None:
    assert list(DUTIES) == ["1", "2", "2.a", "2.b", "2.c", "3", "4", "5", "closing.1", "closing.2"]


def test_the_seed_has_neither_number_nor_date_but_an_issuer_and_a_subject() -> None:
    heading = READING.heading
    assert heading.number is None and heading.issued_on is None
    assert heading.issuer is not None and heading.issuer.value == "BỘ TRƯỞNG BỘ BƯU CHÍNH, VIỄN THÔNG"
    assert heading.title is not None and heading.title.value.endswith("và Internet trong tình hình mới")


def test_the_seeds_items_are_for_those_whom_each_names_or_the_stem() -> None:
    assert values("1", "addressees") == UNITS and DUTIES["1"].inherited
    assert values("2", "addressees") == values("2.c", "addressees") == values("3", "addressees") == (ENTERPRISES,)
    assert values("4", "addressees") == ("Vụ Kế hoạch – Tài chính",) and not DUTIES["4"].inherited


def test_the_seeds_partners_reports_and_supervisors() -> None:
    assert values("2", "coordinating") == ("Công an địa phương",)
    assert values("2.c", "coordinating") == ("các đơn vị nghiệp vụ của Bộ Công an",)
    assert values("closing.1", "reports_to")[0] == "Bộ Bưu chính, Viễn thông (Vụ Viễn thông)"
    assert values("closing.2", "supervisor") == ("Vụ Viễn thông", "Vụ Bưu chính")
    assert values("closing.2", "reports_to") == ("Bộ trưởng",)
    assert DUTIES["closing.1"].conditional and not any(duty.deadlines for duty in READING.duties)
