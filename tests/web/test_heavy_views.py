"""Files that take long to draw: whoever opens them by the dozen waits alone, and hears when to try again."""

import asyncio
import re
from functools import partial
from io import BytesIO
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from models.database.session import reading
from models.errors import Busy
from models.organization.register_reads import resolve_person
from models.tasks.evidence_files import GivenFile
from models.text.localtime import local_date
from tests.intake.files.made import pdf
from tests.web.site import Office, Reader
from web.intake import coming_in
from web.worklists import file_view, task_list_pages
from workflows.bounded_process import turns
from workflows.rules.tasks.actions import Action

COORDINATOR = "le.thi.c"
VIEWS = 60


@pytest.fixture
def address(office: Office) -> str:
    """Where a PDF of a result is drawn."""
    task = office.task("4")
    given = GivenFile("Báo cáo.pdf", partial(BytesIO, pdf("Kết quả thực hiện")))
    result = {"number": "12/BC", "date": local_date(office.now), "subject": "a", "signer": "b", "file": (given,)}
    office.act(task, Action.SUBMIT, office.head(task).id, office.now, **result)
    (drawing,) = re.findall(r'<iframe src="([^"]+)"', office.sign_in(COORDINATOR).get("/inbox").text)
    return str(drawing)


class Drawing:
    """Draws once it is told to go on."""

    def __init__(self) -> None:
        self.count, self.goes_on = 0, Event()

    def __call__(self, _name: str, _content: bytes, _is_pdf: bool) -> dict[str, Any]:
        self.count += 1
        assert self.goes_on.wait(120)
        return {"pages": 1, "pictures": ["iVBOR"]}


def test_who_opens_a_file_sixty_times_holds_up_nobody(
    office: Office, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = Drawing()
    monkeypatch.setattr(file_view, "READER", SimpleNamespace(only=drawing))
    head, coordinator = office.sign_in(office.head(office.task("4")).code), office.sign_in(COORDINATOR)

    async def ask() -> tuple[httpx.Response, int, list[httpx.Response]]:
        """In one loop, whose pages share forty threads as those of the site do."""
        async with _client(office, head) as opens, _client(office, coordinator) as works:
            views = [asyncio.create_task(opens.get(address)) for _ in range(VIEWS)]
            work = await asyncio.wait_for(works.get("/work"), 60)
            waiting = sum(not one.done() for one in views)
            drawing.goes_on.set()
            return work, waiting, await asyncio.gather(*views)

    work, waiting, answers = asyncio.run(ask())
    assert work.status_code == 200 and waiting > 0, "it is answered while the file is still being drawn"
    shown = [one for one in answers if one.status_code == 200]
    assert shown and all("data:image/png;base64,iVBOR" in one.text for one in shown)
    refused = [one for one in answers if one.status_code != 200]
    assert refused and {(one.status_code, one.headers["retry-after"]) for one in refused} == {(503, "10")}
    assert all("đề nghị thử lại sau vài giây" in one.text for one in refused)
    assert drawing.count == 1, "what was drawn is kept"


def test_a_kept_drawing_is_shown_only_to_those_who_may_see_the_file(office: Office, address: str) -> None:
    head = office.sign_in(office.head(office.task("4")).code)
    assert head.get(address).status_code == 200
    assert [*office.settings.views.iterdir()]
    assert office.sign_in(office.head(office.task("2")).code).get(address).status_code == 404
    assert office.reader.get(address).status_code == 303


def test_a_busy_machine_says_so_beside_the_form(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise Busy("too many files are being opened or made at this moment: please try again in a few seconds")

    monkeypatch.setattr(coming_in, "read_document", refuse)
    answer = office.sign_in(COORDINATOR).send("/intake?lang=en", "/intake", pasted="1. Vụ A báo cáo.", unit="VU-VT")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "1. Vụ A báo cáo." in answer.text and "please try again in a few seconds" in answer.text


def _client(office: Office, reader: Reader) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app), base_url="http://dondoc.example", cookies=reader.cookies
    )


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_one_person_makes_one_file_of_the_list_at_a_time(
    office: Office, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0)
    other, same = office.sign_in("ngo.van.loc"), office.sign_in(COORDINATOR)
    with reading(office.engine) as session:
        person = resolve_person(session, COORDINATOR)
    with task_list_pages._TURNS.take(person.id):
        answer = same.get(f"/tasks/{ending}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert other.get(f"/tasks/{ending}").status_code == 200
    assert same.get(f"/tasks/{ending}").status_code == 200
