"""How a board's states look: a class for colour and sign, and words, so that nothing hangs on colour alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from models.i18n import _, translate
from models.organization.unit import UnitKind
from notifications.composing.wording import WrittenWords, first_up
from web.board.board_query import BoardQuery
from web.request.word_filters import TAG_WORDS, duty_name, period_name
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.board_cells import SOON, WAITING, WITHDRAWN, CellLook, Judged, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Board, BoardRow, BoardSort, Cell
from workflows.worklists.board.board_rows import Counts

PLACE_SHORT = {
    Bucket.DONE_ON_TIME: _("Done, on time"),
    Bucket.DONE_LATE: _("Done, late"),
    Bucket.OPEN_IN_TIME: _("On schedule"),
    Bucket.OPEN_OVERDUE: _("Overdue"),
}
SORT_WORDS = {
    BoardSort.NAME: _("by name"),
    BoardSort.OVERDUE: _("most overdue tasks first"),
    BoardSort.OPEN: _("most tasks not done first"),
}
_WITHDRAWN = _("Withdrawn")
_NOTHING = Markup("<td></td>")
SIGNS = {
    CellLook.WITHDRAWN: "×",
    CellLook.DONE: "✓",
    CellLook.DONE_LATE: "✓!",
    CellLook.LATE: "!",
    CellLook.RETURNED: "↩",
    CellLook.WAITING: "…",
    CellLook.SOON: "»",
    CellLook.NEW: "?",
    CellLook.OPEN: "○",
}
"""One sign for each look, so that nothing hangs on colour alone."""
MOST_LETTERS = 34
"""Letters of a unit's name in a row of the board."""
_ABBREVIATIONS = (
    ("Tổng công ty", "TCT"),
    ("Công ty cổ phần", "CTCP"),
    ("Công ty liên doanh", "CTLD"),
    ("Công ty TNHH", "CT TNHH"),
    ("Công ty", "CT"),
    ("Trung tâm", "TT"),
    ("thành phố", "TP"),
    ("Công nghệ thông tin", "CNTT"),
    ("Bưu chính, Viễn thông", "BCVT"),
    ("Bưu chính Viễn thông", "BCVT"),
)
_OF_BUCKET = {
    Bucket.OPEN_OVERDUE: CellLook.LATE,
    Bucket.OPEN_IN_TIME: CellLook.OPEN,
    Bucket.DONE_ON_TIME: CellLook.DONE,
    Bucket.DONE_LATE: CellLook.DONE_LATE,
}
_OF_MARK = {Mark.NOT_ACCEPTED: CellLook.NEW, Mark.RETURNED: CellLook.RETURNED, Mark.UNDATED: CellLook.OPEN}


@dataclass(frozen=True)
class Look:
    """A state as it is shown, as HTML in the reader's language: its class, its words with its date, its marks.

    `day` is the date by itself, "" without one; `said` is all of it in one line.
    """

    css: Markup
    words: Markup
    marks: Markup
    day: str
    said: str


@dataclass(frozen=True)
class CountedState:
    state: str
    look: CellLook
    words: str
    count: int
    is_part: bool = False  # of the open tasks, which are counted above already


