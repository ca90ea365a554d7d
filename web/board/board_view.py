"""How a board's states look: a class for colour and sign, and words, so that nothing hangs on colour alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from models.i18n import _, translate
from models.organization.unit import UnitKind
from notifications.composing.wording import Words, first_up
from web.board.board_query import BoardQuery
from web.request.word_filters import TAG_WORDS, duty_name, period_words
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.board_cells import WAITING, WITHDRAWN, Judged, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Board, Cell, Row, Sort
from workflows.worklists.board.board_counts import Counts
from workflows.worklists.board.board_rows import REQUESTS, period_of

PLACE_SHORT = {
    Bucket.DONE_ON_TIME: _("Done, on time"),
    Bucket.DONE_LATE: _("Done, late"),
    Bucket.OPEN_IN_TIME: _("On schedule"),
    Bucket.OPEN_OVERDUE: _("Overdue"),
}
SORT_WORDS = {
    Sort.NAME: _("by name"),
    Sort.OVERDUE: _("most overdue tasks first"),
    Sort.OPEN: _("most tasks not done first"),
}
_WITHDRAWN = _("Withdrawn")
_NOTHING = Markup('<td class="none"></td>')


@dataclass(frozen=True)
class Look:
    """A state as it is shown, as HTML in the reader's language: its class, its words with its date, its marks.

    `day` is the date by itself, "" without one.
    """

    css: Markup
    words: Markup
    marks: Markup
    day: str


@dataclass(frozen=True)
class Counted:
    """One entry of the legend, which is also the counts and the quickest filter."""

    state: str
    css: str
    words: str
    count: int


class Looks:
    """Each distinct state put into words once; a board shows thousands of cells."""

    def __init__(self, language: str) -> None:
        self._language, self._write = language, Words(language)
        self._known: dict[Judged, Look] = {}

    def of(self, cell: Cell) -> Look:
        known = self._known.get(cell.judged)
        if known is None:
            known = self._known[cell.judged] = self.look(cell.judged)
        return known

    def cells(self, row: Row, names: Sequence[Markup], here: str, may_choose: bool) -> Markup:
        """Return the cells of a row, under the names of their columns; `here` is the board's address.

        Put together here, as a template would look at each of thousands of values anew whether it is escaped.
        """
        cells = [self._cell(cell, name, row, here, may_choose) for cell, name in zip(row.cells, names, strict=True)]
        return Markup("\n".join(cells))

    def _cell(self, cell: Cell | None, name: Markup, row: Row, here: str, may_choose: bool) -> str:
        if cell is None:
            return _NOTHING
        look = self.of(cell)
        more = look.marks
        if cell.is_drill:
            more += Markup("<em>{}</em>").format(translate(_("DRILL"), self._language))
        if cell.children[0]:
            count, done = cell.children
            below = translate(_("handed down: {done} of {count} done"), self._language, done=done, count=count)
            more += Markup("<small>{}</small>").format(below)
        if cell.others:
            others = translate(_("and {count} more"), self._language, count=cell.others)
            more += Markup('<small><a href="{}/units/{}">{}</a></small>').format(here, row.unit.code, others)
        task = f'<a href="/tasks/{cell.task_id}">{look.words}</a>'
        box = self._box(cell, name, row) if may_choose else ""
        return f'<td class="{look.css}" data-name="{name}">{box}{task}{more}</td>'

    def _box(self, cell: Cell, name: Markup, row: Row) -> Markup:
        label = translate(_("{duty} of {unit}"), self._language, duty=name.unescape(), unit=row.unit.name)
        box = Markup('<input type="checkbox" form="bulk" name="t" value="{}" aria-label="{}">')
        return box.format(cell.task_id.hex[-12:], label)

    def look(self, judged: Judged) -> Look:
        """Return a state in words."""
        if judged.bucket is None:
            return Look(escape(WITHDRAWN), escape(translate(_WITHDRAWN, self._language)), Markup(), "")
        words = escape(translate(PLACE_SHORT[judged.bucket], self._language))
        day = self._write.day(judged.due_on) if judged.due_on else ""
        if day:
            words = Markup("{} <span>{}</span>").format(words, day)
        marks = (Markup("<em>{}</em>").format(translate(mark.label, self._language)) for mark in judged.marks)
        return Look(escape(judged.bucket.value), words, Markup().join(marks), day)


def legend(counts: Counts, chosen: str) -> list[Counted]:
    """Return the four places with their numbers, then the marks and what was withdrawn, where there are any.

    `chosen` stays in sight though nothing is in it any more.
    """
    figures = counts.figures
    places = [
        Counted(one.value, one.value, FIGURE_WORDS[one.value], getattr(figures, one.value))
        for one in (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_IN_TIME, Bucket.OPEN_OVERDUE)
    ]
    marks = [Counted(one.value, f"mark-{one.value}", one.label, counts.marks.get(one, 0)) for one in Mark]
    others = [*marks, Counted(WITHDRAWN, WITHDRAWN, _("withdrawn"), counts.withdrawn)]
    shown = places + [one for one in others if one.count or one.state == chosen]
    waiting = Counted(WAITING, f"mark-{WAITING}", _("waiting for a decision"), counts.waiting)
    return [*shown, waiting] if chosen == WAITING else shown


def period_name(period: str, incidents: Mapping[str, tuple[str, bool]], language: str) -> str:
    """Return a period in words: once, a reporting period, on request, an incident by its title."""
    if period in incidents:
        title, is_drill = incidents[period]
        return f"{translate(_('DRILL'), language)}: {title}" if is_drill else title
    if period_of(period) == REQUESTS:
        return translate(_("on request"), language)
    found = period_words(period)
    return translate(found[0], language, **found[1]) if found else translate(_("once only"), language)


def open_drills(board: Board) -> Sequence[tuple[str, str]]:
    """Drills whose tasks are on the board, by occurrence and title."""
    drills: Iterable[tuple[str, tuple[str, bool]]] = board.choices.incidents.items()
    return [(period, title) for period, (title, is_drill) in drills if is_drill and period in board.choices.periods]


def board_words(board: Board, asked: BoardQuery, language: str) -> dict[str, Any]:
    """Return everything on the page that is words, in the reader's language."""

    def called(words: Mapping[Any, str], one: Any) -> tuple[str, str]:
        return one, first_up(translate(words.get(one, str(one)), language))

    names = [escape(duty_name(column.path, language)) for column in board.columns]  # once, for every row has them
    return {
        "looks": Looks(language),
        "legend": legend(board.counts, asked.wanted.state),
        "duty_name": duty_name,
        "duty_names": names,
        "without_tasks": "; ".join(duty_name(path, language) for path, _title in board.choices.without_tasks),
        "periods": [
            (one, first_up(period_name(one, board.choices.incidents, language))) for one in board.choices.periods
        ],
        "kinds": [called(UnitKind.labels(), one) for one in board.choices.kinds],
        "tags": [called(TAG_WORDS, one) for one in board.choices.tags],
        "sorts": [called(SORT_WORDS, one) for one in Sort],
        "drills": open_drills(board),
    }
