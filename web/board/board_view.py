"""The look of a state on a board: a colour, a sign and words, so that no meaning depends on colour alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from models.i18n import _, translate
from models.organization.unit import UnitKind
from models.words import TAG_WORDS
from notifications.composing.wording import WrittenWords, first_up
from web.board.board_query import BoardQuery
from web.request.word_filters import duty_name, period_name
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.board_cells import SOON, WAITING, WITHDRAWN, CellLook, Judged, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Board, BoardRow, BoardSort, Cell
from workflows.worklists.board.board_rows import Counts
from workflows.worklists.board.bulk_check import TAIL

_BUCKET_WORDS = {
    Bucket.DONE_ON_TIME: _("Done, on time"),
    Bucket.DONE_LATE: _("Done, late"),
    Bucket.OPEN_IN_TIME: _("On schedule"),
    Bucket.OPEN_OVERDUE: _("Overdue"),
}
_SORT_WORDS = {
    BoardSort.NAME: _("by name"),
    BoardSort.OVERDUE: _("most overdue tasks first"),
    BoardSort.OPEN: _("most tasks not done first"),
}
_WITHDRAWN = _("Withdrawn")
_EMPTY_CELL = Markup("<td></td>")
_EMPTY_SIGN = Markup("<i></i>")
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
LONGEST_NAME = 34
"""Characters of a unit's name in a row of the board."""
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
_BUCKET_LOOKS = {
    Bucket.OPEN_OVERDUE: CellLook.LATE,
    Bucket.OPEN_IN_TIME: CellLook.OPEN,
    Bucket.DONE_ON_TIME: CellLook.DONE,
    Bucket.DONE_LATE: CellLook.DONE_LATE,
}
_MARK_LOOKS = {Mark.NOT_ACCEPTED: CellLook.NEW, Mark.RETURNED: CellLook.RETURNED, Mark.UNDATED: CellLook.OPEN}


@dataclass(frozen=True)
class Look:
    """A state in the reader's language."""

    css: Markup
    words: Markup
    marks: Markup
    day: str  # the deadline, or ""
    sentence: str  # words, deadline and marks in one line


@dataclass(frozen=True)
class CountedState:
    """A state in the legend, with the number of its tasks."""

    state: str
    look: CellLook
    words: str
    count: int
    is_part: bool = False  # its tasks are open ones, which another state counts too


class Looks:
    """Translates each distinct state once, as a board shows thousands of cells."""

    def __init__(self, language: str) -> None:
        self._language, self._write = language, WrittenWords(language)
        self._looks: dict[Judged, Look] = {}

    def of(self, cell: Cell) -> Look:
        look = self._looks.get(cell.judged)
        if look is None:
            look = self._looks[cell.judged] = self.look(cell.judged)
        return look

    def cells(self, row: BoardRow, duty_names: Sequence[str], may_choose: bool) -> Markup:
        """Return the cells of a row as HTML.

        A template would check for each of thousands of values whether it is escaped.
        """
        unit = escape(row.unit.name)
        cells = zip(row.cells, duty_names, strict=True)
        return Markup("".join([self._cell(cell, name, unit, row, may_choose) for cell, name in cells]))

    def strip(self, row: BoardRow) -> Markup:
        """Return the signs of a row. Screen readers skip them, and read the counts beside them."""
        looks = (cell.judged.look if cell else None for cell in row.cells)
        return Markup("".join([sign_of(look) if look else _EMPTY_SIGN for look in looks]))

    def _cell(self, cell: Cell | None, duty_name: str, unit: Markup, row: BoardRow, may_choose: bool) -> str:
        if cell is None:
            return _EMPTY_CELL
        box = self._box(cell, duty_name, row) if may_choose else ""
        more = Markup("<sup>+{}</sup>").format(cell.others) if cell.others else ""
        look, state = cell.judged.look, escape("; ".join(self._sentences(cell)))
        title = f"{unit}\n{escape(duty_name)}: {state}"
        return (
            f'<td class="c-{look.value}">{box}<a href="/tasks/{cell.task_id}" title="{title}">'
            f'<i aria-hidden="true">{SIGNS[look]}{more}</i></a></td>'
        )

    def _sentences(self, cell: Cell) -> list[str]:
        sentences = [self.of(cell).sentence]
        if cell.is_drill:
            sentences.append(translate(_("DRILL"), self._language))
        if cell.parts.total:
            words = _("delegated: {done} of {count} done")
            sentences.append(translate(words, self._language, done=cell.parts.done, count=cell.parts.total))
        if cell.others:
            sentences.append(translate(_("and {count} more"), self._language, count=cell.others))
        return sentences

    def _box(self, cell: Cell, duty_name: str, row: BoardRow) -> Markup:
        label = translate(_("{duty} of {unit}"), self._language, duty=duty_name, unit=row.unit.name)
        box = Markup('<input type="checkbox" form="bulk" name="t" value="{}" aria-label="{}">')
        return box.format(cell.task_id.hex[-TAIL:], label)

    def look(self, judged: Judged) -> Look:
        day = self._write.day(judged.due_on) if judged.due_on else ""
        if judged.bucket is None:
            withdrawn = translate(_WITHDRAWN, self._language)
            return Look(escape(WITHDRAWN), escape(withdrawn), Markup(), "", withdrawn)
        place = translate(_BUCKET_WORDS[judged.bucket], self._language)
        words = Markup("{} <span>{}</span>").format(place, day) if day else escape(place)
        mark_names = [translate(mark.label, self._language) for mark in judged.marks]
        marks = Markup().join(Markup("<em>{}</em>").format(name) for name in mark_names)
        return Look(
            css=escape(judged.bucket.value),
            words=words,
            marks=marks,
            day=day,
            sentence=", ".join([f"{place} {day}".strip(), *mark_names]),
        )


