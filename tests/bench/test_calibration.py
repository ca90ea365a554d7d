"""Findings beside answers: which are right, in which band of confidence, and which reasons err."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from bench.intake.calibration import Judged, band, judge, print_calibration
from workflows.intake.read import read
from workflows.intake.text.gold import gold_json

TEXT = """CHỈ THỊ
Về việc phòng bệnh

1. Sở Y tế báo cáo Bộ Y tế trước ngày 30/5/2022.

2. Sở Tài chính cấp kinh phí.
"""


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def pair(said: list[Any], gold: list[Any], same: Any) -> list[tuple[Any, Any]]:
    left, hits = list(said), []
    for answer in gold:
        for one in left:
            if same(one, answer):
                hits.append((one, answer))
                left.remove(one)
                break
    return hits


SCORE: Any = SimpleNamespace(
    pair=pair,
    same_duty=lambda said, gold: said["path"] == gold["path"],
    starts=lambda duty: "".join(words(duty.get("text_start") or duty["text"])),
    atoms=lambda names: list(names or []),
    alike=lambda one, two: words(one) == words(two),
    same_deadline=lambda said, gold: said.get("iso") == gold.get("iso"),
    same_title=lambda said, gold: words(said) == words(gold),
    norm=str.casefold,
)
ANSWER: dict[str, Any] = {
    "title": "Về việc phòng bệnh",
    "duties": [
        {
            "path": "1",
            "text_start": "Sở Y tế báo cáo",
            "addressees": ["Sở Y tế"],
            "reports_to": ["Bộ Tài chính"],
            "deadlines": [{"kind": "fixed", "iso": "2022-05-30"}],
        }
    ],
}


def judged(answer: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(one.field, one.right) for one in judge(gold_json(read(TEXT)), answer, SCORE)]


def test_each_finding_is_judged_and_a_duty_without_an_answer_is_wrong() -> None:
    assert judged(ANSWER) == [
        ("title", True),
        ("duties", True),
        ("duties", False),
        ("addressees", True),
        ("reports_to", False),
        ("deadlines", True),
    ]


def test_of_a_document_answered_in_part_no_duty_is_wrong() -> None:
    assert ("duties", False) not in judged(ANSWER | {"partial_gold": True})


def test_bands_begin_with_their_least_confidence() -> None:
    assert [band(sure) for sure in (0.95, 0.94, 0.8, 0.7, 0.4)] == ["≥ .95", ".90–.95", ".80–.90", ".70–.80", "< .70"]


def test_the_table_tells_right_of_all_and_the_worst_reason(capsys: pytest.CaptureFixture[str]) -> None:
    print_calibration(
        [
            Judged("lead", 0.95, "leads", right=True),
            Judged("lead", 0.9, "leads", right=False),
            Judged("deadlines", 0.8, "counted", right=True),
        ]
    )
    said = capsys.readouterr().out
    assert re.search(r"lead\s+1 of 1\s+0 of 1\s+–", said)
    assert "≥ .90         0.500 right of 2" in said
    assert re.search(r"lead\s+leads\s+0\.9\s+1 of 1", said) and "counted" not in said
