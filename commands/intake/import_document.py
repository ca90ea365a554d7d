"""`dondoc import`: read a document, or a message that brings one, and print the reading or store it for review."""

from collections import Counter
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

from commands.context import CommandContext, check_ready, command, front, to_dondoc_error
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
from workflows.intake.review.unclear import LEFT_UNREAD, lines_at, place_words, unclear_at, unclear_words, unseen
from workflows.intake.source_files import store_document, unit_for
from workflows.intake.text.gold import gold_json
from workflows.intake.text.reading import BlockKind, Deadline, ReadDuty, Reading, ReadingReason, TextFinding
from workflows.rules.rights_table import Right

_LISTS = {
    "addressees": _("addressees"),
    "lead": _("lead (chủ trì)"),
    "coordinating": _("coordinating"),
    "reports_to": _("reports to"),
    "supervisor": _("supervised by"),
    "conditional": _("only if"),
}
_NAME_LISTS = ("addressees", "lead", "coordinating")
_FIELD_WORDS = _LISTS | {
    "number": _("number"),
    "issued_on": _("issued"),
    "issuer": _("issuer"),
    "deadlines": _("deadline"),
    "unclear": _("unclear number"),
}
_MAX_SHOWN = 90


class ImportArguments(NamedTuple):
    """The arguments of `dondoc import`. `save`: store it in the name of `person`, for `unit`, at `now` (UTC)."""

    name: str
    content: bytes
    save: bool
    person: str | None
    unit: str | None
    now: datetime


OTHER_IMPORTERS: Place[Callable[[CommandContext, ImportArguments], bool]] = Place("import.others")
"""Importers of files that bring a document. Each returns False for a file of another kind."""


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
    if any(
        other(context, ImportArguments(file.name, content, save, person, unit, moment))
        for other in OTHER_IMPORTERS.added()
    ):
        return
    words = read_whole(file.name, content, page_progress(context))
    draft = read_document(file.name, words)
    if save:
        _save(context, file.name, content, words, draft, person, unit, moment)
    else:
        context.show(reading_json(draft), *render_reading(context, draft))


