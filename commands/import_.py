"""`dondoc import`: the first reading of a document, printed and not stored."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from commands.context import Desk, command
from models.errors import NotFound
from models.i18n import _
from models.localtime import write_date
from workflows.intake.files import read_file
from workflows.intake.gold import gold_json
from workflows.intake.read import read
from workflows.intake.reading import REASON_WORDS, Deadline, Duty, Finding, Reading

_LISTS = {
    "addressees": _("addressees"),
    "lead": _("lead (chủ trì)"),
    "coordinating": _("coordinating"),
    "reports_to": _("reports to"),
    "supervisor": _("supervised by"),
    "conditional": _("only if"),
}
_SHORT = 90


def register(app: typer.Typer) -> None:
    """Adds the command."""
    command(app, "import", example="dondoc import directive.txt", ready=False)(import_)


def import_(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document.")],
) -> None:
    """Read a document's fields and duties, each with where it stands and how sure it is; nothing is stored."""
    if not file.is_file():
        raise NotFound("{file}: no such file", file=str(file))
    reading = read(read_file(file.name, file.read_bytes()))
    desk.show(gold_json(reading), *_rendered(desk, reading))


def _rendered(desk: Desk, reading: Reading) -> Iterable[RenderableType]:
    heading = reading.heading
    fields = {
        _("number"): heading.number, _("issued"): heading.issued, _("issuer"): heading.issuer,
        _("subject"): heading.title, _("urgency"): heading.urgency,
    }  # fmt: skip
    rows = [_row(desk, name, one) for name, one in fields.items() if one is not None]
    rows += [_row(desk, _("legal basis"), one) for one in heading.bases]
    rows += [_row(desk, _("addressed to"), one) for one in reading.addressees]
    columns = {"field": _("field"), "value": _("value"), "sure": _("sure"), "why": _("why")}
    yield desk.table(rows, columns)
    for duty in reading.duties:
        yield Text(f"\n{duty.path}  {_shortened(duty.text)}", style="bold")
        yield desk.table(list(_duty_rows(desk, duty)), columns)
    yield Text(desk.words(_("{count} duties read; nothing was stored"), count=len(reading.duties)))


def _duty_rows(desk: Desk, duty: Duty) -> Iterable[dict[str, Any]]:
    for name, words in _LISTS.items():
        for one in getattr(duty, name):
            yield _row(desk, words, one)
    for deadline in duty.deadlines:
        row = _row(desk, _("deadline"), deadline)
        yield row | {"value": _deadline(deadline)}
        if deadline.doubt is not None:
            yield {"field": "", "value": "", "sure": "", "why": desk.words(REASON_WORDS[deadline.doubt])}


def _deadline(deadline: Deadline) -> str:
    told = write_date(deadline.day) if deadline.day else deadline.rule
    return f"{_shortened(deadline.value)} → {told}" if told and told != deadline.value else deadline.value


def _row(desk: Desk, name: str, one: Finding) -> dict[str, Any]:
    return {
        "field": desk.words(name),
        "value": _shortened(one.value),
        "sure": f"{one.confidence:.0%}",
        "why": desk.words(REASON_WORDS[one.reason]),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
