"""Take a report from its draft to the issued paper. Data propose a draft, people edit it, and one of them issues it.

An issued report never changes: a correction is a new report that names the old one. Each step takes the revision that
its caller has seen, so that nobody issues words that somebody else has just changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, true, update
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.errors import BadInput, NotFound, Refused, need
from models.i18n import _
from models.papers.issued_report import IssuedFile, IssuedReport
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.text.localtime import local_date
from workflows.access.audit_log import note
from workflows.access.rights import Forbidden, Principal
from workflows.papers.contents.report_paper import PARTS
from workflows.papers.contents.subject import NewPaper, PaperParties, find_parties, read_subject
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import render_pdf
from workflows.papers.formats.as_xlsx import render_xlsx
from workflows.papers.paper import LONGEST, Paper, to_data
from workflows.papers.paper_wording import Writer
from workflows.reports.report_scope import check_cutoff
from workflows.rules.rights_table import Right


def readable_reports(principal: Principal) -> ColumnElement[bool]:
    """Return the condition on the reports, drafts included, that a person may open.

    They are those of the units that the person speaks for or serves. Whoever speaks for an issuer's office also opens
    those that a schedule sends to that office.
    """
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    is_own = col(IssuedReport.office_unit_id).in_(principal.speaks_for | principal.serves)
    return or_(is_own, col(IssuedReport.id).in_(_reports_sent_to_issuer(principal)))


def _reports_sent_to_issuer(principal: Principal) -> Any:
    return (
        select(CompiledReport.report_id)
        .join(ReportSchedule, col(ReportSchedule.id) == col(CompiledReport.schedule_id))
        .join(Duty, col(Duty.id) == col(ReportSchedule.duty_id))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(
            col(ReportSchedule.to_issuer),
            col(CompiledReport.report_id).is_not(None),
            col(Directive.issuer_office_id).in_(principal.speaks_for),
        )
    )


def open_report(session: Session, principal: Principal, report_id: UUID) -> IssuedReport:
    """Find a report. NotFound also for one that the person may not open."""
    query = select(IssuedReport).where(IssuedReport.id == report_id, readable_reports(principal))
    return need(session.exec(query).first(), NotFound("there is no such report"))


def add_draft(session: Session, principal: Principal, wanted: NewPaper, *, now: datetime) -> IssuedReport:
    """Store a draft whose narrative is proposed from what units have sent. NotFound, Forbidden, BadInput."""
    principal.require(Right.WRITE_PAPERS)
    check_cutoff(wanted.cutoff, local_date(now))
    row = compose_draft(session, principal, wanted, find_parties(session, principal, wanted), now=now)
    session.add(row)
    session.flush()
    return row


def compose_draft(
    session: Session, principal: Principal, wanted: NewPaper, parties: PaperParties, *, now: datetime
) -> IssuedReport:
    """Return a draft that is not stored yet, with figures and narrative of the tasks that the person oversees."""
    row = IssuedReport(
        kind=wanted.kind,
        directive_id=parties.directive.id if parties.directive else None,
        unit_id=parties.unit.id if parties.unit else None,
        office_unit_id=parties.office.id,
        cutoff=wanted.cutoff,
        language=wanted.language,
        figures={},
        parts={},
        drafted_at=now,
        drafted_by=principal.person.id,
    )
    subject = read_subject(session, principal, row)
    row.figures, row.parts = subject.figures(session), subject.propose_narrative(session)
    return row


def edit_narrative(
    session: Session, principal: Principal, report_id: UUID, parts: Mapping[str, str], *, revision: int
) -> int:
    """Store the edited narrative and return the new revision.

    BadInput for a part that is too long, Refused where somebody has changed the draft since `revision`.
    """
    row = _open_draft(session, principal, report_id)
    new_parts = {name: parts.get(name, row.parts.get(name, "")).replace("\r\n", "\n").strip() for name in PARTS}
    for name, text in new_parts.items():
        if len(text) > LONGEST:
            raise BadInput(
                "{field}: {length} characters; expected at most {most}",
                field=PARTS[name],
                length=len(text),
                most=LONGEST,
            )
    is_unchanged = all(row.parts.get(name, "") == text for name, text in new_parts.items())
    if is_unchanged and revision == row.revision:
        return revision
    _update_draft(session, row, revision, parts=new_parts)
    return revision + 1


def refresh_figures(session: Session, principal: Principal, report_id: UUID, *, revision: int) -> None:
    """Read the figures of a draft again."""
    row = _open_draft(session, principal, report_id)
    _update_draft(session, row, revision, figures=read_subject(session, principal, row).figures(session))


def propose_again(session: Session, principal: Principal, report_id: UUID, *, revision: int) -> None:
    """Read the figures of a draft again and propose its narrative anew: what people wrote in it is lost."""
    row = _open_draft(session, principal, report_id)
    subject = read_subject(session, principal, row)
    _update_draft(session, row, revision, figures=subject.figures(session), parts=subject.propose_narrative(session))


def drop_draft(session: Session, principal: Principal, report_id: UUID, *, revision: int) -> None:
    """Delete a draft. Refused for an issued report, and where somebody has changed the draft since `revision`."""
    row = _open_draft(session, principal, report_id)
    deleted = session.connection().execute(delete(IssuedReport).where(*_is_unchanged(row, revision)))
    if deleted.rowcount != 1:
        raise _changed_meanwhile()


def draft_correction(session: Session, principal: Principal, report_id: UUID, *, now: datetime) -> IssuedReport:
    """Store the draft of a report that corrects an issued one. It begins with the old report's narrative."""
    principal.require(Right.WRITE_PAPERS)
    old = open_report(session, principal, report_id)
    _check_writer(principal, old)
    if old.issued_at is None:
        raise Refused("this report is a draft still: edit it")
    row = IssuedReport(
        **old.model_dump(include={"kind", "directive_id", "unit_id", "office_unit_id", "cutoff", "language", "parts"}),
        figures={},
        drafted_at=now,
        drafted_by=principal.person.id,
        corrects_id=old.id,
    )
    row.figures = read_subject(session, principal, row).figures(session)
    session.add(row)
    session.flush()
    return row