def page_progress(context: CommandContext) -> Callable[[int, int], None]:
    """Return a callback that prints on standard error the pages of a scan that are read, and the time a page takes."""
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
    """Yield the doubtful words of a scan, which a person compares with its pictures."""
    text, facts = draft.text, draft.scan
    words = unclear_words(facts)
    if not words:
        return
    rows = [_doubt(context, "–", finding, text, facts) for finding in unseen(draft.fields["findings"])]
    rows += [
        _doubt(context, duty["path"], finding, text, facts)
        for duty in draft.duties
        for finding in unseen(duty["findings"])
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


def _doubt(
    context: CommandContext, path: str, finding: dict[str, Any], text: str, facts: dict[str, Any]
) -> dict[str, Any]:
    words = unclear_at(unclear_words(facts), finding["begins"], finding["ends"])
    spellings = [text[word.begins : word.ends] + (f" ← {word.was}" if word.was else "") for word in words]
    lines = lines_at(facts, finding["begins"], finding["ends"])
    return {
        "duty": path,
        "field": context.words(_FIELD_WORDS[finding["field"]]),
        "value": _shortened(finding["value"]),
        "words": ", ".join(spellings),
        "page": str(lines[0] + 1) if lines else "–",
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
    with keeping_person(context, person, now) as (session, principal):
        unit_id, person_row = unit_for(session, principal, unit), principal.person
        folder = context.settings.evidence
        intake = store_document(
            session, folder, name, content, words, draft, unit_id=unit_id, person_id=person_row.id, now=now
        )
        stored = stored_facts(session, intake)
    context.show(stored, Text(stored_words(context, stored)))


@contextmanager
def keeping_person(context: CommandContext, person: str | None, now: datetime) -> Iterator[tuple[Session, Principal]]:
    """Open a transaction, and find the person in whose name documents are stored."""
    check_ready(context)
    if person is None:
        raise BadInput("--as: say who keeps it, such as --as le.thi.c")
    with context.transaction() as session:
        principal = read_principal(session, resolve_person(session, person), local_date(now))
        principal.require(Right.LAUNCH)
        yield session, principal


def stored_facts(session: Session, intake: Intake) -> dict[str, Any]:
    return {"intake": intake.id, "page": f"/intake/{intake.id.hex}", "duties": len(proposed_duties(session, intake))}


def stored_words(context: CommandContext, stored: dict[str, Any]) -> str:
    return context.words(
        _n("{count} duty read, to be confirmed at {page}", "{count} duties read, to be confirmed at {page}"),
        count=stored["duties"],
        page=stored["page"],
    )


def reading_json(draft: IntakeDraft) -> dict[str, Any]:
    """Return the reading as answers are written, with the pages (from 1) of a scan that gave nothing."""
    pages = [{"page": one["page"] + 1, "reason": one["reason"]} for one in _unread_findings(draft) if "page" in one]
    return gold_json(draft.reading) | {"unread_pages": pages}


def _unread_findings(draft: IntakeDraft) -> list[dict[str, Any]]:
    return [finding for finding in draft.fields["findings"] if finding["field"] == LEFT_UNREAD]


def render_reading(context: CommandContext, draft: IntakeDraft) -> Iterable[RenderableType]:
    """Yield the unread passages, the reading, and the doubtful words of a scan. Yield nothing for JSON output."""
    if context.as_json:
        return
    reading = draft.reading
    if unread := _unread_findings(draft):
        yield Text(context.words(_("left unread; look at these passages yourself:")), style="bold")
        yield context.table(
            [_unread(context, finding, draft.text, draft.scan) for finding in unread],
            {"place": _("place"), "value": _("begins with"), "why": _("why")},
        )
    yield context.table(
        list(_block_rows(context, reading)), {"block": _("passages of the document"), "count": _("number")}
    )
    heading = reading.heading
    fields = {
        _("number"): heading.number,
        _("issued"): heading.issued,
        _("issuer"): heading.issuer,
        _("subject"): heading.title,
        _("urgency"): heading.urgency,
    }
    rows = [_row(context, name, finding) for name, finding in fields.items() if finding is not None]
    rows += [_row(context, _("legal basis"), finding) for finding in heading.bases]
    rows += [_row(context, _("addressed to"), finding) for finding in reading.addressees]
    columns = {"field": _("field"), "value": _("value"), "sure": _("sure"), "why": _("why")}
    yield context.table(rows, columns)
    matcher, reason = _matcher(context)
    if reason:
        yield Text(context.words(_("There is no register, so the names were not looked up: {reason}"), reason=reason))
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


def _unread(context: CommandContext, finding: dict[str, Any], text: str, facts: dict[str, Any]) -> dict[str, Any]:
    place = context.words(place_words(text, facts, finding))
    reason = ReadingReason(finding["reason"])
    return {"place": place, "value": _shortened(finding["value"]) or "–", "why": context.words(reason.label)}


def _block_rows(context: CommandContext, reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield how many passages there are of each kind, and why so many of them order nobody."""
    reasons = Counter(block.why for block in reading.blocks if block.why is not None)
    for kind, count in reading.count_blocks().items():
        yield {"block": context.words(kind.label), "count": count}
        if kind is BlockKind.NO_ORDER:
            yield from ({"block": f"– {context.words(why.label)}", "count": number} for why, number in reasons.items())


def _matcher(context: CommandContext) -> tuple[Matcher | None, str]:
    """Return the register's names, or None and the reason: a document can be read without a database."""
    try:
        check_ready(context)
        with context.reading() as session:
            return load_matcher(session), ""
    except (DondocError, DatabaseError) as error:
        return None, to_dondoc_error(error).tell(context.language)


def _duty_rows(context: CommandContext, duty: ReadDuty, matcher: Matcher | None) -> Iterable[dict[str, Any]]:
    for name, words in _LISTS.items():
        for finding in getattr(duty, name):
            yield _row(context, words, finding)
            if matcher and name in _NAME_LISTS:
                yield from _meaning(context, matcher.of(finding.value, leading=name != "coordinating"))
    for unread, _span in unread_times(duty):
        yield _line(context, _("time not understood"), _shortened(unread), why=ReadingReason.UNREAD_TIME.label)
    for deadline in duty.deadlines:
        yield _row(context, _("deadline"), deadline) | {"value": _deadline(deadline)}
        if deadline.doubt is not None:
            yield _line(context, "", "", sure="", why=deadline.doubt.label)


def _meaning(context: CommandContext, match: Matched) -> Iterable[dict[str, Any]]:
    """Yield rows that say which units a name means, by which rule, and which units the rule leaves out."""
    value = context.cell(list(match.rules) or [unit.name for unit in match.units]) or "–"
    yield _line(context, _("its meaning"), value, why=match.how.label)
    if match.left_out:
        words = _n(
            "{count} unit left out by this rule", "{count} units left out by this rule", count=len(match.left_out)
        )
        yield _line(context, "", context.cell([unit.name for unit in match.left_out]), why=words)
    if match.beyond:
        yield _line(context, "", match.beyond, why=_("no rule looks at these words"))


def _deadline(deadline: Deadline) -> str:
    date_text = write_date(deadline.day) if deadline.day else deadline.rule
    return (
        f"{_shortened(deadline.value)} → {date_text}" if date_text and date_text != deadline.value else deadline.value
    )


def _row(context: CommandContext, name: str, finding: TextFinding) -> dict[str, Any]:
    return _line(context, name, _shortened(finding.value), sure=f"{finding.confidence:.0%}", why=finding.reason.label)


def _line(context: CommandContext, field: str, value: str, *, sure: str = "–", why: str) -> dict[str, Any]:
    return {"field": context.words(field) if field else "", "value": value, "sure": sure, "why": context.words(why)}


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1].rstrip() + "…"
