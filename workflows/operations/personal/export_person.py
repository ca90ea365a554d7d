"""Export everything kept about one person as a zip: JSON by table, their letters, and a text that explains it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import reading
from models.i18n import LANGUAGES, _, translate
from models.letters.letter_reads import contents_for
from models.organization.person import Person
from models.text.localtime import local, write_date
from workflows.access.audit_log import AuditActor
from workflows.history.archive.zip_writer import ArchiveWriter, Member, as_json
from workflows.operations.personal.personal_rows import sections

EXPORTED = "personal_data_exported"
"""The action's name in the audit."""
FORM = "dondoc-person-1"
_BATCH = 500
"""Rows that are held in memory at a time."""


@dataclass(frozen=True)
class PersonExport:
    """The written file: its bytes, its rows by table, its letters, and the SHA-256 of its manifest.json."""

    path: Path
    size: int
    rows: dict[str, int]
    letters: int
    manifest: str


def export_person(engine: Engine, person: Person, path: Path, *, now: datetime) -> PersonExport:
    """Write everything kept about a person to `path`, as of one moment. A failed export leaves no file."""
    rows: dict[str, int] = {}
    with reading(engine) as session, ArchiveWriter(path, now=now) as archive:
        for section in sections(person):
            with archive.member(f"{section.name}.json") as member:
                rows[section.name] = _write(member, _read(session, section.query))
        letters = 0
        for letter_id, content in contents_for(session, person.id):
            archive.add(f"letters/{letter_id}.eml", content)
            letters += 1
        for language in LANGUAGES:
            archive.add(f"README.{language}.txt", "\n".join(_text(person, rows, letters, now, language)).encode())
        manifest = archive.finish({"form": FORM, "person": person.code, "made_at": now, "rows": rows})
    return PersonExport(path, path.stat().st_size, rows, letters, manifest)


def note_person_export(session: Session, audit_actor: AuditActor, code: str, export: PersonExport) -> None:
    audit_actor.note(session, EXPORTED, code, {"manifest": export.manifest, "rows": sum(export.rows.values())})


def _read(session: Session, query: Any) -> Iterator[dict[str, Any]]:
    for row in session.execute(query.execution_options(yield_per=_BATCH)):
        yield row._asdict()


def _write(member: Member, rows: Iterator[dict[str, Any]]) -> int:
    """Write a JSON array with one row in a line. Return the number of rows."""
    count = 0
    for count, row in enumerate(rows, 1):
        member.write((b"[\n" if count == 1 else b",\n") + as_json(row))
    member.write(b"\n]\n" if count else b"[]\n")
    return count


def _text(person: Person, rows: dict[str, int], letters: int, now: datetime, language: str) -> Iterator[str]:
    def say(message: str, **facts: object) -> str:
        return translate(message, language, **facts)

    moment = local(now)
    yield say(ABOUT, person=person.full_name, code=person.code, day=write_date(moment.date()), time=f"{moment:%H:%M}")
    yield ""
    for name, count in rows.items():
        yield f"{count:>8}  {name}.json – {say(TABLE_WORDS[name])}"
    yield f"{letters:>8}  letters/ – {say(TABLE_WORDS['letters'])}"
    yield ""
    for words in LEFT_OUT:
        yield f"- {say(words)}"
    yield ""