def preview(session: Session, principal: Principal, row: IssuedReport, *, mark: bool = True) -> Paper:
    """Return the paper as it would be issued now. `mark`: it says that it is a draft."""
    subject = read_subject(session, principal, row)
    parts = dict(row.parts)
    if row.corrects_id is not None:
        general = parts.get("general", "")
        parts["general"] = _say_correction(session, row) + (f"\n{general}" if general else "")
    return subject.paper(session, parts, mark=mark)


def _say_correction(session: Session, row: IssuedReport) -> str:
    writer, old = Writer(row.language), session.get_one(IssuedReport, row.corrects_id)
    assert old.issued_at is not None  # only an issued report is corrected
    return writer.say(
        _("This report corrects and replaces the one issued on {day} (reference {reference})."),
        day=writer.day(local_date(old.issued_at)),
        reference=old.id.hex[-8:],
    )


@dataclass(frozen=True)
class ReadyReport:
    """A report that is about to be issued. Its files are made before the transaction that issues it begins."""

    report_id: UUID
    revision: int
    issued_at: datetime
    paper: Paper
    figures: dict[str, Any]
    files: dict[str, bytes]


def prepare(session: Session, principal: Principal, report_id: UUID, *, revision: int, now: datetime) -> ReadyReport:
    """Read all figures again and make the files. Refused where the figures are no longer those of the draft."""
    row = _open_draft(session, principal, report_id)
    figures = read_subject(session, principal, row).figures(session)
    if figures != row.figures:
        raise Refused(
            "the figures have changed since they were read: read them again, and look at the report once more"
        )
    paper = preview(session, principal, row, mark=False)
    makers = {"docx": render_docx, "pdf": render_pdf, "xlsx": render_xlsx}
    files = {name: make(paper, written_at=now) for name, make in makers.items()}
    return ReadyReport(report_id, revision, now, paper, figures, files)


def issue(session: Session, principal: Principal, ready: ReadyReport) -> None:
    """Issue a report. From now on the database refuses to change it.

    Refused where somebody has issued or changed the report since it was prepared.
    """
    row = _open_draft(session, principal, ready.report_id)
    for name, content in ready.files.items():
        session.add(IssuedFile(report_id=row.id, form=name, sha256=sha256(content).hexdigest(), content=content))
    session.flush()
    _update_draft(
        session,
        row,
        ready.revision,
        figures=ready.figures,
        paper=to_data(ready.paper),
        issued_at=ready.issued_at,
        issued_by=principal.person.id,
    )
    note(
        session,
        "report_issued",
        now=ready.issued_at,
        actor_id=principal.person.id,
        about=row.id.hex[-8:],
        facts={"kind": row.kind.value, "cutoff": row.cutoff.isoformat()},
    )


def _open_draft(session: Session, principal: Principal, report_id: UUID) -> IssuedReport:
    principal.require(Right.WRITE_PAPERS)
    row = open_report(session, principal, report_id)
    _check_writer(principal, row)
    if row.issued_at is not None:
        raise Refused("this report is issued: it stays as it is; write a correction instead")
    return row


def may_write(principal: Principal, row: IssuedReport) -> bool:
    """Return whether the person may edit and issue the report: reading it is open to more people."""
    is_own = row.office_unit_id in principal.speaks_for | principal.serves
    return principal.may(Right.WRITE_PAPERS) and (is_own or principal.may(Right.SEE_EVERYTHING))


def _check_writer(principal: Principal, row: IssuedReport) -> None:
    if not may_write(principal, row):
        raise Forbidden(_("this report is another office's: it was sent to be read"))


def _update_draft(session: Session, row: IssuedReport, revision: int, **values: Any) -> None:
    changed = session.connection().execute(
        update(IssuedReport).where(*_is_unchanged(row, revision)).values(revision=revision + 1, **values)
    )
    if changed.rowcount != 1:
        raise _changed_meanwhile()
    session.expire(row)


def _is_unchanged(row: IssuedReport, revision: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(IssuedReport.id) == row.id,
        col(IssuedReport.revision) == revision,
        col(IssuedReport.issued_at).is_(None),
    )


def _changed_meanwhile() -> Refused:
    return Refused("somebody has changed this report meanwhile: open it again, and look at it once more")


def read_issued_file(session: Session, row: IssuedReport, form: str) -> bytes:
    """Return the file as it was made on the day of issue. NotFound for a form that the report has not."""
    return need(session.get(IssuedFile, (row.id, form)), NotFound("there is no such file")).content
