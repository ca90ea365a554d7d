"""How often findings are right at the confidence that they claim, by field, and the reasons that err most."""

import importlib.util
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

BANDS = ((0.95, "≥ .95"), (0.90, ".90–.95"), (0.80, ".80–.90"), (0.70, ".70–.80"), (0.0, "< .70"))
NAMES = ("addressees", "lead", "coordinating", "reports_to", "supervisor")
FIELDS = ("duties", *NAMES, "deadlines", "number", "issued_on", "issuer", "title")
_WORST = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding beside the answers: its field, confidence, reason, and whether it is right."""

    field: str
    confidence: float
    reason: str
    right: bool


def judge(said: dict[str, Any], gold: dict[str, Any], score: ModuleType) -> Iterator[Judged]:
    """Yield each finding of a reading (the shape of `gold_json`) judged by the rules of a scorer.

    A duty belongs to the answer that begins with its words, else to the one with its path. A name is right where each
    of its atoms is alike to one of the answer. Findings of a duty that no answer has are not judged, only the duty is;
    of a document answered in part, neither.
    """
    for field, name in (("number", "number"), ("issued_on", "issued"), ("issuer", "issuer"), ("title", "title")):
        if (found := said["found"].get(name)) and gold.get(field):
            right = _same(field, said[field], gold[field], score)
            yield Judged(field, found["confidence"], found["reason"], right)
    pairs = score.pair(said["duties"], gold["duties"], partial(_same_words, score=score))
    taken = {id(one) for pair in pairs for one in pair}
    left = [[one for one in duties if id(one) not in taken] for duties in (said["duties"], gold["duties"])]
    pairs += score.pair(*left, score.same_duty)
    known = {id(duty) for duty, _ in pairs}
    for duty in said["duties"]:
        if id(duty) in known or not gold.get("partial_gold"):
            yield Judged("duties", duty["confidence"], duty["reason"], id(duty) in known)
    for duty, answer in pairs:
        for field in NAMES:
            wanted = score.atoms(answer.get(field))
            for one in duty["found"][field]:
                right = all(any(score.alike(atom, want) for want in wanted) for atom in score.atoms([one["value"]]))
                yield Judged(field, one["confidence"], one["reason"], right)
        days = [one for one in duty["deadlines"] if one["kind"] != "none"]
        right_ones = {id(one) for one, _ in score.pair(days, answer["deadlines"], score.same_deadline)}
        for one in days:
            yield Judged("deadlines", one["found"]["confidence"], one["found"]["reason"], id(one) in right_ones)


def _same_words(said: dict[str, Any], gold: dict[str, Any], score: ModuleType) -> bool:
    one, two = score.starts(said), score.starts(gold)
    size = min(len(one), len(two), 36)
    return size >= 12 and bool(one[:size] == two[:size])


def _same(field: str, said: str | None, gold: str, score: ModuleType) -> bool:
    if not said:
        return False
    if field == "title":
        return bool(score.same_title(_bare_title(said, score), _bare_title(gold, score)))
    if field == "issuer":
        return bool(score.alike(said, gold))
    return bool(score.norm(said).replace(" ", "") == score.norm(gold).replace(" ", ""))


def _bare_title(text: str, score: ModuleType) -> str:
    words = str(score.norm(text))
    return next((words[len(word) :] for word in ("v/v ", "về việc ", "về ") if words.startswith(word)), words)


def load_score(path: Path) -> ModuleType:
    """Return the scorer of a file as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_judged(predictions: Path, gold: Path, score: ModuleType) -> list[Judged]:
    """Return the judged findings of a folder of readings beside the folder of their answers."""
    return [
        one
        for path in sorted(predictions.glob("*.json"))
        if (gold / path.name).is_file()
        for one in judge(_load(path), _load(gold / path.name), score)
    ]


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def print_calibration(judged: Iterable[Judged]) -> None:
    """Print right and all findings of each field in each band of confidence, then the reasons that err most."""
    judged = list(judged)
    table: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for one in judged:
        table[one.field][band(one.confidence), one.right] += 1
        table["all"][band(one.confidence), one.right] += 1
    print(f"\n{'right of all':<14}" + "".join(f"{name:>14}" for _, name in BANDS))
    for field in (*(field for field in FIELDS if field in table), "all"):
        cells = [
            (table[field][name, True], sum(table[field][name, right] for right in (True, False))) for _, name in BANDS
        ]
        print(f"{field:<14}" + "".join(f"{f'{right} of {total}' if total else '–':>14}" for right, total in cells))
    sure = [one for one in judged if one.confidence >= BANDS[1][0]]
    if sure:
        print(f"{'≥ .90':<14}{sum(one.right for one in sure) / len(sure):.3f} right of {len(sure)}")
    print("\nreasons that err most (field, reason, confidence: wrong of all)")
    reasons: dict[tuple[str, str, float], list[bool]] = defaultdict(list)
    for one in judged:
        reasons[one.field, one.reason, one.confidence].append(one.right)
    worst = sorted(reasons.items(), key=lambda item: (item[1].count(False), -len(item[1])), reverse=True)
    for (field, reason, confidence), rights in worst[:_WORST]:
        if wrong := rights.count(False):
            print(f"{field:<14}{reason:<14}{confidence:<6}{wrong:>4} of {len(rights)}")


def band(confidence: float) -> str:
    """Return the name of the band that holds a confidence."""
    return next(name for least, name in BANDS if confidence >= least)
