"""Say in a compiled report which units had sent their reports, late, incomplete or not at all.

Units stand in the register's order within each group: this is no ranking.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from models.i18n import _, _n
from models.papers.report_schedule import Came, CompiledReport
from workflows.papers.paper import item_line
from workflows.papers.paper_wording import Writer

_NAMED_GROUPS = {
    Came.LATE: _("sent late"),
    Came.RETURNED: _("returned, to be completed"),
    Came.MISSING: _("not sent"),
    Came.NOT_DUE: _("not yet due"),
}
"""The groups whose units are named: they have something still to do, or were late."""


def say_collection(session: Session, report_id: UUID, language: str) -> str:
    """Return the opening of the general part of a scheduled report, "" for any other report."""
    compiled = session.exec(select(CompiledReport).where(CompiledReport.report_id == report_id)).first()
    return "\n".join(collection_lines(compiled, Writer(language))) if compiled else ""


def collection_lines(compiled: CompiledReport, writer: Writer) -> Iterator[str]:
    counts = count_by_state(compiled.units)
    yield writer.say(
        _n(
            "Reporting period: {period}; data from {first} to {last}, figures as of {cutoff}. "
            "{count} unit had to send its report: on time {on_time}, late {late}, returned "
            "{returned}, not sent {missing}.",
            "Reporting period: {period}; data from {first} to {last}, figures as of {cutoff}. "
            "{count} units had to send their reports: on time {on_time}, late {late}, returned "
            "{returned}, not sent {missing}.",
        ),
        period=writer.period(compiled.period),
        first=writer.day(compiled.data_from),
        last=writer.day(compiled.data_to),
        cutoff=writer.day(compiled.cutoff),
        count=writer.count(len(compiled.units)),
        **{state.value: writer.count(count) for state, count in counts.items()},
    )
    if compiled.is_estimate:
        yield writer.say(
            _("This report is due before its data ends on {last}: what comes after {cutoff} is an estimate."),
            last=writer.day(compiled.data_to),
            cutoff=writer.day(compiled.cutoff),
        )
    for state, words in _NAMED_GROUPS.items():
        names = [unit["name"] for unit in compiled.units if unit["came"] == state]
        if names:
            group = writer.say(
                _("{what} ({count}): {units}"),
                what=writer.up(words),
                count=writer.count(len(names)),
                units="; ".join(names),
            )
            yield item_line(group)


def count_by_state(units: list[dict[str, Any]]) -> dict[Came, int]:
    return {state: sum(unit["came"] == state for unit in units) for state in Came}