@cache
def sign_of(look: CellLook) -> Markup:
    return Markup(f'<i class="c-{look.value}">{SIGNS[look]}</i>')


def legend(counts: Counts, chosen: str) -> list[CountedState]:
    """Return the four official states, then the other states that have tasks.

    The state `chosen` by the filter is listed even without tasks.
    """
    official = [
        CountedState(bucket.value, look, FIGURE_WORDS[bucket.value], getattr(counts.figures, bucket.value))
        for bucket, look in _BUCKET_LOOKS.items()
    ]
    withdrawn = CountedState(WITHDRAWN, CellLook.WITHDRAWN, CellLook.WITHDRAWN.label, counts.withdrawn)
    soon = CountedState(SOON, CellLook.SOON, CellLook.SOON.label, counts.soon, is_part=True)
    marks = [
        CountedState(
            mark.value, _MARK_LOOKS.get(mark, CellLook.WAITING), mark.label, counts.marks.get(mark, 0), is_part=True
        )
        for mark in Mark
    ]
    others = [state for state in (withdrawn, soon, *marks) if state.count or state.state == chosen]
    if chosen == WAITING:
        others.append(CountedState(WAITING, CellLook.WAITING, CellLook.WAITING.label, counts.waiting, is_part=True))
    return official + others


def board_words(board: Board, asked: BoardQuery, language: str) -> dict[str, Any]:
    """Return what the template of the board needs beside the board."""

    def option(words: Mapping[Any, str], value: Any) -> tuple[str, str]:
        return value, first_up(translate(words.get(value, str(value)), language))

    choices = board.choices
    return {
        "looks": Looks(language),
        "legend": legend(board.by_state, asked.state),
        "duty_names": [duty_name(column.path, language) for column in board.columns],
        "short_name": short_name,
        "sign_of": sign_of,
        "looks_of": CellLook,
        "without_tasks": "; ".join(duty_name(path, language) for path, _title in choices.without_tasks),
        "periods": [(period, first_up(period_name(period, choices.incidents, language))) for period in choices.periods],
        "kinds": [option(UnitKind.labels(), kind) for kind in choices.kinds],
        "tags": [option(TAG_WORDS, tag) for tag in choices.tags],
        "sorts": [option(_SORT_WORDS, sort) for sort in BoardSort],
        "drills": [
            (period, title)
            for period, (title, is_drill) in choices.incidents.items()
            if is_drill and period in choices.periods
        ],
    }


def short_name(name: str, code: str) -> str:
    """Return a unit's name with as few abbreviations as needed; its code where the name is still too long."""
    for words, abbreviation in _ABBREVIATIONS:
        if len(name) <= LONGEST_NAME:
            break
        name = name.replace(words, abbreviation)
    return name if len(name) <= LONGEST_NAME else code
