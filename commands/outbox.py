"""`dondoc tick` and `dondoc outbox …`: letters on their way."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import CommandContext, check_sealed, command, front
from commands.options import Now, Yes, read_now
from commands.output import check_one_of
from models.errors import BadInput
from models.i18n import _, _n
from models.letters.letter import DEAD, SECRET_TOPIC, LetterKind, LetterState
from models.letters.letter_reads import (
    expired_content,
    find_letter,
    letter_attempts,
    letter_bounces,
    letter_content,
    list_letters,
)
from models.operations.system_job import JobName
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import read_day
from models.words import rung_words
from notifications.outbox.explain import BOUNCE_WORDS, explain, outcome_words
from notifications.smtp.transport import SendOutcome
from workflows.access.audit_log import AuditActor
from workflows.delivery.resend import drop_letters, resend
from workflows.jobs.job_words import skipped_words

_LISTED = 200  # letters, unless another number is asked for
_SHOWN = 72  # characters of a subject in a list
app = typer.Typer(help="Letters: list, show, send again.", no_args_is_help=True)
LetterName = Annotated[str, typer.Argument(metavar="LETTER", help="Id of the letter, or its last eight digits.")]


@command(front, "tick", example="dondoc tick --now 2026-11-05T08:00")
def tick_(
    context: CommandContext,
    now: Now = None,
    today: Annotated[
        str | None,
        typer.Option(
            "--today", metavar="YYYY-MM-DD", help="Confirm that the machine's clock is right: it is this day today."
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Sweep what is due and deliver what is to leave, once, in the foreground; for cron.

    A tick far ahead of the last one is held until somebody confirms with --today. With --now it tries another moment:
    where that lies ahead and there are tasks, it asks first, since letters leave in earnest. To look ahead without
    sending anything: dondoc simulate.
    """
    # letters and SMTP take a while to load, and only this command needs them
    from workflows.jobs.clock.clock_ahead import check_moment
    from workflows.jobs.run_background_jobs import run_background_jobs
    from workflows.jobs.run_job import run_alone
    from workflows.jobs.tick import tick

    check_sealed(context)
    moment = read_now(now)
    if today is not None:
        _confirm_today(context, now, moment, read_day("--today", today))
    if now is not None and not yes:
        _ask_ahead(context, moment)
    with context.logging():
        if now is None:
            # before background jobs, since one may be planned for that moment
            check_moment(context.engine, context.settings, now=moment)
        # before the tick, so that the letters of a launch leave with it
        job_counts = run_background_jobs(context.engine, context.settings, now=moment)
        if now is None:  # by the real clock it is the job itself: recorded, and watched for having stood still
            outcome = run_alone(context.engine, context.settings, JobName.TICK, clock=lambda: read_now(None))
        else:
            outcome = asdict(tick(context.engine, context.settings, now=moment))
    outcome |= {name: count for name, count in job_counts.items() if count}
    sentence = context.words(
        _n(
            "{count} task seen; {letters}, {sent} sent, {failed} put off or refused, {uncertain} uncertain",
            "{count} tasks seen; {letters}, {sent} sent, {failed} put off or refused, {uncertain} uncertain",
        ),
        count=outcome["checked"],
        **outcome | {"letters": _n("{count} letter", "{count} letters", count=outcome["letters"])},
    )
    if outcome["held"]:
        sentence += ", " + context.words(_("kept back: {count}"), count=outcome["held"])
    if job_counts["background_jobs"]:
        sentence += ", " + context.words(_("asked for and done: {count}"), count=job_counts["background_jobs"])
    sentence = ", ".join([sentence, *(context.words(words) for words in skipped_words(outcome))])
    context.show(outcome, Text(sentence))


def _confirm_today(context: CommandContext, now: str | None, moment: datetime, today: date) -> None:
    """Record a person's word that it is this day today, whatever this machine's clock says."""
    from workflows.jobs.clock.clock_ahead import confirm

    if now is not None:
        raise BadInput("give --now or --today, not both")
    with context.transaction() as session:
        confirm(session, now=moment, today=today, audit_actor=AuditActor(moment))


