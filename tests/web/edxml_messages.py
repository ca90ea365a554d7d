"""Messages of the document exchange, sent in by a page."""

from tests.edxml.messages import sample
from tests.web.site import Office, Reader

COORDINATOR = "le.thi.c"


def send_in(office: Office, data: bytes = b"", name: str = "m.edxml") -> tuple[Reader, str]:
    reader = office.sign_in(COORDINATOR)
    files = {"file": (name, data or sample(), "application/xml")}
    answer = reader.send("/intake?lang=en", "/intake", files=files, unit="VU-VT")
    assert answer.status_code == 303, answer.text
    return reader, answer.headers["location"]
