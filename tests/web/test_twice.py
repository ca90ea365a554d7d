"""A parameter given twice: whoever reads one value of it refuses, so that no two readers see two different ones."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

from models.database.session import reading
from models.organization.audit import Audit
from models.tasks.history import History
from tests.rooms import of_room
from tests.web.api.programs import Make
from tests.web.site import Office, Reader

CT_06 = "/directives/ct-06-2004"
ADDRESSES = {
    "administrator": (
        "/sign-in?next",
        "/admin/calendar?year",
        "/admin/calendar/edit?day",
        "/admin/letters?state",
        "/admin/letters?page",
        "/admin/audit?who",
        "/admin/audit.csv?first",
        "/admin/people/new?unit",
        "/admin/templates?page",
    ),
    "coordinator": (
        f"{CT_06}?q",
        f"{CT_06}?state",
        f"{CT_06}?page",
        f"{CT_06}?unit",
        f"{CT_06}/bulk?action",
        "/letters?q",
        "/letters?older",
        "/letters?first",
        f"/launch/{CT_06.rpartition('/')[2]}?coordinator",
        "/search?q",
        "/inspections/plan?directive",
        "/reports?cutoff",
        "/reports/tasks?kind",
        "/sign-in?next",
    ),
}
FORMS: list[tuple[str, str, dict[str, str]]] = [
    ("head", "/account/language", {"language": "en"}),
    ("head", "/account/password", {"current": "", "password": "một câu đủ dài để nhớ"}),
    ("head", "/tasks/{task}/progress", {"note": "đang làm"}),
    ("head", "/tasks/{task}/ask-extension", {"due": "2026-12-10", "note": "chờ số liệu"}),
    ("head", "/absences", {"starts_on": "2026-11-03", "ends_on": "2026-11-10", "stand_in": "le.thi.c", "reason": "x"}),
    ("le.thi.c", "/tasks/{task}/set-date", {"due": "2026-12-10", "note": "chờ số liệu"}),
    ("le.thi.c", "/tasks/{task}/telephone", {"answered_by": "Chị Ngân", "at": "2026-11-02T07:30", "note": "hứa gửi"}),
    ("dang.thu.thuy", "/admin/units/new", {"code": "SGT", "name": "Saigontel", "kind": "other", "phone": "1"}),
    ("dang.thu.thuy", "/admin/people/new", {"code": "an", "full_name": "Lê An", "email": "an@mpt.example"}),
    ("dang.thu.thuy", "/admin/calendar/edit", {"days": "19/11/2026, off, Nghỉ", "reason": "x"}),
    ("dang.thu.thuy", "/account/tokens", {"name": "x", "days": "30"}),
]
OF_CHANNELS = pytest.param(
    "dang.thu.thuy",
    "/admin/webhooks",
    {"url": "https://hooks.example/a", "name": "x"},
    id="/admin/webhooks",
    marks=of_room("channels"),
)


def kept(engine: Engine) -> tuple[int, int]:
    """How many lines history and audit hold: whatever is done leaves one."""
    with reading(engine) as session:
        return tuple(session.exec(select(func.count(col(table.id)))).one() for table in (History, Audit))  # type: ignore[return-value]


def sent(reader: Reader, page: str, fields: dict[str, Any]) -> httpx.Response:
    return reader.send("/help?lang=en", page, **fields)


def refused(answer: httpx.Response, name: str) -> bool:
    """Whether the answer says what was given twice."""
    return answer.status_code == 422 and f"{name}: given 2 times; expected once" in answer.text.lower()


@pytest.mark.parametrize(("who", "page", "fields"), [*(pytest.param(*form, id=form[1]) for form in FORMS), OF_CHANNELS])
def test_a_form_whose_field_is_there_twice_does_nothing(
    office: Office, who: str, page: str, fields: dict[str, str]
) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code if who == "head" else who)
    page, before = page.format(task=task.id.hex), kept(office.engine)
    for name, value in fields.items():
        for twice in ([value, value], [value, "9"], ["", value]):
            answer = sent(reader, page, fields | {name: twice})
            assert refused(answer, name), answer.text
    assert kept(office.engine) == before


def test_a_forms_mark_given_twice_opens_nothing(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    answer = reader.send("/account?lang=en", "/account/language", csrf=["x", "y"], language="en")
    assert refused(answer, "csrf")


@pytest.mark.parametrize("who", ADDRESSES)
def test_a_page_whose_parameter_is_there_twice_is_not_shown(office: Office, who: str) -> None:
    reader = {"administrator": office.sign_in("dang.thu.thuy"), "coordinator": office.sign_in("le.thi.c")}[who]
    for path in ADDRESSES[who]:
        name = path.rpartition("?")[2]
        answer = reader.get(f"{path}=1&{name}=2&lang=en")
        assert (path, refused(answer, name)) == (path, True)


def parameters(office: Office) -> Iterator[tuple[str, str, bool]]:
    """Each parameter of each call of the API that reads, from its own description; and whether it may be repeated."""
    for path, calls in office.app.state.api.openapi()["paths"].items():
        for one in calls.get("get", {}).get("parameters", ()):
            if one["in"] == "query":
                kinds = [one["schema"], *one["schema"].get("anyOf", ())]
                yield path, one["name"], any(kind.get("type") == "array" for kind in kinds)


def test_no_call_of_the_api_takes_a_parameter_twice_but_those_that_are_lists(office: Office, program: Make) -> None:
    caller = program("dang.thu.thuy")
    asked = set(parameters(office))
    assert {name for _path, name, is_list in asked if is_list} == {"duty", "status"}
    assert len(asked) > 60
    for path, name, is_list in asked:
        filled = path.replace("{code}", "ct-06-2004").replace("{", "").replace("}", "")
        answer = caller.get(f"{filled}?{name}=1&{name}=1")
        assert (path, name, refused(answer, name)) == (path, name, not is_list)


def test_lists_may_hold_several(office: Office, program: Make) -> None:
    found = program("le.thi.c").get(f"{CT_06}/board?duty=2&duty=4").json()
    assert {one["code"] for one in found["duties"]} >= {"2", "4"}
    assert office.sign_in("le.thi.c").get(f"{CT_06}?duty=2&duty=4").status_code == 200


def test_of_two_languages_the_last_is_spoken_and_no_page_breaks_down(office: Office) -> None:
    assert 'lang="en"' in office.get("/sign-in?lang=vi&lang=en").text
