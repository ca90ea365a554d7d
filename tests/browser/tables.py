"""A follow-up table that came in, as the pages show it: a new row, one that is done, and a name that nobody knows."""

from collections.abc import Callable
from datetime import date

from models.database.session import transaction
from models.organization.register_reads import resolve_person, resolve_unit
from tests.browser.places import Place
from tests.review.sheets import csv
from workflows.intake.tables.store_table import keep_table, read_cells, set_document

ROWS = (
    "1;Xây dựng quy chế bảo đảm an toàn mạng lưới;Vụ Viễn thông;Vụ Bưu chính;30/12/2026;Đang thực hiện;",
    "2;Rà soát hệ thống của đơn vị;T-DD;Vụ Viễn thông;Quý I/2027;;Báo cáo bằng văn bản",
    "3;Kiểm tra đường cáp;T-DD;;30/9/2026;Đã hoàn thành;",
    "4;Hướng dẫn kỹ thuật cho các đơn vị;Trung tâm Sao Mai;;31/11/2026;;",
)


def table_at(then: str = "") -> Callable[[Place], str]:
    """A page of it."""

    def address(place: Place) -> str:
        with transaction(place.story.engine) as session:
            table = keep_table(
                session,
                "theo-doi.csv",
                read_cells("theo-doi.csv", csv(*ROWS)),
                unit_id=resolve_unit(session, "VU-VT").id,
                person_id=resolve_person(session, "le.thi.c").id,
                now=place.now,
            )
            document = {
                "kind": "kết luận",
                "number": "",
                "issuer": "Bộ trưởng",
                "subject": "Giao ban tháng 10",
                "fixed": "",
            }
            set_document(table, document, date(2026, 10, 20), date(2026, 11, 1))
            return f"/intake/tables/{table.id.hex}{then}"

    return address