class Looks:
    """Each distinct state put into words once; a board shows thousands of cells."""

    def __init__(self, language: str) -> None:
        self._language, self._write = language, WrittenWords(language)
        self._known: dict[Judged, Look] = {}

    def of(self, cell: Cell) -> Look:
        known = self._known.get(cell.judged)
        if known is None:
            known = self._known[cell.judged] = self.look(cell.judged)
        return known

    def cells(self, row: BoardRow, names: Sequence[str], may_choose: bool) -> Markup:
        """`names` are those of the columns.

        Put together here, as a template would look at each of thousands of values anew whether it is escaped.
        """
        unit = escape(row.unit.name)
        cells = zip(row.cells, names, strict=True)
        return Markup("".join([self._cell(cell, name, unit, row, may_choose) for cell, name in cells]))

    def strip(self, row: BoardRow) -> Markup:
        """A strip to look at: what it says is counted in words beside it."""
        looks = (cell.judged.look if cell else None for cell in row.cells)
        return Markup("".join([sign_of(look) if look else _BLANK for look in looks]))

    def _cell(self, cell: Cell | None, name: str, unit: Markup, row: BoardRow, may_choose: bool) -> str:
        if cell is None:
            return _NOTHING
        said = [self.of(cell).said]
        said += [translate(_("DRILL"), self._language)] if cell.is_drill else []
        if cell.children[0]:
            count, done = cell.children
            said.append(translate(_("delegated: {done} of {count} done"), self._language, done=done, count=count))
        if cell.others:
            said.append(translate(_("and {count} more"), self._language, count=cell.others))
        box = self._box(cell, name, row) if may_choose else ""
        more = Markup("<sup>+{}</sup>").format(cell.others) if cell.others else ""
        look, title = cell.judged.look, escape("; ".join(said))
        return (
            f'<td class="c-{look.value}">{box}<a href="/tasks/{cell.task_id}" title="{unit}\n{escape(name)}: {title}">'
            f'<i aria-hidden="true">{SIGNS[look]}{more}</i></a></td>'
        )

    def _box(self, cell: Cell, name: str, row: BoardRow) -> Markup:
        label = translate(_("{duty} of {unit}"), self._language, duty=name, unit=row.unit.name)
        box = Markup('<input type="checkbox" form="bulk" name="t" value="{}" aria-label="{}">')
        return box.format(cell.task_id.hex[-12:], label)

    def look(self, judged: Judged) -> Look:
        day = self._write.day(judged.due_on) if judged.due_on else ""
        if judged.bucket is None:
            withdrawn = translate(_WITHDRAWN, self._language)
            return Look(escape(WITHDRAWN), escape(withdrawn), Markup(), "", withdrawn)
        place = translate(PLACE_SHORT[judged.bucket], self._language)
        words = Markup("{} <span>{}</span>").format(place, day) if day else escape(place)
        called = [translate(mark.label, self._language) for mark in judged.marks]
        marks = Markup().join(Markup("<em>{}</em>").format(mark) for mark in called)
        return Look(escape(judged.bucket.value), words, marks, day, ", ".join([f"{place} {day}".strip(), *called]))


_BLANK = Markup("<i></i>")


@cache
def sign_of(look: CellLook) -> Markup:
    return Markup(f'<i class="c-{look.value}">{SIGNS[look]}</i>')


def legend(counts: Counts, chosen: str) -> list[CountedState]:
    """The four places with their numbers, then what of the open ones is to be known, where there is any.

    `chosen` stays in sight though nothing is in it any more.
    """
    figures = counts.figures
    places = [
        CountedState(one.value, look, FIGURE_WORDS[one.value], getattr(figures, one.value))
        for one, look in _OF_BUCKET.items()
    ]
    soon = CountedState(SOON, CellLook.SOON, CellLook.SOON.label, counts.soon, is_part=True)
    marks = [
        CountedState(one.value, _OF_MARK.get(one, CellLook.WAITING), one.label, counts.marks.get(one, 0), is_part=True)
        for one in Mark
    ]
    withdrawn = CountedState(WITHDRAWN, CellLook.WITHDRAWN, CellLook.WITHDRAWN.label, counts.withdrawn)
    shown = places + [one for one in (withdrawn, soon, *marks) if one.count or one.state == chosen]
    waiting = CountedState(WAITING, CellLook.WAITING, CellLook.WAITING.label, counts.waiting, is_part=True)
    return [*shown, waiting] if chosen == WAITING else shown


def open_drills(board: Board) -> Sequence[tuple[str, str]]:
    drills: Iterable[tuple[str, tuple[str, bool]]] = board.choices.incidents.items()
    return [(period, title) for period, (title, is_drill) in drills if is_drill and period in board.choices.periods]


def board_words(board: Board, asked: BoardQuery, language: str) -> dict[str, Any]:
    def called(words: Mapping[Any, str], one: Any) -> tuple[str, str]:
        return one, first_up(translate(words.get(one, str(one)), language))

    names = [duty_name(column.path, language) for column in board.columns]  # once, for every row has them
    return {
        "looks": Looks(language),
        "legend": legend(board.by_state, asked.state),
        "duty_names": names,
        "short_name": short_name,
        "sign_of": sign_of,
        "looks_of": CellLook,
        "without_tasks": "; ".join(duty_name(path, language) for path, _title in board.choices.without_tasks),
        "periods": [
            (one, first_up(period_name(one, board.choices.incidents, language))) for one in board.choices.periods
        ],
        "kinds": [called(UnitKind.labels(), one) for one in board.choices.kinds],
        "tags": [called(TAG_WORDS, one) for one in board.choices.tags],
        "sorts": [called(SORT_WORDS, one) for one in BoardSort],
        "drills": open_drills(board),
    }


def short_name(name: str, code: str) -> str:
    """At most MOST_LETTERS letters, shortened no more than it must be; else the code."""
    for words, abbreviation in _ABBREVIATIONS:
        if len(name) <= MOST_LETTERS:
            break
        name = name.replace(words, abbreviation)
    return name if len(name) <= MOST_LETTERS else code
