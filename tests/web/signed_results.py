"""Results with signed files."""

from datetime import UTC, datetime

from sqlmodel import Session

from models.organization.register_reads import resolve_person
from models.tasks.task import Task
from tests.intake.files.made import blocks_of, pdf
from tests.signing import Holder
from tests.web.sending import send, through
from tests.web.site import Office
from workflows.access.audit_log import AuditActor
from workflows.signatures.trusted_roots import install_roots, read_roots

ADMINISTRATOR, COORDINATOR, CLERK = "dang.thu.thuy", "le.thi.c", "vu.huu.phuoc"
NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
TEXT = "CHỈ THỊ\n\nVề việc bảo đảm an toàn\n\n1. Vụ Viễn thông báo cáo Bộ trước ngày 15/12/2026."


def install(session: Session, holder: Holder) -> None:
    boss = resolve_person(session, ADMINISTRATOR).id
    install_roots(session, read_roots(session, "a.cer", holder.der), AuditActor(NOW, boss), boss)


def document() -> bytes:
    return pdf(blocks_of(TEXT))


def submitted(office: Office, *files: bytes) -> Task:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    given = [(f"bc{number}.pdf", data) for number, data in enumerate(files)]
    assert through(reader, f"/tasks/{task.id.hex}/submit", send(reader, task, *given)).status_code == 303
    return office.task("4")
