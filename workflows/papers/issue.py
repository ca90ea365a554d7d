"""From a draft to an issued report: drafted from the data, edited by people, issued once, then frozen with its data.

After that nothing changes; a correction is a new report that names the old. Each step is guarded by the revision that
somebody has seen, so that nobody issues words that another has just changed.
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
from models.organization.unit import Unit
from models.papers.issued_report import IssuedFile, IssuedReport
from models.papers.report_schedule import CompiledReport, ReportSchedule
from models.text.localtime import local_date
from workflows.access.audit_log import note
from workflows.access.rights import Forbidden, Principal
from workflows.papers.contents.report_paper import PARTS
from workflows.papers.contents.subject import NewPaper, subject_of, whose
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import render_pdf
from workflows.papers.formats.as_xlsx import render_xlsx
from workflows.papers.paper import LONGEST, Paper, to_data
from workflows.papers.paper_wording import Writer
from workflows.reports.report_scope import check_cutoff
from workflows.rules.rights_table import Right


def readable(principal: Principal) -> ColumnElement[bool]:
    """Return the reports, drafts included, that somebody may open: those of the units they speak for or serve.

    And those that a schedule tells the issuer's office of, for whoever speaks for that office.
    """
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    return or_(_own(principal), col(IssuedReport.id).in_(_told_to_issuer(principal)))


def _own(principal: Principal) -> ColumnElement[bool]:
    return col(IssuedReport.office_unit_id).in_(principal.speaks_for | principal.serves)


def _told_to_issuer(principal: Principal) -> Any:
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
    """NotFound where it is none of theirs, as if there were none."""
    found = session.exec(select(IssuedReport).where(IssuedReport.id == report_id, readable(principal))).first()
    if found is None:
        raise NotFound("there is no such report")
    return found


def draft(session: Session, principal: Principal, wanted: NewPaper, *, now: datetime) -> IssuedReport:
    """Add a draft, its narrative proposed from what units have sent. NotFound, Forbidden, BadInput."""
    principal.require(Right.WRITE_PAPERS)
    check_cutoff(wanted.cutoff, local_date(now))
    row = written(session, principal, wanted, whose(session, principal, wanted), now=now)
    session.add(row)
    session.flush()
    return row


def written(
    session: Session,
    principal: Principal,
    wanted: NewPaper,
    about: tuple[Directive | None, Unit | None, Unit],
    *,
    now: datetime,
) -> IssuedReport:
    """Return a draft that is not kept yet: its figures and its proposed words, of what somebody oversees.

    `about`: its directive, its unit, and the office that writes it.
    """
    directive, unit, office = about
    row = IssuedReport(
        kind=wanted.kind,
        directive_id=directive.id if directive else None,
        unit_id=unit.id if unit else None,
        office_unit_id=office.id,
        cutoff=wanted.cutoff,
        language=wanted.language,
        figures={},
        parts={},
        drafted_at=now,
        drafted_by=principal.person.id,
    )
    of = subject_of(session, principal, row)
    row.figures, row.parts = of.figures(session), of.propose(session)
    return row


def edit(session: Session, principal: Principal, report_id: UUID, parts: Mapping[str, str], *, seen: int) -> int:
    """Keep the narrative as edited; return the revision then. BadInput for a part too long, Refused if late."""
    row = _open_draft(session, principal, report_id)
    given = {name: parts.get(name, row.parts.get(name, "")).replace("\r\n", "\n").strip() for name in PARTS}
    for name, text in given.items():
        if len(text) > LONGEST:
            raise BadInput(
                "{field}: {length} characters; expected at most {most}",
                field=PARTS[name],
                length=len(text),
                most=LONGEST,
            )
    if seen == row.revision and all(row.parts.get(name, "") == text for name, text in given.items()):
        return seen
    _guarded(session, row, seen, parts=given)
    return seen + 1


def refresh(session: Session, principal: Principal, report_id: UUID, *, seen: int, words: bool = False) -> None:
    """Read a draft's figures again; with `words`, its narrative is proposed anew too, and edits are lost."""
    row = _open_draft(session, principal, report_id)
    of = subject_of(session, principal, row)
    values: dict[str, Any] = {"figures": of.figures(session)}
    if words:
        values["parts"] = of.propose(session)
    _guarded(session, row, seen, **values)