def _ask_ahead(context: CommandContext, moment: datetime) -> None:
    """Ask whether a tick of a future moment is meant. Exits where nobody can answer."""
    from workflows.jobs.clock.clock_ahead import tasks_ahead_of

    with context.reading() as session:
        tasks = tasks_ahead_of(session, moment, read_now(None))
    if tasks:
        warning = context.words(
            _n(
                "{moment} lies ahead, and {count} task is open here: letters leave as if it were that day, in earnest",
                "{moment} lies ahead, and {count} tasks are open here: letters leave as if it were that day, in "
                "earnest",
            ),
            moment=context.cell(moment),
            count=tasks,
        )
        question = _("Do a tick of that moment all the same?")
        context.may_go_on(
            {"now": moment, "open_tasks": tasks}, Text(warning), yes=False, dry_run=False, question=question
        )


@command(app, "list", example="dondoc outbox list --state uncertain")
def list_(
    context: CommandContext,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=", ".join(state.value for state in LetterState) + ".")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="PERSON", help="Only letters to this person.")] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="Only those that need a person: failed, uncertain or kept back.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many, the newest; 0: all.")] = _LISTED,
) -> None:
    """List the letters, the newest first, with how the last attempt ended and what can be done.

    Where there are more than --limit, standard error says so, with --json too.
    """
    if state is not None and dead:
        raise BadInput("give --state or --dead, not both")
    check_one_of("--state", state, LetterState)
    with context.reading() as session:
        recipient_id = resolve_person(session, to).id if to else None
        states = [LetterState(state)] if state else list(DEAD) if dead else []
        rows = list_letters(session, states=states, recipient_id=recipient_id, limit=limit + 1 if limit else None)
    if limit and len(rows) > limit:
        rows = rows[:limit]
        context.say(
            _n(
                "only the newest {count} letter: there are more; --limit 0 lists all",
                "only the newest {count} letters: there are more; --limit 0 lists all",
            ),
            count=limit,
        )
    columns = {
        "short_id": _("id"),
        "slot": _("moment"),
        "recipient_name": _("recipient"),
        "letter": _("letter"),
        "state": _("state"),
    }
    shown = [row | {"letter": _letter(context, row), "state": _state(context, row)} for row in rows]
    context.show(rows, context.table(shown, columns, whole=("short_id", "slot")))


@command(app, "show", example="dondoc outbox show 3f9a1c20")
def show(context: CommandContext, name: LetterName) -> None:
    """Show a letter as it was handed to the mail server, and every attempt at it."""
    with context.reading() as session:
        letter = find_letter(session, name)
        content = letter_content(session, letter)
        expired = expired_content(session, letter.id) if content is None else None
        recipient = session.get_one(Person, letter.recipient_id)
        (row,) = list_letters(session, letter_id=letter.id)
        attempts = [row.model_dump(exclude={"letter_id"}) for row in letter_attempts(session, letter.id)]
        bounces = [
            row.model_dump(exclude={"letter_id", "key", "address_tag"}) for row in letter_bounces(session, letter.id)
        ]
    text = _text(content) if content is not None else None
    data = letter.model_dump(exclude={"recipient_id"}) | {
        "recipient": recipient.code,
        "recipient_name": recipient.full_name,
        "text": text,
        "attempts_made": attempts,
        "bounces": bounces,
    }
    heading = f"{letter.subject or '–'}\n→ {recipient.full_name} <{letter.address or recipient.email or '–'}>"
    if letter.topic.startswith(SECRET_TOPIC):
        missing_words = context.words(
            _("this letter carries a code or a link of a person's account: nobody else reads it")
        )
    elif expired is not None:
        missing_words = context.words(
            _("the time for which letters' words are kept is over; SHA-256 of the bytes: {digest}"),
            digest=expired.sha256,
        )
    else:
        missing_words = context.words(_("not written yet: a letter gets its words when it leaves"))
    shown_attempts = [
        row | {"outcome": SendOutcome.labels().get(row["outcome"], _("no end is recorded"))} for row in attempts
    ]
    attempt_columns = {"started_at": _("started"), "outcome": _("outcome"), "smtp_code": _("code"), "reply": _("reply")}
    parts = [Text(heading), Text(_state(context, row) + "\n"), Text(text if text is not None else missing_words)]
    shown_bounces = [row | {"action": BOUNCE_WORDS[row["action"]]} for row in bounces if row["action"]]
    bounce_columns = {"read_at": _("reported"), "action": _("what"), "status": _("code"), "diagnostic": _("reply")}
    tables = [
        context.table(rows, named)
        for rows, named in ((shown_attempts, attempt_columns), (shown_bounces, bounce_columns))
        if rows
    ]
    context.show(data, *parts, *tables)


