"""What a compiled report says of its own collection: whose reports it rests on, who was late, who sent none.

Units are named in their order in the register, by how they stand: this is no ranking.
"""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, select

from models.i18n import _, _n
from models.papers.report_schedule import Came, CompiledReport
from workflows.papers.paper import item_line
from workflows.papers.paper_wording import Writer

NAMED = {
    Came.LATE: _("sent late"),
    Came.RETURNED: _("returned, to be completed"),
    Came.MISSING: _("not sent"),
    Came.NOT_DUE: _("not yet due"),
}
"""The units that are named, by how their reports stand; the others have done what they had to."""


def collected_words(session: Session, report_id: Any, language: str) -> str:
    """Return the opening of the general part of a report that was compiled by schedule; empty for every other one."""
    found = session.exec(select(CompiledReport).where(CompiledReport.report_id == report_id)).first()
    return "\n".join(opening(found, Writer(language))) if found else ""


def opening(compiled: CompiledReport, writer: Writer) -> Iterator[str]:
    count = tally(compiled.units)
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
        **{one.value: writer.count(count[one]) for one in Came},
    )
    if compiled.is_estimate:
        yield writer.say(
            _("This report is due before its data ends on {last}: what comes after {cutoff} is an estimate."),
            last=writer.day(compiled.data_to),
            cutoff=writer.day(compiled.cutoff),
        )
    for came, words in NAMED.items():
        units = [one["name"] for one in compiled.units if one["came"] == came]
        if units:
            told = {"what": writer.up(words), "count": writer.count(len(units)), "units": "; ".join(units)}
            yield item_line(writer.say(_("{what} ({count}): {units}"), **told))


def tally(units: list[dict[str, Any]]) -> dict[Came, int]:
    return {came: sum(one["came"] == came for one in units) for came in Came}
