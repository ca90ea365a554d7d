"""`dondoc import`: the first reading of a document, printed and not stored."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text
from sqlalchemy.exc import DatabaseError

from commands.context import CommandContext, as_told, check_ready, command, front
from commands.import_message import Keeping, import_message, read_words
from commands.options import AsPersonOrNobody, Now, read_now
from models.directives.intake import FileRole
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, _n
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date, write_date
from workflows.access.rights import read_principal
from workflows.intake.edxml.message import is_message
from workflows.intake.edxml.who_takes import unit_for
from workflows.intake.files import Scanned, open_file, read_scanned
from workflows.intake.files.scans.read_scan import Scan
from workflows.intake.read import read
from workflows.intake.review.first_guess import unread_times
from workflows.intake.review.match import HOW_WORDS, Matched, Matcher, load_matcher
from workflows.intake.review.store_reading import held_in, held_in_head, proposed_duties, store_reading
from workflows.intake.review.unclear import less_sure, lines_at, scan_facts, unclear_at, unclear_words
from workflows.intake.source_files import keep_source, searchable_name
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
_HELD_WORDS = _LISTS | {
    "number": _("number"),
    "issued_on": _("issued"),
    "issuer": _("issuer"),
    "deadlines": _("deadline"),
    "unclear": _("unclear number"),
}
_SHORT = 90


@command(front, "import", example="dondoc import directive.txt", ready=False)
def import_(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The document.")],
    save: Annotated[bool, typer.Option("--save", help="Keep it, to be reviewed at /intake; needs --as.")] = False,
    person: AsPersonOrNobody = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Which unit follows it up.")] = None,
    now: Now = None,
) -> None:
    """Read a document's fields and duties, each with where it stands and how sure it is; --save keeps it for review."""
    if not file.is_file():
        raise NotFound("{file}: no such file", file=str(file))
    content = file.read_bytes()
    if is_message(file.name, content):
        keeping = Keeping(save, person, unit, read_now(now))
        import_message(context, file.name, content, keeping, _rendered_whole, _progress(context))
        return
    found = open_file(file.name, content)
    scan = read_scanned(file.name, content, found, _progress(context)) if isinstance(found, Scanned) else None
    text = scan.text if scan else str(found)
    if save:
        _save(context, file.name, content, text, scan, person, unit, read_now(now))
        return
    facts = scan_facts(scan) if scan else None
    reading = less_sure(read(text), unclear_words(facts))
    context.show(gold_json(reading), *([] if context.as_json else _rendered_whole(context, reading, text, facts)))


def _rendered_whole(
    context: CommandContext, reading: Reading, text: str, facts: dict[str, Any] | None
) -> Iterable[RenderableType]:
    yield from _rendered(context, reading)
    yield from _doubts(context, reading, text, facts)


def _progress(context: CommandContext) -> Callable[[int, int], None]:
    """Return what says on stderr how many pages of a scan are read, and how long a page takes."""
    began = monotonic()

    def tell(done: int, total: int) -> None:
        if done:
            seconds = _one_decimal(context, (monotonic() - began) / done)
            words = context.words(
                _("page {done} of {total} read, {seconds} seconds a page"), done=done, total=total, seconds=seconds
            )
            typer.echo(words, err=True)

    return tell


def _one_decimal(context: CommandContext, number: float) -> str:
    return f"{number:.1f}".replace(".", "," if context.language == "vi" else ".")


def _doubts(
    context: CommandContext, reading: Reading, text: str, facts: dict[str, Any] | None
) -> Iterable[RenderableType]:
    """Yield what must be compared with the pictures of a scan before it is taken."""
    words = unclear_words(facts)
    rows = [_doubt(context, "–", one, text, facts) for one in held_in_head(reading, text, words)]
    rows += [
        _doubt(context, duty.path, one, text, facts) for duty in reading.duties for one in held_in(duty, text, words)
    ]
    if not words:
        return
    repaired = sum(bool(word.was) for word in words)
    yield Text(
        "\n"
        + context.words(
            _("doubtful words: {count}, of them repaired: {repaired}; compare these with the scan:"),
            count=len(words),
            repaired=repaired,
        )
    )
    columns = {"duty": _("duty"), "field": _("field"), "value": _("value"), "words": _("doubtful"), "page": _("page")}
    yield context.table(list({tuple(row.items()): row for row in rows}.values()), columns)


def _doubt(
    context: CommandContext, path: str, one: dict[str, Any], text: str, facts: dict[str, Any] | None
) -> dict[str, Any]:
    touched = unclear_at(unclear_words(facts), one["begins"], one["ends"])
    said = [text[word.begins : word.ends] + (f" ← {word.was}" if word.was else "") for word in touched]
    there = lines_at(facts, one["begins"], one["ends"])
    return {
        "duty": path,
        "field": context.words(_HELD_WORDS[one["field"]]),
        "value": _shortened(one["value"]),
        "words": ", ".join(said),
        "page": str(there[0] + 1) if there else "–",
    }


