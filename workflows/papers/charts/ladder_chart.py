"""A ladder in time: a track for each rung with its date, what it says and whom it tells."""

from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap

from sqlmodel import Session

from models.directives.directive import Directive
from models.directives.ladders import RecipientRole, RungName
from models.directives.launch import Launch
from models.directives.template import HoursDeadline, TemplateSpec, TemplateVersion
from models.errors import NotFound, need
from models.i18n import Words as Message
from models.i18n import _, _n, translate
from models.text.localtime import MORNING, at_local, end_of_day, local, local_date, write_weekday
from models.words import rung_words
from notifications.composing.wording import WrittenWords, first_up
from workflows.escalation.ladder_dates import LadderDates, RungDate, example_due, expected_due, ladder_dates
from workflows.escalation.why import RungState
from workflows.escalation.why_words import write_when
from workflows.papers.charts.builders import LETTERS_A_LINE, LINE, WIDTH, down_to, text_layer
from workflows.papers.charts.chart import Chart, ChartTable, Spec
from workflows.reports.choices import Choice, ladders_to_draw, newest_launch
from workflows.rules.calendar.workdays import WorkCalendar

_UPWARD = {RecipientRole.SUPERVISOR, RecipientRole.PARENT_ORGANISATION}
_SIGNS = {"dot": "circle", "triangle": "triangle-up", "diamond": "diamond"}
_GAP, _ROOM, _EDGE = 12, 32, 9


@dataclass(frozen=True)
class _Stop:
    """One stop in time: its words, and its sign on the track beneath them."""

    moment: datetime | None
    heading: str
    quiet: tuple[str, ...]
    when: str
    sign: str
    is_off: bool = False


def draw_ladder(ladder: LadderDates, language: str, *, name: str = "ladder") -> Chart:
    """Return a track in time for every rung, one beneath the other; the date itself has one of its own."""
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


def _spec(rows: list[_Stop], ladder: LadderDates, language: str) -> Spec:
    y, headings, quiet, tracks, points = 0, list[Spec](), list[Spec](), list[Spec](), list[Spec]()
    key = {sign: translate(words, language) for sign, words in _KEY.items()}
    times = [row.moment.timestamp() for row in rows if row.moment] + [ladder.assigned_at.timestamp()]
    for row in rows:
        for text, lines in ((row.heading, headings), *((line, quiet) for line in row.quiet)):
            for line in wrap(text, LETTERS_A_LINE):
                y += LINE
                lines.append({"y": y - 7, "text": line, "weight": "normal" if row.is_off else "bold"})
        if row.moment is not None:
            y += _ROOM
            at = row.moment.timestamp()
            is_left = at > (min(times) + max(times)) / 2
            looks = {"off": "off" if row.is_off else "on", "sign": key[row.sign]}
            points.append({"y": y - 6, "at": at, "text": row.when, "is_left": is_left, **looks})
            tracks.append({"y": y - 6})
        y += _GAP
    down = {"y": {"field": "y", **down_to(y)}}
    scale = {"domain": [min(times), max(times) + 1], "range": [_EDGE, WIDTH - _EDGE], "zero": False}
    at_time: Spec = {"x": {"field": "at", "type": "quantitative", "axis": None, "scale": scale}, **down}
    shape: Spec = {"domain": list(key.values()), "range": [_SIGNS[sign] for sign in key]}
    fill: Spec = {"domain": ["off", "on"], "range": ["@paper", "@accent"]}
    sign: Spec = {
        "shape": {"field": "sign", "type": "nominal", "scale": shape, "legend": {"orient": "top", "columns": 3}},
        "fill": {"field": "off", "type": "nominal", "scale": fill, "legend": None},
    }
    due = [{"y": one["y"], "at": ladder.due_at.timestamp()} for one in tracks] if ladder.due_at else []
    above = {"align": {"expr": "datum.is_left ? 'right' : 'left'"}, "dx": {"expr": "datum.is_left ? 8 : -8"}, "dy": -15}
    spots: Spec = {"x": {"value": 0}, **down}
    rule = {"type": "rule", "color": "@line", "strokeWidth": 2}
    mark = {"type": "point", "filled": True, "size": 120, "opacity": 1, "stroke": "@accent", "strokeWidth": 1.2}
    return {
        "width": WIDTH,
        "height": y,
        "layer": [
            {"data": {"values": tracks}, "mark": rule, "encoding": spots | {"x2": {"value": WIDTH}}},
            {"data": {"values": due}, "mark": {"type": "tick", "color": "@edge", "height": 12}, "encoding": at_time},
            text_layer(headings, spots, fontWeight={"expr": "datum.weight"}),
            text_layer(quiet, spots, color="@quiet"),
            text_layer(points, at_time, **above),
            {"data": {"values": points}, "mark": mark, "encoding": at_time | sign},
        ],
    }


