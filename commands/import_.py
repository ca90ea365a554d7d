"""`dondoc import`: the first reading of a document, printed and not stored."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text
from sqlalchemy.exc import DatabaseError

from commands.context import CommandContext, as_told, check_ready, command
from commands.options import AsPersonOrNobody, Now, read_now
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, _n
from models.organization.register_reads import resolve_person, resolve_unit
from models.text.localtime import local_date, write_date
from workflows.access.rights import read_place
from workflows.intake.files import read_file
from workflows.intake.read import read
from workflows.intake.review.first_guess import unread_times
from workflows.intake.review.match import HOW_WORDS, Matched, Matcher, load_matcher
from workflows.intake.review.store_reading import proposed_duties, store_reading
from workflows.intake.text.gold import gold_json
from workflows.intake.text.reading import Deadline, Duty, Finding, Reading, Reason
from workflows.rules.rights_table import Right

_LISTS = {
    "addressees": _("addressees"),
    "lead": _("lead (chủ trì)"),
    "coordinating": _("coordinating"),
    "reports_to": _("reports to"),
    "supervisor": _("supervised by"),
    "conditional": _("only if"),
}
_NAMES = ("addressees", "lead", "coordinating")
_SHORT = 90


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "import", example="dondoc import directive.txt", ready=False)(import_)


def import_(
    desk: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document.")],
    save: Annotated[bool, typer.Option("--save", help="Keep it, to be reviewed at /intake; needs --as.")] = False,
    person: AsPersonOrNobody = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Which unit follows it up.")] = None,
    now: Now = None,
) -> None:
    """Read a document's fields and duties, each with where it stands and how sure it is; --save keeps it for review."""
    if not file.is_file():
        raise NotFound("{file}: no such file", file=str(file))
    text = read_file(file.name, file.read_bytes())
    if save:
        _save(desk, file.name, text, person, unit, read_now(now))
        return
    reading = read(text)
    desk.show(gold_json(reading), *([] if desk.as_json else _rendered(desk, reading)))


def _save(desk: CommandContext, name: str, text: str, person: str | None, unit: str | None, now: datetime) -> None:
    check_ready(desk)
    if person is None:
        raise BadInput("--as: say who keeps it, such as --as le.thi.c")
    with desk.transaction() as session:
        actor = resolve_person(session, person)
        place = read_place(session, actor, local_date(now))
        place.require(Right.LAUNCH)
        mine = list(place.speaks_for)
        follows = resolve_unit(session, unit).id if unit else mine[0] if len(mine) == 1 else None
        if follows is None or follows not in mine:
            raise BadInput(
                "--unit {unit}: give the code of a unit that {person} speaks for", unit=unit or "–", person=person
            )
        intake = store_reading(session, text, filename=name, unit_id=follows, person_id=actor.id, now=now)
        count, page = len(proposed_duties(session, intake)), f"/intake/{intake.id.hex}"
    words = desk.words(
        _n("{count} duty read, to be confirmed at {page}", "{count} duties read, to be confirmed at {page}"),
        count=count,
        page=page,
    )
    desk.show({"intake": intake.id, "page": page, "duties": count}, Text(words))


def _rendered(desk: CommandContext, reading: Reading) -> Iterable[RenderableType]:
    heading = reading.heading
    fields = {
        _("number"): heading.number,
        _("issued"): heading.issued,
        _("issuer"): heading.issuer,
        _("subject"): heading.title,
        _("urgency"): heading.urgency,
    }
    rows = [_row(desk, name, one) for name, one in fields.items() if one is not None]
    rows += [_row(desk, _("legal basis"), one) for one in heading.bases]
    rows += [_row(desk, _("addressed to"), one) for one in reading.addressees]
    columns = {"field": _("field"), "value": _("value"), "sure": _("sure"), "why": _("why")}
    yield desk.table(rows, columns)
    matcher, missing = _matcher(desk)
    if missing:
        yield Text(desk.words(_("There is no register, so the names were not looked up: {reason}"), reason=missing))
    for duty in reading.duties:
        yield Text(f"\n{duty.path}  {_shortened(duty.text)}", style="bold")
        yield desk.table(list(_duty_rows(desk, duty, matcher)), columns)
    yield Text(
        desk.words(
            _n("{count} duty read; nothing was stored", "{count} duties read; nothing was stored"),
            count=len(reading.duties),
        )
    )


def _matcher(desk: CommandContext) -> tuple[Matcher | None, str]:
    """Return the register's names where there is a register, else why there is none: reading needs no database."""
    try:
        check_ready(desk)
        with desk.reading() as session:
            return load_matcher(session), ""
    except (DondocError, DatabaseError) as error:
        return None, as_told(error).tell(desk.language)


def _duty_rows(desk: CommandContext, duty: Duty, matcher: Matcher | None) -> Iterable[dict[str, Any]]:
    for name, words in _LISTS.items():
        for one in getattr(duty, name):
            yield _row(desk, words, one)
            if matcher and name in _NAMES:
                yield from _meaning(desk, matcher.of(one.value, leading=name != "coordinating"))
    for unread, _span in unread_times(duty):
        yield {
            "field": desk.words(_("time not read")),
            "value": _shortened(unread),
            "sure": "–",
            "why": desk.words(Reason.UNREAD_TIME.label),
        }
    for deadline in duty.deadlines:
        row = _row(desk, _("deadline"), deadline)
        yield row | {"value": _deadline(deadline)}
        if deadline.doubt is not None:
            yield {"field": "", "value": "", "sure": "", "why": desk.words(deadline.doubt.label)}


def _meaning(desk: CommandContext, found: Matched) -> Iterable[dict[str, Any]]:
    """Yield the rows that say whom a name means in the register, by which rule, and whom the rule leaves out."""
    value = desk.cell(list(found.rules) or [unit.name for unit in found.units]) or "–"
    yield {"field": desk.words(_("its meaning")), "value": value, "sure": "–", "why": desk.words(HOW_WORDS[found.how])}
    if found.left_out:
        left = desk.words(
            _n("{count} unit left out by this rule", "{count} units left out by this rule"), count=len(found.left_out)
        )
        yield {"field": "", "value": desk.cell([unit.name for unit in found.left_out]), "sure": "–", "why": left}
    if found.beyond:
        yield {"field": "", "value": found.beyond, "sure": "–", "why": desk.words(_("no rule looks at these words"))}


def _deadline(deadline: Deadline) -> str:
    told = write_date(deadline.day) if deadline.day else deadline.rule
    return f"{_shortened(deadline.value)} → {told}" if told and told != deadline.value else deadline.value


def _row(desk: CommandContext, name: str, one: Finding) -> dict[str, Any]:
    return {
        "field": desk.words(name),
        "value": _shortened(one.value),
        "sure": f"{one.confidence:.0%}",
        "why": desk.words(one.reason.label),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
