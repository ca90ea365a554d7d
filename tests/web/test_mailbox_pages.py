"""The local mailbox, to look at."""

from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from httpx import Response
from sqlalchemy import Engine

from models.database.ids import new_id
from models.settings import MailSettings, Settings
from tests.web.site import Office, Reader
from web.app import create_app

HERE = "http://127.0.0.1:8000"


def keep(
    folder: Path,
    subject: str,
    html: str = "<html><head></head><body>xin chào</body></html>",
    to: str = "b@tct-t.example",
) -> str:
    message = EmailMessage()
    message["Subject"], message["To"] = subject, to
    message["Date"] = "Mon, 02 Nov 2026 01:00:00 +0000"
    message.set_content("xin chào")
    message.add_alternative(html, subtype="html")
    folder.mkdir(exist_ok=True)
    name = str(new_id())
    (folder / f"{name}.eml").write_bytes(f"Delivered-To: {to}\r\n".encode() + message.as_bytes())
    return name


def at_home(office: Office, path: str) -> Response:
    """A page as it is opened at the machine itself."""
    office.settings.base_url = HERE
    return office.reader.get(path, headers={"host": "127.0.0.1:8000"})


def test_letters_are_listed_newest_first(office: Office) -> None:
    for subject in ("thư một", "thư hai"):
        keep(office.settings.mailbox, subject)
    text = at_home(office, "/mail").text
    assert text.index("thư hai") < text.index("thư một")
    assert "b@tct-t.example" in text


def test_long_lists_come_in_pages(office: Office) -> None:
    for number in range(51):
        keep(office.settings.mailbox, f"thư số {number:02d}")
    assert "thư số 00" not in at_home(office, "/mail").text
    assert "thư số 00" in at_home(office, "/mail?page=2").text
    assert "thư số 00" in at_home(office, "/mail?page=99").text


def test_the_mailbox_is_filtered_by_recipient(office: Office) -> None:
    for number in range(51):
        keep(office.settings.mailbox, f"thư của B số {number:02d}")
    keep(office.settings.mailbox, "thư của A", to="a@cty-m.example")
    found = at_home(office, "/mail?to=A%40cty-m").text
    assert "thư của A" in found and "thư của B" not in found and '<option value="b@tct-t.example">' in found
    pages = at_home(office, "/mail?to=tct-t").text
    assert "thư của A" not in pages and "to=tct-t&amp;page=2" in pages
    assert "Không có thư nào" in at_home(office, "/mail?to=nobody").text


def test_a_letter_is_shown_in_a_frame_that_runs_nothing(office: Office) -> None:
    name = keep(office.settings.mailbox, "<b>thư</b>", "<html><head></head><script>alert(1)</script>chào</html>")
    page = at_home(office, f"/mail/{name}")
    assert "&lt;b&gt;thư&lt;/b&gt;" in page.text
    assert "<script>" not in page.text
    frame = at_home(office, f"/mail/{name}/html")
    assert "sandbox" in frame.headers["content-security-policy"]
    assert "allow-scripts" not in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["%2e%2e%2fdondoc", "nobody", "0" * 36])
def test_only_letters_of_the_mailbox_can_be_asked_for(office: Office, name: str) -> None:
    assert at_home(office, f"/mail/{name}").status_code == 404


@pytest.mark.parametrize(
    ("host", "at", "mode", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", "local", 200),
        ("127.0.0.1", "http://localhost:8000", "local", 200),
        ("127.0.0.1", "http://[::1]:8000", "local", 200),
        ("0.0.0.0", "http://127.0.0.1:8000", "local", 404),
        ("127.0.0.1", "http://127.0.0.1:8000", "smtp", 404),
        ("127.0.0.1", "https://dondoc.example", "local", 404),  # a reverse proxy stands in front
        ("127.0.0.1", "http://10.0.0.5:8000", "local", 404),
    ],
)
def test_everybodys_letters_are_shown_on_this_machine_only(
    engine: Engine, tmp_path: Path, host: str, at: str, mode: str, shown: int
) -> None:
    mail = MailSettings(mode="smtp" if mode == "smtp" else "local")
    client = Reader(create_app(engine, Settings(data=tmp_path, host=host, base_url=at, mail=mail)))
    answer = client.get("/mail", headers={"host": httpx.URL(at).netloc.decode()})
    assert answer.status_code == shown