_KEY = {"dot": _("to the unit"), "triangle": _("upward as well"), "diamond": _("the deadline")}
"""The signs and their words."""


def _rung_row(rung: RungDate, ladder: LadderDates, language: str) -> _Stop:
    heading = ", ".join(filter(None, (_rung_name(rung, language), _when(rung, ladder, language))))
    when = _moment(rung, ladder, language)
    quiet = [f"→ {_roles(rung, language)}"]
    if rung.fires_at is None:
        quiet.append(when)
    elif rung.leaves_at and local(rung.leaves_at).date() != local(rung.fires_at).date():
        quiet.append(translate(_("the letter leaves {when}"), language, when=_instant(rung.leaves_at, language)))
    sign = "triangle" if _UPWARD & set(rung.roles) else "dot"
    return _Stop(rung.fires_at, heading, tuple(quiet), when, sign, not rung.is_applicable)


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
    return f"{write_weekday(local(moment).date(), language)}, {WrittenWords(language).day(moment)}"


def _instant(moment: datetime, language: str) -> str:
    return f"{_day(moment, language)}, {WrittenWords(language).time(moment)}"


def _rung_name(rung: RungDate, language: str) -> str:
    return first_up(translate(rung_words(rung.rung), language))


def _when(rung: RungDate, ladder: LadderDates, language: str) -> str:
    """Return the rule behind the moment; the assignment itself needs none."""
    return "" if rung.rung == RungName.ASSIGNED else write_when(rung.rung, rung.offset, ladder.clock, language)


def _roles(rung: RungDate, language: str) -> str:
    return ", ".join(translate(role.label, language) for role in rung.roles)


def _due_row(ladder: LadderDates, due_at: datetime, language: str) -> _Stop:
    when = WrittenWords(language).due(due_at, by_the_hour=ladder.clock == "hours")
    return _Stop(due_at, first_up(translate(_("the deadline"), language)), (), first_up(when), "diamond")


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
                _when(rung, ladder, language) or "–",
                _roles(rung, language),
                _instant(rung.leaves_at, language) if rung.leaves_at and rung.is_applicable else "–",
            )
            for rung in ladder.rungs
        ),
        numbers=False,
    )


@dataclass(frozen=True)
class LadderCase:
    """What the dates are counted from."""

    directive: Directive
    launch: Launch | None
    calendar: WorkCalendar
    now: datetime

    @property
    def assigned_at(self) -> datetime:
        """Return the moment of the last launch; before the first, today."""
        return self.launch.launched_at if self.launch else at_local(local_date(self.now))

    def dates(self, spec: TemplateSpec, assigned: date | None, due: date | None) -> tuple[datetime, datetime | None]:
        """Assigned at 08:00 of the day asked for; due at its end, or so many hours later for contingency duties."""
        for day in (assigned, due):
            if day is not None:
                self.calendar.is_working(day)  # refuses a day outside the calendar's years
        assigned_at = at_local(assigned) if assigned else self.assigned_at
        if due and not isinstance(spec.deadline, HoursDeadline):
            return assigned_at, end_of_day(due)
        issued_on = self.directive.issued_on
        if spec.period is not None:
            decided, _period = example_due(spec, issued_on=issued_on, assigned_at=assigned_at, calendar=self.calendar)
        else:
            decided = expected_due(
                spec,
                issued_on=issued_on,
                assigned_at=assigned_at,
                launch_due_on=self.launch.due_on if self.launch else None,
                calendar=self.calendar,
            )
        return assigned_at, decided.due_at


def chosen_duty(path: str, duties: list[Choice]) -> Choice | None:
    """Return the duty of a path, the first where none is asked for. NotFound for one without a published template."""
    found = [one for one in duties if one.code == path] if path else duties
    if path and not found:
        raise NotFound("there is no such duty")
    return found[0] if found else None


def read_ladder(
    session: Session,
    directive: Directive,
    path: str,
    *,
    assigned: date | None,
    due: date | None,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[str, LadderDates]:
    """Return a duty's path and its ladder. NotFound where there is no published template."""
    duty = need(chosen_duty(path, ladders_to_draw(session, directive.id)), NotFound("there is no such duty"))
    spec = session.get_one(TemplateVersion, duty.id).read_spec()
    case = LadderCase(directive, newest_launch(session, directive.id), calendar, now)
    assigned_at, due_at = case.dates(spec, assigned, due)
    return duty.code, ladder_dates(spec, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
