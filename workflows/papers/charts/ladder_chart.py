"""The chart of a ladder: a time line for each rung, with its date and the people to whom its letter goes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from textwrap import wrap

from models.directives.ladders import RecipientRole, RungName
from models.i18n import Words as Message
from models.i18n import _, _n, translate
from models.text.localtime import MORNING, local, write_weekday
from models.words import rung_words
from notifications.composing.wording import WrittenWords, first_up
from workflows.escalation.explanation import RungState
from workflows.escalation.explanation_words import write_when
from workflows.escalation.ladder_dates import LadderDates, RungDate
from workflows.papers.charts.builders import CHARACTERS_A_LINE, LINE_HEIGHT, WIDTH, down_to, text_layer
from workflows.papers.charts.chart import Chart, ChartTable, Spec

_UPWARD = {RecipientRole.SUPERVISOR, RecipientRole.PARENT_ORGANISATION}
_ROW_GAP, _LINE_ROOM, _EDGE = 12, 32, 9


class _Sign(StrEnum):
    """The shapes of points, by Vega's names."""

    TO_UNIT = "circle"
    UPWARD = "triangle-up"
    DEADLINE = "diamond"


_SIGN_WORDS = {_Sign.TO_UNIT: _("to the unit"), _Sign.UPWARD: _("upward as well"), _Sign.DEADLINE: _("the deadline")}


@dataclass(frozen=True)
class _Row:
    """A rung or the deadline: its words, and beneath them a time line with a sign at its moment."""

    moment: datetime | None  # None: no time line is drawn
    heading: str
    notes: tuple[str, ...]
    when: str  # the words beside the sign
    sign: _Sign
    is_off: bool = False  # a rung that does not apply: its sign is hollow


def draw_ladder(ladder: LadderDates, language: str, *, name: str = "ladder") -> Chart:
    """Draw a row for each rung, one beneath the other, and a row for the deadline in its place among them."""
    rows = [_rung_row(rung, ladder, language) for rung in ladder.rungs]
    if ladder.due_at is not None:
        later = (n for n, row in enumerate(rows) if row.moment is None or row.moment >= ladder.due_at)
        rows.insert(next(later, len(rows)), _due_row(ladder, ladder.due_at, language))
    return Chart(
        name=name,
        title=first_up(translate(_("the ladder over time"), language)),
        description=_description(ladder, language),
        notes=(),
        spec=_spec(rows, ladder, language),
        table=_table(ladder, language),
    )


def _spec(rows: list[_Row], ladder: LadderDates, language: str) -> Spec:
    sign_words = {sign: translate(words, language) for sign, words in _SIGN_WORDS.items()}
    placed = _place(rows, sign_words)
    times = [row.moment.timestamp() for row in rows if row.moment] + [ladder.assigned_at.timestamp()]
    down = {"y": {"field": "y", **down_to(placed.height)}}
    scale = {"domain": [min(times), max(times) + 1], "range": [_EDGE, WIDTH - _EDGE], "zero": False}
    at_time: Spec = {"x": {"field": "at", "type": "quantitative", "axis": None, "scale": scale}, **down}
    at_left: Spec = {"x": {"value": 0}, **down}
    middle = (min(times) + max(times)) / 2
    beside_sign = {
        "align": {"expr": f"datum.at > {middle} ? 'right' : 'left'"},
        "dx": {"expr": f"datum.at > {middle} ? 8 : -8"},
        "dy": -15,
    }
    line = {"type": "rule", "color": "@line", "strokeWidth": 2}
    due = [{"y": row["y"], "at": ladder.due_at.timestamp()} for row in placed.lines] if ladder.due_at else []
    point = {"type": "point", "filled": True, "size": 120, "opacity": 1, "stroke": "@accent", "strokeWidth": 1.2}
    return {
        "width": WIDTH,
        "height": placed.height,
        "layer": [
            {"data": {"values": placed.lines}, "mark": line, "encoding": at_left | {"x2": {"value": WIDTH}}},
            {"data": {"values": due}, "mark": {"type": "tick", "color": "@edge", "height": 12}, "encoding": at_time},
            text_layer(placed.headings, at_left, fontWeight={"expr": "datum.weight"}),
            text_layer(placed.notes, at_left, color="@quiet"),
            text_layer(placed.points, at_time, **beside_sign),
            {"data": {"values": placed.points}, "mark": point, "encoding": at_time | _sign_looks(sign_words)},
        ],
    }


@dataclass
class _PlacedRows:
    """The values of the layers, each with its height from the top."""

    height: int = 0
    headings: list[Spec] = field(default_factory=list)
    notes: list[Spec] = field(default_factory=list)
    lines: list[Spec] = field(default_factory=list)
    points: list[Spec] = field(default_factory=list)

    def add_text(self, layer: list[Spec], text: str, **looks: str) -> None:
        for line in wrap(text, CHARACTERS_A_LINE):
            self.height += LINE_HEIGHT
            layer.append({"y": self.height - 7, "text": line, **looks})