def drop_draft(session: Session, principal: Principal, report_id: UUID, *, seen: int) -> None:
    """A draft is thrown away; an issued report never is. Refused where somebody has changed it since it was `seen`."""
    row = _open_draft(session, principal, report_id)
    gone = session.connection().execute(delete(IssuedReport).where(*_as_seen(row, seen)))
    if gone.rowcount != 1:
        raise _late()


def correct(session: Session, principal: Principal, report_id: UUID, *, now: datetime) -> IssuedReport:
    """Draft a report that corrects an issued one and begins with its words."""
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
    row.figures = subject_of(session, principal, row).figures(session)
    session.add(row)
    session.flush()
    return row


def preview(session: Session, principal: Principal, row: IssuedReport, *, mark: bool = True) -> Paper:
    """Return the paper as it would be issued now; `mark` says on it that it is a draft."""
    of = subject_of(session, principal, row)
    parts = dict(row.parts)
    if row.corrects_id is not None:
        parts["general"] = "\n".join(part for part in (_correction(session, row), parts.get("general", "")) if part)
    return of.paper(session, parts, mark=mark)


def _correction(session: Session, row: IssuedReport) -> str:
    writer, old = Writer(row.language), session.get_one(IssuedReport, row.corrects_id)
    assert old.issued_at is not None  # only an issued report is corrected
    return writer.say(
        _("This report corrects and replaces the one issued on {day} (reference {reference})."),
        day=writer.day(local_date(old.issued_at)),
        reference=old.id.hex[-8:],
    )


@dataclass(frozen=True)
class ReadyReport:
    """A report as it is about to be issued: made outside of the transaction that issues it."""

    report_id: UUID
    seen: int
    issued_at: datetime
    paper: Paper
    figures: dict[str, Any]
    files: dict[str, bytes]


def prepare(session: Session, principal: Principal, report_id: UUID, *, seen: int, now: datetime) -> ReadyReport:
    """Read all again and make the files. Refused where the figures are no longer those of the draft."""
    row = _open_draft(session, principal, report_id)
    figures = subject_of(session, principal, row).figures(session)
    if figures != row.figures:
        raise Refused(
            "the figures have changed since they were read: read them again, and look at the report once more"
        )
    paper = preview(session, principal, row, mark=False)
    makers = {"docx": render_docx, "pdf": render_pdf, "xlsx": render_xlsx}
    files = {name: make(paper, written_at=now) for name, make in makers.items()}
    return ReadyReport(report_id, seen, now, paper, figures, files)


def issue(session: Session, principal: Principal, ready: ReadyReport) -> None:
    """Issue it: from now on the database refuses every change. Refused where somebody was first."""
    row = _open_draft(session, principal, ready.report_id)
    for name, content in ready.files.items():
        session.add(IssuedFile(report_id=row.id, form=name, sha256=sha256(content).hexdigest(), content=content))
    session.flush()
    _guarded(
        session,
        row,
        ready.seen,
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
    """Return whether it is theirs to edit and issue, and not only told them: their own office's, whoever drafted it."""
    theirs = row.office_unit_id in principal.speaks_for | principal.serves
    return principal.may(Right.WRITE_PAPERS) and (theirs or principal.may(Right.SEE_EVERYTHING))


def _check_writer(principal: Principal, row: IssuedReport) -> None:
    if not may_write(principal, row):
        raise Forbidden(_("this report is another office's: it was sent to be read"))


def _guarded(session: Session, row: IssuedReport, seen: int, **values: Any) -> None:
    changed = session.connection().execute(
        update(IssuedReport).where(*_as_seen(row, seen)).values(revision=seen + 1, **values)
    )
    if changed.rowcount != 1:
        raise _late()
    session.expire(row)


def _as_seen(row: IssuedReport, seen: int) -> tuple[ColumnElement[bool], ...]:
    return (col(IssuedReport.id) == row.id, col(IssuedReport.revision) == seen, col(IssuedReport.issued_at).is_(None))


def _late() -> Refused:
    return Refused("somebody has changed this report meanwhile: open it again, and look at it once more")


def issued_file(session: Session, row: IssuedReport, form: str) -> bytes:
    """The file is as it was made on that day. NotFound for a form that the report has not."""
    found = need(session.get(IssuedFile, (row.id, form)), NotFound("there is no such file"))
    return found.content
