"""Write the rates, medians and periods of scorecards."""

from collections.abc import Mapping
from typing import Any

from models.i18n import Words, _, translate
from models.words import period_words
from notifications.composing.wording import first_up
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.scorecard_figures import Card, Dues, Every, write_share

EVERY_WORDS = {Every.QUARTER: _("quarters"), Every.MONTH: _("months")}
COLUMN_WORDS = {
    "due": _("deadlines reached"),
    "on_time": _("done on time"),
    "late": _("done late"),
    "overdue": _("not done, overdue"),
    "rate": _("on-time rate"),
    "original": _("by the original deadlines"),
    "days_late": _("days late, median"),
    "returned": _("returned of decided"),
    "asked": _("more time asked, granted"),
    "moved": _("deadlines moved: on request, by others"),
    "unanswered": _("obstacles, left without an answer by the authority"),
    "decision_days": _("days to a decision, median"),
}
"""The columns of a scorecard; days are working days."""


def write_rate(due: Dues, language: str) -> str:
    """Return for example "5/6 (83%)", or only "3/4" for too few tasks."""
    if due.rate is None:
        return "–"
    fraction = f"{due.on_time}/{due.measured}"
    return fraction if due.is_few else f"{fraction} ({write_share(float(due.rate))})"


def write_days(days: float | None, language: str) -> str:
    """Return for example "2" or "2,5"."""
    return "–" if days is None else f"{days:g}".replace(".", "," if language == "vi" else ".")


def write_period(period: Period, language: str) -> str:
    """Return for example "Quý III/2026", or "All these periods" for a period without a key."""
    words = period_words(period.key) if period.key else None
    if words is None:
        return first_up(translate(_("all these periods"), language))
    return first_up(translate(Words(words[0], **words[1]), language))


def write_card(card: Card, language: str) -> Mapping[str, str]:
    return {
        "due": str(card.due.total),
        "on_time": str(card.due.on_time),
        "late": str(card.due.late),
        "overdue": _overdue(card, language),
        "rate": write_rate(card.due, language),
        "original": write_rate(card.on_original, language),
        "days_late": write_days(card.days_late, language),
        "returned": f"{card.returned}/{card.decided}" if card.decided else "–",
        "asked": f"{card.asked}, {card.granted}",
        "moved": f"{card.moved_on_request}, {card.moved_by_others}",
        "unanswered": f"{card.obstacles}, {card.unanswered}",
        "decision_days": write_days(card.decision_days, language),
    }


def _overdue(card: Card, language: str) -> str:
    if not card.due.pending:
        return str(card.due.overdue)
    return f"{card.due.overdue} ({translate(_('waiting for a decision: {count}'), language, count=card.due.pending)})"


def wording(language: str) -> dict[str, Any]:
    return {
        "column_words": COLUMN_WORDS,
        "cells": lambda card: write_card(card, language),
        "share": write_share,
        "days": lambda days: write_days(days, language),
        "period_of": lambda period: write_period(period, language),
    }
