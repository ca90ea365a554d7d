"""Twelve documents by another hand, unseen when the reader was first scored on them: what it reads since stays read."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import pytest

import bench.intake
from bench.intake.calibration import judge
from tests.intake import likeness
from workflows.intake.files import read_file
from workflows.intake.read import read
from workflows.intake.text.gold import gold_json

FOLDER = Path(bench.intake.__path__[0]) / "unseen"
HELD = {"deadlines": 0.98}
"""Fields that are not read without a fault, with what they are held at."""


@pytest.fixture(scope="module")
def readings() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each document as it is read, beside its answer."""
    return [
        (
            gold_json(read(read_file(path.name, path.read_bytes()))),
            json.loads((FOLDER / "gold" / f"{path.stem}.json").read_text(encoding="utf-8")),
        )
        for path in sorted((FOLDER / "texts").glob("*.txt"))
    ]


def test_each_field_is_read_as_well_as_before(readings: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for said, wanted in readings:
        for field, found in likeness.hits(said, wanted).items():
            counts[field] = [one + two for one, two in zip(counts[field], found, strict=True)]
    scores = {field: 2 * right / (said + wanted) for field, (right, said, wanted) in counts.items()}
    assert len(readings) == 12 and len(scores) == 12
    assert {field: score for field, score in scores.items() if score < HELD.get(field, 1.0)} == {}


def test_what_is_shown_as_certain_is_right(readings: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    judged = [one for said, wanted in readings for one in judge(said, wanted, cast(Any, likeness))]
    sure = [one for one in judged if one.confidence >= 0.9]
    assert len(sure) > 240
    assert [one for one in sure if not one.right] == []
