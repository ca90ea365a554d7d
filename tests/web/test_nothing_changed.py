"""A page that changed nothing says so, and a field that would count for nothing is refused by name."""

from typing import Any

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.organization.audit import Audit
from tests.page import Page
from tests.rooms import of_room
from tests.web.site import Office, Reader
from workflows.jobs.system_jobs import ensure_jobs

NOTHING = '<div class="note" role="status"><p>Không có gì thay đổi.</p>'
BOSS, COORDINATOR = "dang.thu.thuy", "le.thi.c"


def audited(office: Office) -> list[str]:
    with reading(office.engine) as session:
        return list(session.exec(select(Audit.action).order_by(col(Audit.id))))


def test_a_repeat_of_a_setting_changes_nothing(office: Office) -> None:
    reader = office.sign_in(BOSS)
    office.change(ensure_jobs)
    for action, given in (
        ("/admin/jobs/purge", {"usual": "1"}),
        ("/admin/jobs/purge/resume", {}),
        ("/account/language", {"language": "vi"}),
    ):
        before = audited(office)
        page = reader.follow(reader.send("/account", action, **given)).text
        assert NOTHING in page, action
        assert audited(office) == before, "the audit tells of changes"


def test_what_did_change_is_said(office: Office) -> None:
    reader = office.sign_in(BOSS)
    for action, said in (("pause", "đã tạm dừng"), ("pause", ""), ("resume", "chạy lại"), ("resume", "")):
        page = reader.follow(reader.send("/account", f"/admin/jobs/purge/{action}")).text
        assert (NOTHING in page) is not bool(said), (action, said)


def test_an_unchanged_unit_or_person_is_told_as_such(office: Office) -> None:
    reader = office.sign_in(BOSS)
    for page in ("/admin/units/VU-VT/edit", "/admin/people/le.thi.c/edit"):
        assert NOTHING in reader.follow(reader.send(page, **fields_of(reader, page))).text, page


@of_room("papers")
def test_a_draft_kept_as_it_was_is_told_as_such(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    made = reader.send("/papers", kind="directive", directive="ct-06-2004", cutoff="2026-11-02", language="vi")
    page = made.headers["location"]
    fields = fields_of(reader, page)
    assert NOTHING in reader.follow(reader.send(page, **fields | {"deed": "save"})).text
    first = next(name for name in fields if name not in ("seen", "deed"))
    assert NOTHING not in reader.follow(reader.send(page, **fields | {"deed": "save", first: "Mới."})).text
    assert "soạn lại" in reader.follow(reader.send(page, **fields_of(reader, page) | {"deed": "propose"})).text


def of_papers(*given: Any) -> Any:
    return pytest.param(COORDINATOR, *given, marks=of_room("papers"))


@pytest.mark.parametrize(
    ("who", "page", "given", "says"),
    [
        (BOSS, "/admin/calendar/edit", {"reason": "QĐ 1", "name": "Nghỉ bù", "days": "31/08/2026, off"}, "Ngày đầu"),
        (BOSS, "/admin/mail/edit", {"no_password": "on", "password": "x"}, "mật khẩu"),
        of_papers("/papers", {"kind": "consolidated", "directive": "ct-06-2004"}, "báo cáo tổng hợp"),
        of_papers("/papers", {"kind": "directive", "directive": "ct-06-2004", "unit": "VU-VT"}, "báo cáo của đơn"),
        of_papers(
            "/papers/schedules/new",
            {"kind": "directive", "collects": "ct-06-2004/results", "own_months": "1"},
            "số tháng",
        ),
    ],
)
def test_a_field_that_would_count_for_nothing_is_refused(
    office: Office, who: str, page: str, given: dict[str, str], says: str
) -> None:
    answer = office.sign_in(who).send(page, **given)
    assert answer.status_code == 422
    assert says.casefold() in answer.text.casefold()


def fields_of(reader: Reader, page: str) -> dict[str, str]:
    """The main form of a page as a browser would send it untouched."""
    fields = Page(reader.get(page).text).forms("form.form")[0].fields
    return {name: value for name, value in fields.items() if name != "csrf"}
