"""Tables of follow-up, sent in by a page."""

from tests.review.sheets import QUY_CHE, TONG_KET
from tests.web.site import Office, Reader

COORDINATOR, HEAD, ADMINISTRATOR = "le.thi.c", "nguyen.thanh.tung", "dang.thu.thuy"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TWO = (f"1;{QUY_CHE};Vụ Viễn thông;Vụ Bưu chính;30/12/2026;;", f"2;{TONG_KET};Trung tâm Sao Mai;;Quý IV/2026;;")


def send_in(office: Office, content: bytes, name: str = "theo-doi.csv") -> tuple[Reader, str]:
    """The coordinator's browser, and the address of the table's rows."""
    reader = office.sign_in(COORDINATOR)
    answer = reader.send(
        "/intake/tables?lang=en", "/intake/tables", files={"file": (name, content, XLSX)}, unit="VU-VT"
    )
    assert answer.status_code == 303, answer.text
    return reader, answer.headers["location"].removesuffix("/columns")