@command(app, "resend", example="dondoc outbox resend 3f9a1c20")
def resend_(
    context: CommandContext,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="LETTER...", help="Ids of letters, or their last eight digits.")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=f"All letters of this state.\n\n{', '.join(DEAD)}.")
    ] = None,
    now: Now = None,
) -> None:
    """Let failed, uncertain or kept back letters go out with the next delivery: all those named, or none."""
    moment = read_now(now)
    if (state is None) == (not names):
        raise BadInput("name letters, or give --state")
    check_one_of("--state", state, DEAD)
    with context.transaction() as session:
        if state is not None:
            ids = [row["id"] for row in list_letters(session, states=[LetterState(state)])]
        else:
            ids = [find_letter(session, name).id for name in names or ()]
        letters = resend(session, context.settings, ids, moment, AuditActor(moment))
    data = [
        {"letter": letter.id, "state": letter.state.value, "next_attempt_at": letter.not_before} for letter in letters
    ]
    lines = [
        context.words(_("letter {letter}: it goes out with the next delivery"), letter=letter.id.hex[-8:])
        for letter in letters
    ]
    context.show(data, Text("\n".join(lines) or context.words(_("no letter is in that state"))))


@command(app, "drop", example="dondoc outbox drop 3f9a1c20")
def drop_(
    context: CommandContext,
    names: Annotated[
        list[str], typer.Argument(metavar="LETTER...", help="Ids of letters, or their last eight digits.")
    ],
    now: Now = None,
) -> None:
    """Put failed, uncertain or kept back letters aside: they go no further. All those named, or none."""
    moment = read_now(now)
    with context.transaction() as session:
        letters = drop_letters(session, [find_letter(session, name).id for name in names], moment, AuditActor(moment))
    lines = [context.words(_("letter {letter}: put aside"), letter=letter.id.hex[-8:]) for letter in letters]
    context.show([{"letter": letter.id} for letter in letters], Text("\n".join(lines)))


def _letter(context: CommandContext, row: Mapping[str, Any]) -> str:
    """Return the beginning of a letter's subject, or the kind and rungs of a letter that is not written yet."""
    if subject := row["subject"]:
        return subject if len(subject) <= _SHOWN else f"{subject[: _SHOWN - 1].rstrip()}…"
    kind, rungs = (
        context.words(LetterKind(row["kind"]).label),
        context.cell([rung_words(rung) for rung in row["rungs"]]),
    )
    return f"{kind}: {rungs}" if rungs not in ("", kind) else kind


def _state(context: CommandContext, row: Mapping[str, Any]) -> str:
    """Say the state of a letter and what can be done, or else the state with the mail server's answer."""
    if explanation := context.words(explain(row)):
        return explanation
    state, attempt = context.words(LetterState(row["state"]).label), context.cell(outcome_words(row))
    return f"{state} ({attempt})" if attempt else state


def _text(content: bytes) -> str:
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    return str(part.get_content()) if part is not None else ""
