"""Why tasks are late: a bar for each reason, what nobody said anything about last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Part, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Spec, Table, cell
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket

_LEAST = 5  # tasks that fill a bar at least
_WAITS, _LATE = "due_soon", Bucket.OPEN_OVERDUE.value


@dataclass(frozen=True)
class Reason:
    """One reason and how many late tasks have it; `waits` for somebody other than the unit."""

    code: str
    words: str  # a message id
    count: int
    waits: bool


def draw_reasons(reasons: Sequence[Reason], language: str, address: Callable[[str], str]) -> Chart:
    """Return the reasons in the order given, those of no task in the table alone; `address` leads from a reason's code
    to its tasks.
    """
    write = Words(language)
    names = [first_up(translate(one.words, language)) for one in reasons]
    late = sum(one.count for one in reasons)
    waiting = sum(one.count for one in reasons if one.waits)
    key: Mapping[str, str] = {
        _WAITS: translate(_("Waiting for somebody else: {count}"), language, count=write.count(waiting)),
        _LATE: translate(_("In the unit's hands: {count}"), language, count=write.count(late - waiting)),
    }

    def parts(one: Reason, name: str) -> tuple[Part, ...]:
        place = _WAITS if one.waits else _LATE
        tip = f"{name}: {write.count(one.count)}"
        return (Part(place, one.count, tip, address(one.code)),)

    given = [(one, name) for one, name in zip(reasons, names, strict=True) if one.count]
    rows = [Row(name, parts(one, name), write.count(one.count)) for one, name in given]

    def spec(width: int) -> Spec:
        return stacked_bars(rows, key, least=_LEAST, width=width)

    return Chart(
        name="reasons",
        title=first_up(translate(_("reasons for delay"), language)),
        finding=_finding(reasons, names, late, language),
        description="; ".join(f"{name}: {write.count(one.count)}" for one, name in given),
        notes=(translate(_("As of now. A task has one reason: the first of these that holds."), language),),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=Table(
            heads=tuple(first_up(translate(head, language)) for head in (_("reason"), FIGURE_WORDS[_LATE])),
            rows=tuple(
                (name, cell(write.count(one.count), address(one.code) if one.count else ""))
                for one, name in zip(reasons, names, strict=True)
            ),
        ),
    )


def _finding(reasons: Sequence[Reason], names: Sequence[str], late: int, language: str) -> str:
    one, name = max(zip(reasons, names, strict=True), key=lambda pair: pair[0].count)
    return translate(
        _n("Most often: {reason} ({most} of {count} late task)", "Most often: {reason} ({most} of {count} late tasks)"),
        language,
        reason=name[:1].lower() + name[1:],
        most=Words(language).count(one.count),
        count=Words(language).count(late),
    )
