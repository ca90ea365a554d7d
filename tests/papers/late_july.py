"""What the office of late July 2004 was told, and its papers."""

from datetime import date

from sqlmodel import Session

from models.directives.directive import Directive, find_directive
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit
from tests.office import at
from workflows.operations.setup import BUNDLED
from workflows.organization.working_calendar import load_calendar
from workflows.papers.make_paper import Order, PaperKind, make_paper
from workflows.papers.paper import Paper

NOW, CUTOFF = at(6, 8, hour=10), date(2004, 8, 6)
IN_THE_WAY = "Chưa có định mức kinh phí cho việc tập huấn đại lý"
SECRET = "Vị trí kho dự phòng ở phía bắc"
DONE = "Đã đề xuất mức giảm theo từng loại hình dịch vụ"


def directive(session: Session) -> Directive:
    return find_directive(session, BUNDLED)


def unit(session: Session, code: str) -> Unit:
    return resolve_unit(session, code)


def make(session: Session, kind: PaperKind, **more: object) -> Paper:
    """A paper of the directive as somebody who may see all has it."""
    given = {"cutoff": CUTOFF, "directive": directive(session)} | more
    return make_paper(session, Order(kind, **given), calendar=load_calendar(session), now=NOW)  # type: ignore[arg-type]
