"""Set the figures of a report in tables. `report_figures.py` counts them; nothing is counted here."""

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
    """Return the columns of a breakdown; `first` is the title of the name's column.

    Figures go by the current dates. The last two columns show lateness by the original dates.
    """
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
    totals: Report,
    names: Sequence[str] | None = None,
) -> Table:
    """Return a table with a row for each line, and the report's own total beneath. `names` replace the lines' names."""
    rows = [
        _row(n, names[n - 1] if names else line.name, line.figures, line.on_original) for n, line in enumerate(lines, 1)
    ]
    rows.append(_row(None, writer.up(_("all of it")), totals.figures, totals.on_original))
    return Table(caption, columns(writer, first), tuple(rows), strong=(len(rows) - 1,))


def whole_table(writer: Writer, caption: str, totals: Report) -> Table:
    """Return the official classification by the current and the original dates, with the formula beneath."""
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
                totals.figures.total,
                *_counts(totals.figures),
                *_rates(totals.figures),
            ),
            (
                writer.up(_("by the original deadlines")),
                totals.on_original.total,
                *_counts(totals.on_original)[:-1],
                None,  # without a date is counted by the current ones alone
                *_rates(totals.on_original),
            ),
        ),
        note=f"{writer.up(FORMULA)}.",
    )


def unit_kind_table(session: Session, writer: Writer, caption: str, totals: Report) -> Table:
    """Return the figures by the kind of the lead unit: sums of the report's lines."""
    kinds = {code: kind for code, kind in session.execute(select(col(Unit.code), col(Unit.kind)))}
    order = list(UnitKind)
    by_kind: dict[UnitKind, list[ReportLine]] = {}
    for line in totals.by_unit:
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
    return lines_table(writer, caption, writer.up(_("kind of unit")), lines, totals)


def figures_of(totals: Report) -> dict[str, int | str | None]:
    """Return the figures by name, so that papers of one cut-off can be compared."""
    rate, of_all = _rates(totals.figures)
    return {
        "total": totals.figures.total,
        **{name: getattr(totals.figures, name) for name in _COUNTED},
        **{f"original_{name}": getattr(totals.on_original, name) for name in _COUNTED[:-1]},
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
    rates = (figures.completion.rate, figures.completion.of_all)
    return tuple(None if rate is None else str(rate) for rate in rates)


def _sum(parts: Iterable[Figures]) -> Figures:
    all_parts = list(parts)
    return Figures(**{name: sum(getattr(part, name) for part in all_parts) for name in _COUNTED})