def _place(rows: list[_Row], sign_words: dict[_Sign, str]) -> _PlacedRows:
    placed = _PlacedRows()
    for row in rows:
        placed.add_text(placed.headings, row.heading, weight="normal" if row.is_off else "bold")
        for note in row.notes:
            placed.add_text(placed.notes, note)
        if row.moment is not None:
            placed.height += _LINE_ROOM
            y = placed.height - 6
            placed.lines.append({"y": y})
            looks = {"off": "off" if row.is_off else "on", "sign": sign_words[row.sign]}
            placed.points.append({"y": y, "at": row.moment.timestamp(), "text": row.when, **looks})
        placed.height += _ROW_GAP
    return placed


def _sign_looks(sign_words: dict[_Sign, str]) -> Spec:
    shape = {"domain": list(sign_words.values()), "range": [sign.value for sign in sign_words]}
    fill = {"domain": ["off", "on"], "range": ["@paper", "@accent"]}
    return {
        "shape": {"field": "sign", "type": "nominal", "scale": shape, "legend": {"orient": "top", "columns": 3}},
        "fill": {"field": "off", "type": "nominal", "scale": fill, "legend": None},
    }


def _rung_row(rung: RungDate, ladder: LadderDates, language: str) -> _Row:
    heading = _rung_name(rung, language)
    rule = _rule(rung, ladder, language)
    when = _moment(rung, ladder, language)
    notes = [f"→ {_roles(rung, language)}"]
    if rung.fires_at is None:
        notes.append(when)
    elif rung.leaves_at and local(rung.leaves_at).date() != local(rung.fires_at).date():
        notes.append(translate(_("the letter leaves {when}"), language, when=_instant(rung.leaves_at, language)))
    return _Row(
        moment=rung.fires_at,
        heading=f"{heading}, {rule}" if rule else heading,
        notes=tuple(notes),
        when=when,
        sign=_Sign.UPWARD if _UPWARD & set(rung.roles) else _Sign.TO_UNIT,
        is_off=not rung.is_applicable,
    )


def _moment(rung: RungDate, ladder: LadderDates, language: str) -> str:
    """Say when a rung fires: the day alone where it fires in the morning, as all day rungs do."""
    if rung.fires_at is None:
        return first_up(translate(RungState.NO_DATE.label, language))
    is_in_the_morning = ladder.clock == "working_days" and local(rung.fires_at).time() == MORNING
    text = _day(rung.fires_at, language) if is_in_the_morning else _instant(rung.fires_at, language)
    if rung.is_applicable:
        return first_up(text)
    return first_up(f"{text} ({translate(RungState.NOT_APPLICABLE.label, language)})")


def _day(moment: datetime, language: str) -> str:
    return f"{write_weekday(local(moment).date(), language)}, {WrittenWords(language).day(moment)}"


def _instant(moment: datetime, language: str) -> str:
    return f"{_day(moment, language)}, {WrittenWords(language).time(moment)}"


def _rung_name(rung: RungDate, language: str) -> str:
    return first_up(translate(rung_words(rung.rung), language))


def _rule(rung: RungDate, ladder: LadderDates, language: str) -> str:
    """Say the rule behind the moment; the assignment itself needs none."""
    return "" if rung.rung == RungName.ASSIGNED else write_when(rung.rung, rung.offset, ladder.clock, language)


def _roles(rung: RungDate, language: str) -> str:
    return ", ".join(translate(role.label, language) for role in rung.roles)


def _due_row(ladder: LadderDates, due_at: datetime, language: str) -> _Row:
    when = WrittenWords(language).due(due_at, by_the_hour=ladder.clock == "hours")
    heading = first_up(translate(_("the deadline"), language))
    return _Row(due_at, heading, notes=(), when=first_up(when), sign=_Sign.DEADLINE)


def _description(ladder: LadderDates, language: str) -> str:
    write = WrittenWords(language)
    message: Message = _n(
        "{count} rung; assigned {assigned}, no deadline yet", "{count} rungs; assigned {assigned}, no deadline yet"
    )
    facts = {"count": write.count(len(ladder.rungs)), "assigned": write.day(ladder.assigned_at)}
    if ladder.due_at is not None:
        message = _n(
            "{count} rung; assigned {assigned}, deadline {due}", "{count} rungs; assigned {assigned}, deadline {due}"
        )
        facts["due"] = write.due(ladder.due_at, by_the_hour=ladder.clock == "hours", weekday=False)
    return translate(message, language, **facts)


def _table(ladder: LadderDates, language: str) -> ChartTable:
    heads = (_("moment"), _("rung"), _("when"), _("to"), _("the letter leaves"))
    return ChartTable(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple(
            (
                _moment(rung, ladder, language),
                _rung_name(rung, language),
                _rule(rung, ladder, language) or "–",
                _roles(rung, language),
                _instant(rung.leaves_at, language) if rung.leaves_at and rung.is_applicable else "–",
            )
            for rung in ladder.rungs
        ),
        numbers=False,
    )
