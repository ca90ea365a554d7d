"""`dondoc import`: the first reading of a document, or of what brings one, printed or kept."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import RenderableType
from rich.text import Text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from commands.context import CommandContext, as_told, check_ready, command, front
from commands.options import AsPersonOrNobody, Now, read_now
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, _n
from models.intake.intake import Intake
from models.organization.register_reads import resolve_person
from models.rooms import Place
from models.text.localtime import local_date, write_date
from workflows.access.rights import Principal, read_principal
from workflows.intake.files import read_whole
from workflows.intake.files.scans.read_scan import Scan
from workflows.intake.review.first_guess import unread_times
from workflows.intake.review.match import Matched, Matcher, load_matcher
from workflows.intake.review.store_reading import IntakeDraft, proposed_duties, read_document
from workflows.intake.review.unclear import lines_at, place_words, unclear_at, unclear_words, unseen
from workflows.intake.source_files import store_document, unit_for
from workflows.intake.text.gold import gold_json
from workflows.intake.text.reading import Deadline, ReadDuty, ReadingReason, TextFinding
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


class Given(NamedTuple):
    """What somebody gives to `dondoc import`. `save`: keep it, in the name of `person`, for `unit`, at `now` (UTC)."""

    name: str
    content: bytes
    save: bool
    person: str | None
    unit: str | None
    now: datetime


OTHERS: Place[Callable[[CommandContext, Given], bool]] = Place("import.others")
"""Imports a file that is no document but brings one. False where it is nothing of the kind."""


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
    content, moment = file.read_bytes(), read_now(now)
    if any(other(context, Given(file.name, content, save, person, unit, moment)) for other in OTHERS.added()):
        return
    words = read_whole(file.name, content, progress_of(context))
    draft = read_document(file.name, words)
    if save:
        _save(context, file.name, content, words, draft, person, unit, moment)
    else:
        context.show(gold_json(draft.reading), *rendered(context, draft))


def progress_of(context: CommandContext) -> Callable[[int, int], None]:
    """It says on stderr how many pages of a scan are read, and how long a page takes."""
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


def _doubts(context: CommandContext, draft: IntakeDraft) -> Iterable[RenderableType]:
    """What must be compared with the pictures of a scan before it is taken."""
    text, facts = draft.text, draft.scan
    words = unclear_words(facts)
    if not words:
        return
    rows = [_doubt(context, "–", one, text, facts) for one in unseen(draft.fields["findings"])]
    rows += [
        _doubt(context, duty["path"], one, text, facts) for duty in draft.duties for one in unseen(duty["findings"])
    ]
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


def _doubt(context: CommandContext, path: str, one: dict[str, Any], text: str, facts: dict[str, Any]) -> dict[str, Any]:
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
    words: str | Scan,
    draft: IntakeDraft,
    person: str | None,
    unit: str | None,
    now: datetime,
) -> None:
    with who_keeps(context, person, now) as (session, principal):
        follows, actor = unit_for(session, principal, unit), principal.person
        folder = context.settings.evidence
        intake = store_document(
            session, folder, name, content, words, draft, unit_id=follows, person_id=actor.id, now=now
        )
        kept = kept_of(session, intake)
    context.show(kept, Text(kept_words(context, kept)))


@contextmanager
def who_keeps(context: CommandContext, person: str | None, now: datetime) -> Iterator[tuple[Session, Principal]]:
    """Give a transaction, and the person in whose name documents are kept."""
    check_ready(context)
    if person is None:
        raise BadInput("--as: say who keeps it, such as --as le.thi.c")
    with context.transaction() as session:
        principal = read_principal(session, resolve_person(session, person), local_date(now))
        principal.require(Right.LAUNCH)
        yield session, principal


def kept_of(session: Session, intake: Intake) -> dict[str, Any]:
    return {"intake": intake.id, "page": f"/intake/{intake.id.hex}", "duties": len(proposed_duties(session, intake))}


def kept_words(context: CommandContext, kept: dict[str, Any]) -> str:
    return context.words(
        _n("{count} duty read, to be confirmed at {page}", "{count} duties read, to be confirmed at {page}"),
        count=kept["duties"],
        page=kept["page"],
    )


def rendered(context: CommandContext, draft: IntakeDraft) -> Iterable[RenderableType]:
    """What was left unread, then the reading, and what must be compared with the pictures of its scan.

    Nothing where JSON is asked for.
    """
    if context.as_json:
        return
    reading = draft.reading
    if reading.unread:
        yield Text(context.words(_("left unread; look at these passages yourself:")), style="bold")
        yield context.table(
            [_unread(context, one, draft.text, draft.scan) for one in reading.unread],
            {"place": _("place"), "value": _("begins with"), "why": _("why")},
        )
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
    yield from _doubts(context, draft)


def _unread(context: CommandContext, one: TextFinding, text: str, facts: dict[str, Any]) -> dict[str, Any]:
    place = context.words(place_words(text, facts, one.span.start, one.span.end))
    return {"place": place, "value": _shortened(one.value), "why": context.words(one.reason.label)}


def _matcher(context: CommandContext) -> tuple[Matcher | None, str]:
    """The register's names where there is a register, else why there is none: reading needs no database."""
    try:
        check_ready(context)
        with context.reading() as session:
            return load_matcher(session), ""
    except (DondocError, DatabaseError) as error:
        return None, as_told(error).tell(context.language)


def _duty_rows(context: CommandContext, duty: ReadDuty, matcher: Matcher | None) -> Iterable[dict[str, Any]]:
    for name, words in _LISTS.items():
        for one in getattr(duty, name):
            yield _row(context, words, one)
            if matcher and name in _NAMES:
                yield from _meaning(context, matcher.of(one.value, leading=name != "coordinating"))
    for unread, _span in unread_times(duty):
        yield _line(context, _("time not understood"), _shortened(unread), why=ReadingReason.UNREAD_TIME.label)
    for deadline in duty.deadlines:
        yield _row(context, _("deadline"), deadline) | {"value": _deadline(deadline)}
        if deadline.doubt is not None:
            yield _line(context, "", "", sure="", why=deadline.doubt.label)


def _meaning(context: CommandContext, found: Matched) -> Iterable[dict[str, Any]]:
    """Rows that say whom a name means in the register, by which rule, and whom the rule leaves out."""
    value = context.cell(list(found.rules) or [unit.name for unit in found.units]) or "–"
    yield _line(context, _("its meaning"), value, why=found.how.label)
    if found.left_out:
        left = _n(
            "{count} unit left out by this rule", "{count} units left out by this rule", count=len(found.left_out)
        )
        yield _line(context, "", context.cell([unit.name for unit in found.left_out]), why=left)
    if found.beyond:
        yield _line(context, "", found.beyond, why=_("no rule looks at these words"))


def _deadline(deadline: Deadline) -> str:
    told = write_date(deadline.day) if deadline.day else deadline.rule
    return f"{_shortened(deadline.value)} → {told}" if told and told != deadline.value else deadline.value


def _row(context: CommandContext, name: str, one: TextFinding) -> dict[str, Any]:
    return _line(context, name, _shortened(one.value), sure=f"{one.confidence:.0%}", why=one.reason.label)


def _line(context: CommandContext, field: str, value: str, *, sure: str = "–", why: str) -> dict[str, Any]:
    return {"field": context.words(field) if field else "", "value": value, "sure": sure, "why": context.words(why)}


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
