"""Who changed what, on the administration's pages: filters in the address, page after page, and a download."""

import csv
import io
import re
from datetime import timedelta

import pytest

from models.database.session import transaction
from models.organization.register_reads import resolve_person
from tests.web.site import Office, Reader
from workflows.access.audit_log import note

PAGE = "/admin/audit"


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def deeds(
    office: Office, count: int, action: str = "unit_changed", about: str = "CTY-H", who: str = "dang.thu.thuy"
) -> None:
    with transaction(office.engine) as session:
        actor = resolve_person(session, who).id
        for number in range(count):
            facts = {"phone": [str(number), str(number + 1)]}
            note(session, action, now=office.now + timedelta(minutes=number), actor_id=actor, about=about, facts=facts)


@pytest.mark.parametrize("path", [PAGE, "/admin/audit.csv"])
def test_the_audit_is_for_administrators_only(office: Office, path: str) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        assert office.sign_in(code).get(path).status_code == 403


def test_a_line_says_who_did_what_to_what(office: Office, administrator: Reader) -> None:
    deeds(office, 1)
    shown = administrator.get(f"{PAGE}?lang=en").text
    assert "Changed a unit" in shown and ">Đặng Thu Thuỷ</a>" in shown and "0 → 1" in shown and "Telephone:" in shown


def test_filters_find_who_what_and_when(office: Office, administrator: Reader) -> None:
    deeds(office, 2, "unit_changed", "CTY-H")
    deeds(office, 1, "person_changed", "le.thi.c", who="le.thi.c")

    def found(**given: str) -> int:
        return administrator.get(PAGE, params=given).text.count("<tr><td data-name")

    assert found() == 3
    assert found(who="Đặng Thu Thuỷ") == 2 and found(who="le.thi.c") == 1
    assert found(action="person_changed") == 1
    assert found(about="CTY") == 2 and found(about="%") == 0
    assert found(first="2026-11-02", last="2026-11-02") == 3
    assert found(first="2026-11-03") == 0 and found(last="2026-11-01") == 0
    assert administrator.get(PAGE, params={"who": "nobody at all"}).status_code == 404
    assert administrator.get(PAGE, params={"first": "yesterday"}).status_code == 422
    assert administrator.get(PAGE, params={"after": "x"}).status_code == 422


def test_page_after_page_no_line_is_lost_or_shown_twice(office: Office, administrator: Reader) -> None:
    deeds(office, 120)
    with transaction(office.engine) as session:  # of the same moment as others
        for number in range(10):
            note(session, "unit_changed", now=office.now, about=f"X{number}")
    seen: list[str] = []
    address: str | None = f"{PAGE}?action=unit_changed"
    while address is not None:
        page = administrator.get(address).text
        seen += re.findall(r"<td[^>]* data-name=.*?</td>", page, re.DOTALL)
        links = [part.split('"')[0] for part in page.split('<a href="')[1:] if 'rel="next"' in part.split(">")[0]]
        address = links[0].replace("&amp;", "&") if links else None
        assert address is None or "action=unit_changed" in address
    assert len(seen) == 5 * 130


def test_the_download_has_all_lines_and_no_formula(office: Office, administrator: Reader) -> None:
    deeds(office, 60)
    deeds(office, 1, "unit_added", '=HYPERLINK("http://evil.example")')
    answer = administrator.get("/admin/audit.csv?lang=en")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-2026-11-02.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 61
    evil = next(row for row in rows if row["action"] == "unit_added")
    assert evil["about"].startswith("'=") and evil["words"] == "added a unit" and evil["person"] == "dang.thu.thuy"
    only = administrator.get("/admin/audit.csv?action=unit_added").text
    assert len(list(csv.DictReader(io.StringIO(only)))) == 1