ABOUT = _(
    "All data that this installation of Đôn đốc keeps of {person} ({code}), as of {time} on {day}. Each file is a "
    "table: JSON, one row a line. Ids link the rows; times are UTC. The number of rows stands before each file."
)
TABLE_WORDS = {
    "person": _("you in the register"),
    "person_role": _("your roles"),
    "unit": _("units in which you hold an office"),
    "handover": _("offices taken over or handed over"),
    "absence": _("absences, and those for whom you stood in"),
    "account": _("how you sign in, without the secrets"),
    "web_session": _("browsers in which you were signed in"),
    "access_token": _("your access tokens, without their keys"),
    "calendar_feed": _("your calendar feed"),
    "saved_view": _("lists of tasks that you named"),
    "mailed_secret": _("codes and links that were mailed to you: when, not which"),
    "kept_answer": _("repeatable requests of your programs: when, not what"),
    "throttle": _("failed sign-ins under your name"),
    "audit": _("the audit: what you did to the installation, and what was done to your entry"),
    "history": _("the history: what you did to which task"),
    "history_note": _("the words that you wrote with it"),
    "task": _("tasks that you follow or do"),
    "launch": _("launches of which you are the coordinator"),
    "result": _("results that you entered, decided on or signed"),
    "evidence": _("files of the results that you entered: their names"),
    "conversation_message": _("messages that you wrote or published; their words are among those of the history"),
    "conversation_mention": _("messages that mention you"),
    "conversation_file": _("files of the messages that you wrote: their names"),
    "conversation_read": _("how far you have read conversations"),
    "signed_press": _("official reminders that you entered or signed"),
    "contribution": _("contributions that you reported"),
    "extension": _("requests for more time that you made or decided"),
    "lead_change": _("requests for another lead unit that you made or decided"),
    "obstacle": _("obstacles that you reported or answered"),
    "telephone_note": _("telephone calls that you made or answered"),
    "incident": _("incidents that you declared or stood down"),
    "inspection": _("inspections that you planned, led or ended"),
    "inspection_member": _("inspection teams to which you belong"),
    "inspection_finding": _("findings that you recorded"),
    "inspection_correction": _("corrections that you demanded"),
    "inspection_file": _("files that you put beside findings: their names"),
    "intake": _("documents that you read in"),
    "intake_table": _("tables that you read in"),
    "edxml_incoming": _("messages of the document exchange that you took in"),
    "edxml_outgoing": _("messages of the document exchange that tell what you did"),
    "table_mapping": _("columns of tables that you explained"),
    "audience_phrase": _("phrases that you explained"),
    "trusted_root": _("root certificates that you installed"),
    "issued_report": _("reports that you drafted or issued"),
    "report_schedule": _("report schedules that you made"),
    "calendar_revision": _("changes of the calendar that you made"),
    "letter_text": _("letter texts that you changed"),
    "webhook": _("webhooks that you made, without their secrets"),
    "errand": _("long work that you asked for"),
    "notice": _("notices addressed to you, by task"),
    "letter": _("letters to you"),
    "letter_preference": _("how often you want which letters"),
    "letter_link": _("the links in letters to you, without their codes"),
    "notice_read": _("notifications that you have read"),
    "notices_read_until": _("the moment up to which you have read all notifications"),
    "gateway": _("channels beside mail that you made, without their secrets"),
    "gateway_consent": _("channels beside mail that you asked to be told by"),
    "push_subscription": _("browsers that show you notifications, without their keys"),
    "channel_message": _("messages to you by other channels: when and how they ended; their words are not kept"),
    "channel_attempt": _("how gateways and push services answered"),
    "letter_attempt": _("how mail servers answered"),
    "bounce": _("letters to you that came back"),
    "reply": _("replies to letters to you"),
    "reply_draft": _("what your replies asked for"),
    "expired_content": _("letters whose bytes are kept no longer"),
    "letters": _("letters to you as they were sent, where their bytes are kept"),
}
LEFT_OUT = (
    _("Left out: passwords, keys, codes and secrets; even you could only misuse them, and most are kept as hashes."),
    _("Left out: contents of documents, reports and result files; they are the office's. That you wrote them is here."),
    _("Left out: words of others, and what you changed of others; letters to others that may name you."),
    _("Not searched: back-ups, logs, the mail server. They are kept and deleted as your office has settled."),
    _(
        "The lines of the history and the audit stay after an erasure, as records of the office: with your id "
        "and, in the audit, your code."
    ),
)
