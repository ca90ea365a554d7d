"""Somebody makes the machine work: files that take long to draw, texts that take long to read. Nobody else waits."""

import asyncio
import re
import zlib
from functools import partial
from io import BytesIO

import httpx
import pytest
from sqlmodel import select

from models.database.session import reading
from models.intake.intake import Intake
from models.settings import EdxmlSettings
from models.tasks.evidence_files import GivenFile
from models.text.localtime import local_date
from tests.edxml.messages import OWN, with_file
from tests.web.api.programs import Make
from tests.web.conftest import (  # noqa: F401
    database_url,
    launched_postgresql,
    launched_sqlite,
    office,
    program,
    pytest_generate_tests,
)
from tests.web.site import Office
from workflows.access.access_tokens import Scope
from workflows.exchange.watch_folder import take_folder
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.actions import Action

pytestmark = pytest.mark.long

COORDINATOR, OBSERVER = "le.thi.c", "nguyen.minh.quan"
HEAD = "nguyen.thanh.tung"
SLOW = "CHỈ THỊ\nVề việc A\n\n1. " + "Sở Y tế; " * 40_000
LEFT = 'id="left-unread"'


def curves(count: int) -> bytes:
    """A PDF of one page with so many transparent curves: some kilobytes, and minutes to draw."""
    content = zlib.compress(b"/G gs\n" + b"0 0 m 100 800 500 0 600 800 c S\n" * count, 9)
    page = b"/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</ExtGState<</G<</CA .1/ca .1>>>>>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R" + page + b">>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
    ]
    made, places = b"%PDF-1.4\n", list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, one)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + table + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % len(made)


def test_sixty_views_of_a_file_that_is_hard_to_draw_hold_up_nobody(office: Office) -> None:  # noqa: F811
    office.settings.requests_per_minute = 600
    task = office.task("4")
    head = office.head(task)
    files = (GivenFile("Báo cáo.pdf", partial(BytesIO, curves(400_000))),)
    result = {"number": "12/BC", "date": local_date(office.now), "subject": "a", "signer": "b", "file": files}
    office.act(task, Action.SUBMIT, head.id, office.now, **result)
    works = office.sign_in(COORDINATOR)
    (address,) = re.findall(r'<iframe src="([^"]+)"', works.get("/inbox").text)
    opens = office.sign_in(head.code)

    async def ask() -> tuple[httpx.Response, int, list[httpx.Response]]:
        sites = [
            httpx.AsyncClient(transport=httpx.ASGITransport(office.app), base_url="http://dondoc.example", cookies=one)
            for one in (opens.cookies, works.cookies)
        ]
        views = [asyncio.create_task(sites[0].get(address)) for _ in range(60)]
        work = await sites[1].get("/work")
        return work, sum(not one.done() for one in views), await asyncio.gather(*views)

    work, waiting, views = asyncio.run(ask())
    assert work.status_code == 200 and waiting > 0, "the file was still being drawn"
    codes = [one.status_code for one in views]
    assert set(codes) <= {200, 429, 503} and 1 <= codes.count(200) <= 4
    assert all(int(one.headers["retry-after"]) > 0 for one in views if one.status_code != 200)
    assert office.sign_in(office.head(office.task("2")).code).get(address).status_code == 404
    assert office.reader.get(address).status_code == 303


@pytest.mark.parametrize(("code", "status"), [(COORDINATOR, 303), (HEAD, 403), (OBSERVER, 403)])
def test_a_text_made_to_take_long_is_read_as_far_as_the_time_reaches(
    office: Office,  # noqa: F811
    code: str,
    status: int,
) -> None:
    reader = office.sign_in(code)
    answer = reader.send("/work", "/intake", files={"file": ("a.txt", SLOW.encode(), "text/plain")}, unit="VU-VT")
    assert answer.status_code == status
    if status == 303:
        assert LEFT in reader.follow(answer).text
    with reading(office.engine) as session:
        assert len(session.exec(select(Intake)).all()) == (status == 303)


def test_an_outsiders_message_is_read_as_far_as_the_time_reaches(office: Office, program: Make) -> None:  # noqa: F811
    office.settings.edxml = EdxmlSettings(
        organ_id=OWN, organ_name="Sở Mẫu A", received_by=COORDINATOR, unit="VU-VT", hand_over="api"
    )
    message = with_file(SLOW.encode(), name="a.txt", media_type="text/plain")
    headers = {"content-type": "application/xml"}
    for asked in (program(HEAD), program(COORDINATOR, Scope.READ), program(OBSERVER)):
        assert asked.ask("POST", "/edxml/messages", content=message, headers=headers).status_code == 403
    folder = office.settings.edxml_folder / "in"
    folder.mkdir(parents=True)
    (folder / "m.edxml").write_bytes(message)
    with reading(office.engine) as session:
        calendar = load_calendar(session)
    for _look in range(2):
        take_folder(office.engine, office.settings, now=office.now, calendar=calendar)
    with reading(office.engine) as session:
        intake = session.exec(select(Intake)).one()
    assert LEFT in office.sign_in(COORDINATOR).get(f"/intake/{intake.id.hex}").text
