"""Scorecards and warnings as plain values: what `--json` prints and the API answers."""

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from models.i18n import translate
from workflows.reports.scorecards.risks import Risks, Warned
from workflows.reports.scorecards.scorecard_reads import Scorecards, UnitCards
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.fairness import FORMULA, NOTES, notes_on
from workflows.rules.figures.scorecard_figures import Card, Dues


def scorecards_json(cards: Scorecards, language: str) -> dict[str, Any]:
    """Return units in alphabetical order, with formula and notes: no number stands without them."""
    return {
        "cutoff": cards.cutoff,
        "provisional": cards.provisional,
        "directive": cards.directive,
        "formula": translate(FORMULA, language),
        "notes": [translate(note, language) for note in NOTES],
        "units": [unit_json(unit, cards.periods, language) for unit in cards.units],
    }


def unit_json(unit: UnitCards, periods: tuple[Period, ...], language: str) -> dict[str, Any]:
    """Return one unit: all periods together, and each."""
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind.value,
        "notes": [translate(note, language) for note in notes_on(unit.whole)],
        "whole": _card(unit.whole),
        "periods": [
            {"period": period.key, "first_day": period.first_day, "last_day": period.last_day, **_card(card)}
            for period, card in zip(periods, unit.by_period, strict=True)
        ],
    }


def risks_json(risks: Risks, language: str) -> dict[str, Any]:
    """Return the warnings of a day with their reasons."""
    return {"day": risks.day, "looked_at": risks.looked_at, "warned": [_warned(one, language) for one in risks.warned]}


def _warned(one: Warned, language: str) -> dict[str, Any]:
    return {
        "task_id": one.task_id,
        "directive": one.directive,
        "duty": one.duty_path,
        "title": one.duty_title,
        "occurrence": one.occurrence,
        "unit_code": one.unit_code,
        "unit": one.unit,
        "due_on": one.risk.due_on,
        "days_left": one.risk.days_left,
        "points": one.risk.points,
        "reasons": [
            {"sign": reason.sign.value, "points": reason.points, "words": translate(reason.words, language)}
            for reason in one.risk.reasons
        ],
    }


def _card(card: Card) -> dict[str, Any]:
    plain = asdict(card)
    kinds = [{"kind": one.kind.value, "measured": one.measured, "on_time": one.on_time} for one in card.kinds]
    return plain | {"due": _dues(card.due), "on_original": _dues(card.on_original), "kinds": kinds}


def _dues(due: Dues) -> dict[str, Any]:
    exact = None if due.rate is None else f"{due.on_time}/{due.measured}"
    more = {"total": due.total, "measured": due.measured, "rate": _number(due.rate), "rate_exact": exact}
    return asdict(due) | more | {"is_few": due.is_few}


def _number(part: Fraction | None) -> float | None:
    return None if part is None else float(part)