def _save(
    context: CommandContext,
    name: str,
    content: bytes,
    text: str,
    scan: Scan | None,
    person: str | None,
    unit: str | None,
    now: datetime,
) -> None:
    check_ready(context)
    if person is None:
        raise BadInput("--as: say who keeps it, such as --as le.thi.c")
    with context.transaction() as session:
        actor = resolve_person(session, person)
        principal = read_principal(session, actor, local_date(now))
        principal.require(Right.LAUNCH)
        follows = unit_for(session, principal, unit)
        facts = scan_facts(scan) if scan else None
        intake = store_reading(session, text, filename=name, unit_id=follows, person_id=actor.id, now=now, scan=facts)
        keep_source(session, context.settings.evidence, intake, name, content)
        if scan is not None:
            folder, called = context.settings.evidence, searchable_name(name)
            keep_source(session, folder, intake, called, scan.searchable, FileRole.SEARCHABLE)
        count, page = len(proposed_duties(session, intake)), f"/intake/{intake.id.hex}"
    context.show({"intake": intake.id, "page": page, "duties": count}, Text(read_words(context, count, page)))


def _rendered(context: CommandContext, reading: Reading) -> Iterable[RenderableType]:
    heading = reading.heading
    fields = {
        _("number"): heading.number,
        _("issued"): heading.issued,
        _("issuer"): heading.issuer,
        _("subject"): heading.title,
        _("urgency"): heading.urgency,
    }
    rows = [_row(context, name, one) for name, one in fields.items() if one is not None]
    rows += [_row(context, _("legal basis"), one) for one in heading.bases]
    rows += [_row(context, _("addressed to"), one) for one in reading.addressees]
    columns = {"field": _("field"), "value": _("value"), "sure": _("sure"), "why": _("why")}
    yield context.table(rows, columns)
    matcher, missing = _matcher(context)
    if missing:
        yield Text(context.words(_("There is no register, so the names were not looked up: {reason}"), reason=missing))
    for duty in reading.duties:
        yield Text(f"\n{duty.path}  {_shortened(duty.text)}", style="bold")
        yield context.table(list(_duty_rows(context, duty, matcher)), columns)
    yield Text(
        context.words(
            _n("{count} duty read; nothing was stored", "{count} duties read; nothing was stored"),
            count=len(reading.duties),
        )
    )


def _matcher(context: CommandContext) -> tuple[Matcher | None, str]:
    """Return the register's names where there is a register, else why there is none: reading needs no database."""
    try:
        check_ready(context)
        with context.reading() as session:
            return load_matcher(session), ""
    except (DondocError, DatabaseError) as error:
        return None, as_told(error).tell(context.language)


def _duty_rows(context: CommandContext, duty: Duty, matcher: Matcher | None) -> Iterable[dict[str, Any]]:
    for name, words in _LISTS.items():
        for one in getattr(duty, name):
            yield _row(context, words, one)
            if matcher and name in _NAMES:
                yield from _meaning(context, matcher.of(one.value, leading=name != "coordinating"))
    for unread, _span in unread_times(duty):
        yield {
            "field": context.words(_("time not understood")),
            "value": _shortened(unread),
            "sure": "–",
            "why": context.words(Reason.UNREAD_TIME.label),
        }
    for deadline in duty.deadlines:
        row = _row(context, _("deadline"), deadline)
        yield row | {"value": _deadline(deadline)}
        if deadline.doubt is not None:
            yield {"field": "", "value": "", "sure": "", "why": context.words(deadline.doubt.label)}


def _meaning(context: CommandContext, found: Matched) -> Iterable[dict[str, Any]]:
    """Yield the rows that say whom a name means in the register, by which rule, and whom the rule leaves out."""
    value = context.cell(list(found.rules) or [unit.name for unit in found.units]) or "–"
    yield {
        "field": context.words(_("its meaning")),
        "value": value,
        "sure": "–",
        "why": context.words(HOW_WORDS[found.how]),
    }
    if found.left_out:
        left = context.words(
            _n("{count} unit left out by this rule", "{count} units left out by this rule"), count=len(found.left_out)
        )
        yield {"field": "", "value": context.cell([unit.name for unit in found.left_out]), "sure": "–", "why": left}
    if found.beyond:
        yield {"field": "", "value": found.beyond, "sure": "–", "why": context.words(_("no rule looks at these words"))}


def _deadline(deadline: Deadline) -> str:
    told = write_date(deadline.day) if deadline.day else deadline.rule
    return f"{_shortened(deadline.value)} → {told}" if told and told != deadline.value else deadline.value


def _row(context: CommandContext, name: str, one: Finding) -> dict[str, Any]:
    return {
        "field": context.words(name),
        "value": _shortened(one.value),
        "sure": f"{one.confidence:.0%}",
        "why": context.words(one.reason.label),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
