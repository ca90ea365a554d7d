"""When a reading is alike to an answer: the rules of score.py beside the annotation rules, under its names."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

Read = dict[str, Any]
NAMES = ("addressees", "lead", "coordinating", "reports_to", "supervisor")
_LATE = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ".split()
_EARLY = "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy".split()


def norm(text: str | None) -> str:
    text = unicodedata.normalize("NFC", text or "").casefold()
    for late, early in zip(_LATE, _EARLY, strict=True):
        text = text.replace(late, early)
    text = re.sub(r"\bubnd\b", "ủy ban nhân dân", text)
    return re.sub(r"\s+", " ", text.replace("–", "-")).strip(' .,;:-_()"“”')


def words(text: str | None) -> set[str]:
    return set(re.findall(r"\w+", norm(text)))


def alike(one: str | None, two: str | None) -> bool:
    said, wanted = words(one), words(two)
    return bool(said and wanted) and len(said & wanted) / len(said | wanted) >= 0.6


def same_title(said: str | None, wanted: str | None) -> bool:
    one, two = (words(re.sub(r"^(?:v/v|về việc|về)\b[\s.:]*", "", norm(title))) for title in (said, wanted))
    return bool(two) and len(one & two) / len(two) >= 0.9 and len(one) <= 2.5 * len(two)


def atoms(names: Iterable[str] | None) -> list[str]:
    """Return single names: lists cut at commas, semicolons and "và", brackets and plurals dropped."""
    found: list[str] = []
    for name in names or ():
        for part in re.split(r"[,;/]|\bvà\b", re.sub(r"\([^)]*\)?", " ", norm(name))):
            part = norm(re.sub(r"^(?:các|quý|toàn thể|những)\s+", "", norm(part)))
            if part and part not in found:
                found.append(part)
    return found


def starts(duty: Read) -> str:
    text = norm(duty.get("text_start") or duty.get("text"))
    text = re.sub(r"^(?:[ivxlc]+|[a-zđ]|\d+(?:\.\d+)*)\s*[.,)/\-:]\s*(?:\d+\s)?", "", text)
    return re.sub(r"\W+", "", text)


def same_duty(said: Read, wanted: Read) -> bool:
    one, two = starts(said), starts(wanted)
    size = min(len(one), len(two), 36)
    path = norm(wanted["path"])
    same_path = path == norm(said.get("path")) and path.startswith(("body", "closing"))
    return (size >= 12 and one[:size] == two[:size]) or same_path


def same_deadline(said: Read, wanted: Read) -> bool:
    if said.get("kind") != wanted["kind"]:
        return False
    if wanted["kind"] == "fixed":
        return said.get("iso") == wanted.get("iso") and said.get("op", "before") == wanted.get("op", "before")
    if wanted["kind"] == "relative":
        return True
    one, two = (rule.lower().replace("every 1 ", "every ") for rule in (said.get("rule") or "", wanted["rule"]))
    every = r"every (?:\d+ )?(?:year|quarter|month|week|day|hour)s?"
    figures = [sorted(re.findall(r"\d+", rule)) for rule in (one, two)]
    return bool(set(re.findall(every, one)) & set(re.findall(every, two))) or (
        bool(figures[1]) and figures[0] == figures[1]
    )


def pair(said: Iterable[Any], wanted: Iterable[Any], same: Callable[[Any, Any], bool]) -> list[tuple[Any, Any]]:
    left, hits = list(said), list[tuple[Any, Any]]()
    for answer in wanted:
        match = next((one for one in left if same(one, answer)), None)
        if match is not None:
            hits.append((match, answer))
            left.remove(match)
    return hits


def hits(said: Read, wanted: Read) -> dict[str, tuple[int, int, int]]:
    """Return of each field how many findings are right, how many there are, and how many should be."""
    found = pair(said["duties"], wanted["duties"], same_duty)
    counts = {"duties": (len(found), len(said["duties"]), len(wanted["duties"]))}
    counts["paths"] = (sum(norm(one["path"]) == norm(two["path"]) for one, two in found), len(found), len(found))
    for field in NAMES:
        sides = [(atoms(one.get(field)), atoms(two.get(field))) for one, two in found]
        counts[field] = _sum(((len(pair(*side, alike)), *map(len, side))) for side in sides)
    days = [[[day for day in one["deadlines"] if day["kind"] != "none"] for one in duties] for duties in found]
    counts["deadlines"] = _sum((len(pair(one, two, same_deadline)), len(one), len(two)) for one, two in days)
    for field in ("number", "issued_on", "issuer", "title"):
        one, two = said.get(field), wanted.get(field)
        same = same_title if field == "title" else alike if field == "issuer" else _same_words
        counts[field] = (int(bool(one and two) and same(one, two)), int(bool(one and two)), int(bool(two)))
    return counts


def _same_words(said: str | None, wanted: str | None) -> bool:
    return norm(said) == norm(wanted)


def _sum(counts: Iterable[tuple[int, ...]]) -> tuple[int, int, int]:
    right, said, wanted = (sum(column) for column in zip((0, 0, 0), *counts, strict=True))
    return right, said, wanted
