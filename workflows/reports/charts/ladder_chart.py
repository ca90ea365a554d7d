"""A ladder in time: its rungs down a line, each with its date, what it says and whom it tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.directives.template import RecipientRole, RungName
from models.i18n import Words as Message
from models.i18n import _, _n, translate
from models.text.localtime import MORNING, local, write_weekday
from models.words import rung_words
from notifications.composing.wording import Words, first_up
from workflows.escalation.ladder_dates import LadderDates, RungDate
from workflows.escalation.why import RungState
from workflows.escalation.why_words import write_when
from workflows.reports.charts.shapes import WIDTH, Label, Mark, Picture, Shape, Table, Trace, text_width, wrap

_UPWARD = {RecipientRole.SUPERVISOR, RecipientRole.PARENT_ORGANISATION}
_LINE, _TEXT = 10, 28
_LEADING = 16
_ROW_GAP, _LONGEST_GAP = 10, 40
"""Rungs stand apart by at least the first, and by up to so much more the longer the time between them."""


@dataclass(frozen=True)
class _Row:
    """One stop on the line: its texts with their looks, and the sign on the line."""

    moment: datetime | None
    lines: tuple[tuple[str, str], ...]
    sign: str
    look: str


def draw_ladder(ladder: LadderDates, language: str, *, name: str = "ladder") -> Picture:
    """Return the line runs downwards; the date itself is a stop of its own, a diamond between the rungs."""
    rows = [_rung_row(rung, ladder, language) for rung in ladder.rungs]
    if ladder.due_at is not None:
        later = (n for n, row in enumerate(rows) if row.moment is None or row.moment >= ladder.due_at)
        rows.insert(next(later, len(rows)), _due_row(ladder, ladder.due_at, language))
    shapes, y = _key(language)
    foot = top = y
    before: datetime | None = None
    for row in rows:
        y += _gap(before, row.moment, ladder.clock)
        foot = y + 12
        shapes.append(Mark(_LINE, y + 8, row.sign, row.look))
        for text, look in row.lines:
            y += _LEADING
            shapes.append(Label(_TEXT, y - 4, text, look))
        before = row.moment or before
    line = Trace(((_LINE, top + 12), (_LINE, foot - 4)), "spine")
    return Picture(
        name=name,
        title=first_up(translate(_("the ladder over time"), language)),
        description=_description(ladder, language),
        notes=(),
        height=y + 6,
        shapes=(line, *shapes),
        table=_table(ladder, language),
    )


def _gap(before: datetime | None, moment: datetime | None, clock: str) -> float:
    """More room for more time: two units a day, or an hour."""
    if before is None or moment is None:
        return _ROW_GAP
    unit = timedelta(hours=1) if clock == "hours" else timedelta(days=1)
    return _ROW_GAP + min(2 * ((moment - before) / unit), _LONGEST_GAP)


def _key(language: str) -> tuple[list[Shape], float]:
    """Return what the three signs mean."""
    signs = (("dot", _("to the unit")), ("triangle", _("upward as well")), ("diamond", _("the date")))
    shapes, x, y = list[Shape](), 6.0, 8.0
    for sign, words in signs:
        text = translate(words, language)
        width = 14 + text_width(text)
        if x > 6 and x + width > WIDTH:
            x, y = 6, y + _LEADING + 2
        shapes += [Mark(x, y, sign), Label(x + 12, y + 4, text, "quiet")]
        x += width + 14
    return shapes, y + 12


def _rung_row(rung: RungDate, ladder: LadderDates, language: str) -> _Row:
    is_off = not rung.is_applicable
    sign = "triangle" if _UPWARD & set(rung.roles) else "dot"
    width = WIDTH - _TEXT
    what = ", ".join(filter(None, (_rung_name(rung, language), _when(rung, ladder, language))))
    moment = wrap(_moment(rung, ladder, language), width)
    lines = [(line, "quiet" if is_off else "strong") for line in moment]
    lines += [(line, "quiet" if is_off else "") for line in wrap(what, width)]
    lines += [(line, "quiet") for line in wrap(f"→ {_roles(rung, language)}", width)]
    if rung.fires_at and rung.leaves_at and local(rung.leaves_at).date() != local(rung.fires_at).date():
        told = translate(_("the letter leaves {when}"), language, when=_instant(rung.leaves_at, language))
        lines += [(line, "quiet") for line in wrap(told, width)]
    return _Row(rung.fires_at, tuple(lines), sign, "off" if is_off else "")


def _moment(rung: RungDate, ladder: LadderDates, language: str) -> str:
    """Return the day alone where a rung fires in the morning, as all day rungs do."""
    if rung.fires_at is None:
        return first_up(translate(RungState.NO_DATE.label, language))
    is_plain = ladder.clock == "working_days" and local(rung.fires_at).time() == MORNING
    text = _day(rung.fires_at, language) if is_plain else _instant(rung.fires_at, language)
    if rung.is_applicable:
        return first_up(text)
    return first_up(f"{text} ({translate(RungState.NOT_APPLICABLE.label, language)})")


def _day(moment: datetime, language: str) -> str:
    return f"{write_weekday(local(moment).date(), language)}, {Words(language).day(moment)}"


def _instant(moment: datetime, language: str) -> str:
    return f"{_day(moment, language)}, {Words(language).time(moment)}"


def _rung_name(rung: RungDate, language: str) -> str:
    return first_up(translate(rung_words(rung.rung), language))


def _when(rung: RungDate, ladder: LadderDates, language: str) -> str:
    """Return the rule behind the moment; the assignment itself needs none."""
    return "" if rung.rung == RungName.ASSIGNED else write_when(rung.rung, rung.offset, ladder.clock, language)


def _roles(rung: RungDate, language: str) -> str:
    return ", ".join(translate(role.label, language) for role in rung.roles)


def _due_row(ladder: LadderDates, due_at: datetime, language: str) -> _Row:
    when = Words(language).due(due_at, by_the_hour=ladder.clock == "hours")
    text = translate(_("date: {when}"), language, when=when)
    return _Row(due_at, tuple((line, "strong") for line in wrap(first_up(text), WIDTH - _TEXT)), "diamond", "")


def _description(ladder: LadderDates, language: str) -> str:
    write = Words(language)
    message: Message = _n(
        "{count} rung; assigned {assigned}, no date yet", "{count} rungs; assigned {assigned}, no date yet"
    )
    facts = {"count": write.count(len(ladder.rungs)), "assigned": write.day(ladder.assigned_at)}
    if ladder.due_at is not None:
        message = _n("{count} rung; assigned {assigned}, date {due}", "{count} rungs; assigned {assigned}, date {due}")
        facts["due"] = write.due(ladder.due_at, by_the_hour=ladder.clock == "hours", weekday=False)
    return translate(message, language, **facts)


def _table(ladder: LadderDates, language: str) -> Table:
    heads = (_("moment"), _("rung"), _("when"), _("to"), _("the letter leaves"))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple(
            (
                _moment(rung, ladder, language),
                _rung_name(rung, language),
                _when(rung, ladder, language) or "–",
                _roles(rung, language),
                _instant(rung.leaves_at, language) if rung.leaves_at and rung.is_applicable else "–",
            )
            for rung in ladder.rungs
        ),
        numbers=False,
    )
