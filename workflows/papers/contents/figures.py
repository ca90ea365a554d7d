"""The tables of figures: the official two by two, always those of `report_figures.py`, never counted here."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from models.i18n import _
from models.organization.unit import Unit, UnitKind
from notifications.composing.wording import first_up
from workflows.papers.paper import Cell, PaperColumn, Table
from workflows.papers.paper_wording import Writer
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, Report, ReportLine
from workflows.rules.tasks.classification import Figures

_COUNTED = ("done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")


def columns(writer: Writer, first: str) -> tuple[PaperColumn, ...]:
    """Return a row's name and its figures: by the current dates, and how late it is by the original ones."""
    done, not_done = writer.up(_("done")), writer.up(_("not done"))
    original = writer.up(_("by the original deadlines"))
    on_time, late = writer.up(_("on time")), writer.up(_("late"))
    in_time, overdue = writer.up(_("on schedule")), writer.up(_("overdue"))
    return (
        PaperColumn(writer.say(_("No.")), "number", 0.75),
        PaperColumn(first, "text", 3.1),
        PaperColumn(writer.up(FIGURE_WORDS["total"]), "number", 0.9),
        PaperColumn(on_time, "number", 0.95, done),
        PaperColumn(late, "number", 0.9, done),
        PaperColumn(in_time, "number", 0.95, not_done),
        PaperColumn(overdue, "number", 0.9, not_done),
        PaperColumn(writer.up(FIGURE_WORDS["no_deadline"]), "number", 1.05),
        *_rate_columns(writer),
        PaperColumn(writer.up(FIGURE_WORDS["done_late"]), "number", 1.1, original),
        PaperColumn(writer.up(FIGURE_WORDS["open_overdue"]), "number", 1.1, original),
    )


def lines_table(
    writer: Writer,
    caption: str,
    first: str,
    lines: Iterable[ReportLine],
    whole: Report,
    names: Sequence[str] | None = None,
) -> Table:
    """Return a row for each line and the sum of all, which is the report's own."""
    rows = [
        _row(n, names[n - 1] if names else line.name, line.figures, line.on_original) for n, line in enumerate(lines, 1)
    ]
    rows.append(_row(None, writer.up(_("all of it")), whole.figures, whole.on_original))
    return Table(caption, columns(writer, first), tuple(rows), strong=(len(rows) - 1,))


def whole_table(writer: Writer, caption: str, whole: Report) -> Table:
    """Return the two by two by the current and by the original dates, with the formula beneath."""
    done, not_done = writer.up(_("done")), writer.up(_("not done"))
    return Table(
        caption,
        (
            PaperColumn(writer.up(_("dates")), "text", 2.6),
            PaperColumn(writer.up(FIGURE_WORDS["total"]), "number"),
            PaperColumn(writer.up(_("on time")), "number", group=done),
            PaperColumn(writer.up(_("late")), "number", group=done),
            PaperColumn(writer.up(_("on schedule")), "number", group=not_done),
            PaperColumn(writer.up(_("overdue")), "number", group=not_done),
            PaperColumn(writer.up(FIGURE_WORDS["no_deadline"]), "number", 1.2),
            *_rate_columns(writer),
        ),
        (
            (
                writer.up(_("by the current deadlines")),
                whole.figures.total,
                *_counts(whole.figures),
                *_rates(whole.figures),
            ),
            (
                writer.up(_("by the original deadlines")),
                whole.on_original.total,
                *_counts(whole.on_original)[:-1],
                None,  # without a date is counted by the current ones alone
                *_rates(whole.on_original),
            ),
        ),
        note=f"{writer.up(FORMULA)}.",
    )


def unit_kind_table(session: Session, writer: Writer, caption: str, whole: Report) -> Table:
    """Return the table by the kind of the lead unit: sums of the report's own lines."""
    kinds = {code: kind for code, kind in session.execute(select(col(Unit.code), col(Unit.kind)))}
    order = list(UnitKind)
    by_kind: dict[UnitKind, list[ReportLine]] = {}
    for line in whole.by_unit:
        by_kind.setdefault(kinds[line.code], []).append(line)
    lines = [
        ReportLine(
            "",
            kind.value,
            first_up(writer.say(kind.label)),
            _sum(line.figures for line in found),
            _sum(line.on_original for line in found),
        )
        for kind, found in sorted(by_kind.items(), key=lambda item: order.index(item[0]))
    ]
    return lines_table(writer, caption, writer.up(_("kind of unit")), lines, whole)


def figures_of(whole: Report) -> dict[str, int | str | None]:
    """Return the figures flat, for whoever compares papers of one cut-off."""
    rate, of_all = _rates(whole.figures)
    return {
        "total": whole.figures.total,
        **{name: getattr(whole.figures, name) for name in _COUNTED},
        **{f"original_{name}": getattr(whole.on_original, name) for name in _COUNTED[:-1]},
        "rate": rate,
        "of_all": of_all,
    }


def _row(number: int | None, name: str, figures: Figures, original: Figures) -> tuple[Cell, ...]:
    late = (original.done_late, original.open_overdue)
    return (number, name, figures.total, *_counts(figures), *_rates(figures), *late)


def _counts(figures: Figures) -> tuple[int, ...]:
    return tuple(getattr(figures, name) for name in _COUNTED)


def _rate_columns(writer: Writer) -> tuple[PaperColumn, ...]:
    group = writer.up(_("completion rate"))
    return (
        PaperColumn(writer.up(_("of tasks done or overdue")), "rate", 1.65, group),
        PaperColumn(writer.up(_("of all tasks")), "rate", 1.6, group),
    )


def _rates(figures: Figures) -> tuple[str | None, ...]:
    found = (figures.completion.rate, figures.completion.of_all)
    return tuple(None if one is None else str(one) for one in found)


def _sum(parts: Iterable[Figures]) -> Figures:
    found = list(parts)
    return Figures(**{name: sum(getattr(part, name) for part in found) for name in _COUNTED})
