"""A coordinator sends a document in, reviews it beside its words, and goes on to the launch."""

import re
from datetime import date

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Directive, DutyKind
from models.intake.intake import AudiencePhrase, Intake, IntakeState, ProposalState, ProposedDuty
from tests.intake.attached import DECISION, LETTERHEAD, PLAN
from tests.intake.files.made import blocks_of, docx
from tests.page import Page
from tests.review.taken_in import NOW, SEED
from tests.web.forms import fill, form_of, forms_on, press
from tests.web.site import Office, Reader
from web.request.template_words import MONTH_WORDS
from workflows.intake.review.store_reading import last_day
from workflows.jobs.cleanup.purge import delete_left_files
from workflows.operations.backups.restore import missing_files

OF_DUTY, OF_ALL = "/duties/", "^/intake/[0-9a-f]+$"
CHANGED = "đã thay đổi trong lúc trang đang mở"
COORDINATOR, HEAD = "le.thi.c", "nguyen.thanh.tung"


def send_in(office: Office, **fields: str) -> tuple[Reader, str]:
    """The coordinator's browser, and the address of the review."""
    reader = office.sign_in(COORDINATOR)
    answer = reader.send("/intake?lang=en", "/intake", **({"pasted": SEED, "unit": "VU-VT"} | fields))
    assert answer.status_code == 303, answer.text
    return reader, answer.headers["location"]


def duties(office: Office) -> dict[str, ProposedDuty]:
    with reading(office.engine) as session:
        return {one.path: one for one in session.exec(select(ProposedDuty).order_by(col(ProposedDuty.begins)))}


def fields_of(duty: ProposedDuty, **changed: str) -> dict[str, str]:
    """What the form of a duty holds."""
    day = last_day(duty)
    return {
        "path": duty.path,
        "title": duty.title,
        "duty_kind": duty.kind.value,
        "every": duty.every,
        "addressees": "\n".join(duty.addressees),
        "partners": "\n".join(duty.partners),
        "due_on": day.isoformat() if day else "",
        "reports_to": duty.reports_to,
        "result": duty.result,
    } | changed


def test_a_pasted_document_shows_its_duties_beside_its_words(office: Office) -> None:
    reader, review = send_in(office)
    page = reader.get(review).text
    assert "0 of 10 duties confirmed" in page
    assert page.count('class="duty"') >= 9 and 'id="chosen"' in page
    chosen = reader.get(f"{review}?duty=4").text
    assert re.search(r'<mark class="f-addressees chosen"[^>]*>Vụ Kế hoạch – Tài chính</mark>', chosen)


def test_a_file_is_read_and_one_that_cannot_be_says_why(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = reader.send(
        "/intake?lang=en", "/intake", files={"file": ("ct.txt", SEED.encode(), "text/plain")}, unit="VU-VT"
    )
    assert answer.status_code == 303
    answer = reader.send("/intake?lang=en", "/intake", unit="VU-VT")
    assert answer.status_code == 422 and "choose one, or paste the text" in answer.text
    with reading(office.engine) as session:
        assert [one.filename for one in session.exec(select(Intake))] == ["ct.txt"]


def test_a_secret_document_leaves_nothing_behind(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = reader.send("/intake?lang=en", "/intake", pasted="MẬT\n\n" + SEED, unit="VU-VT")
    assert answer.status_code == 409 and "classified mail" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).first() is None


def test_each_duty_is_confirmed_and_the_document_goes_to_its_launch(office: Office) -> None:
    reader, review = send_in(office)
    assert press(reader, fill(reader, review, "conclude", OF_ALL)).status_code == 422, "not before each is decided"
    changed = fields_of(duties(office)["1"], title="Chấp hành pháp luật", duty_kind="standing", every="half_year")
    answer = press(reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY), **changed)
    assert answer.status_code == 303 and "duty=2" in answer.headers["location"], "and the next one is looked at"
    assert press(reader, fill(reader, review, "confirm-all", OF_ALL)).status_code == 303
    answer = press(reader, fill(reader, review, "conclude", OF_ALL))
    assert answer.status_code == 303 and answer.headers["location"].startswith("/launch/"), answer.text
    assert "Chấp hành pháp luật" in reader.get(answer.headers["location"]).text
    with reading(office.engine) as session:
        assert len(session.exec(select(Directive)).all()) == 2


def test_what_is_wrong_stays_in_the_form_and_is_named(office: Office) -> None:
    reader, review = send_in(office)
    changed = fields_of(duties(office)["4"], path="2.a", title="Một tên mới")
    answer = press(reader, fill(reader, f"{review}?duty=4", "save", OF_DUTY), **changed)
    assert answer.status_code == 422 and "another duty has it" in answer.text and "Một tên mới" in answer.text


def test_whom_a_name_means_is_said_once(office: Office) -> None:
    reader, review = send_in(office, pasted="Yêu cầu các đơn vị thực hiện:\n\n1. Cục Trăng Xanh rà soát hệ thống.\n")
    (path,) = duties(office)
    assert "nobody" in reader.get(f"{review}?duty={path}&lang=en").text
    phrase = duties(office)[path].addressees[0]
    assert reader.send(review, review, do="teach", duty=path, phrase=phrase, meant="CTY-M").status_code == 303
    assert "as it was corrected before" in reader.get(f"{review}?duty={path}").text


def test_whom_a_name_means_is_typed_by_name(office: Office) -> None:
    reader, review = send_in(office, pasted="Yêu cầu các đơn vị thực hiện:\n\n1. Cục Trăng Xanh rà soát hệ thống.\n")
    (path,) = duties(office)
    filled = fill(reader, f"{review}?duty={path}", "teach")
    assert press(reader, filled, meant="", another="Vụ Không Có").status_code == 422
    assert press(reader, filled, another="vu vien thong").status_code == 303, "what is typed counts, not the list"
    with reading(office.engine) as session:
        assert session.exec(select(AudiencePhrase)).one().selectors == [{"named": ["VU-VT"]}]


def test_whom_a_name_means_is_not_said_over_what_somebody_has_just_said(office: Office) -> None:
    reader, review = send_in(office, pasted="Yêu cầu các đơn vị thực hiện:\n\n1. Cục Trăng Xanh rà soát hệ thống.\n")
    (path,) = duties(office)
    page, colleague = f"{review}?duty={path}", office.sign_in(COORDINATOR)
    old = fill(reader, f"{page}&lang=vi", "teach")
    assert press(colleague, fill(colleague, page, "teach"), meant="CTY-M").status_code == 303
    answer = press(reader, old, meant="T-DD")
    assert answer.status_code == 409 and f"{CHANGED}: “{duties(office)[path].addressees[0]}”" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(AudiencePhrase)).one().selectors == [{"named": ["CTY-M"]}]
    for filled in (old, (old[0], old[1] | {"seen": "x"})):
        assert press(reader, filled, meant="T-DD").status_code == 409
    assert press(reader, form_of(answer.text, "teach"), meant="T-DD").status_code == 303, "it has been looked at now"


def test_what_was_left_unread_stands_first(office: Office) -> None:
    reader, review = send_in(office, pasted=f"{DECISION}\n{LETTERHEAD}KF IIOACH\n\n{PLAN}")
    page = reader.get(f"{review}?lang=en").text
    told = page.index('id="left-unread"')
    assert told < page.index('class="standing"') and "gave neither a duty nor a heading" in page[told:]
    assert "“I. MỤC ĐÍCH" in page
    _reader, review = send_in(office)
    assert "left-unread" not in reader.get(review).text


def test_a_duty_is_left_out_split_and_added_from_the_page(office: Office) -> None:
    reader, review = send_in(office)
    assert press(reader, fill(reader, f"{review}?duty=3", "drop", OF_DUTY)).status_code == 303
    answer = press(
        reader,
        fill(reader, f"{review}?duty=closing.1", "split", OF_DUTY),
        begins_with="Trong quá trình thực hiện",
        second_path="closing.1b",
    )
    assert answer.status_code == 303, answer.text
    answer = reader.send(review, review, do="add", words="Vụ Viễn thông và Vụ Bưu chính … Bộ trưởng", new_path="x")
    assert answer.status_code == 303, answer.text
    now = duties(office)
    assert now["3"].state is ProposalState.DROPPED and {"closing.1b", "x"} <= now.keys()


def test_who_gives_out_no_tasks_sends_nothing_in_and_sees_nothing(office: Office) -> None:
    _reader, review = send_in(office)
    for who in (HEAD, "dang.thu.thuy"):
        reader = office.sign_in(who)
        assert reader.get("/intake").status_code == 403
        assert reader.get(review).status_code in (403, 404)


def test_what_it_amends_is_shown_with_the_open_tasks_that_this_touches(office: Office) -> None:
    changed = SEED.replace("Tài chính nghiên cứu xây dựng", "Tài chính khẩn trương xây dựng")
    reader, review = send_in(office, pasted=changed + "\nChỉ thị này thay thế Chỉ thị số 06/2004/CT-BBCVT.\n")
    page = reader.get(f"{review}?lang=en").text
    assert "It replaces Directive 06/2004/CT-BBCVT" in page
    assert "open tasks that this touches: 1" in page and "says something else" in page


def test_a_word_file_is_read_and_a_picture_is_refused_in_words(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    word = docx(blocks_of(SEED))
    answer = reader.send("/intake?lang=en", "/intake", files={"file": ("ct.docx", word, "x/y")}, unit="VU-VT")
    assert answer.status_code == 303, answer.text
    assert len(duties(office)) == 10
    picture = b"\x89PNG\r\n\x1a\n" + b"0" * 100
    answer = reader.send("/intake?lang=vi", "/intake", files={"file": ("anh.png", picture, "x/y")}, unit="VU-VT")
    assert answer.status_code == 422 and "bị hỏng hoặc bị cắt mất một phần" in answer.text


def test_a_documents_field_that_is_too_long_is_named_and_nothing_is_cut(office: Office) -> None:
    reader, review = send_in(office)
    reader.get(f"{review}?lang=en")
    answer = press(
        reader,
        fill(reader, review, "document", OF_ALL),
        kind="chỉ thị",
        number="1" * 65,
        issued_on="",
        issuer="Bộ",
        subject="Về việc",
        urgency="normal",
    )
    assert answer.status_code == 422 and "65 characters; expected at most 64" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).one().number is None


SPLIT = {"begins_with": "xây dựng", "second_path": "4b"}


@pytest.mark.parametrize("do", ["save", "confirm", "drop", "split", "merge"])
def test_what_somebody_made_of_a_duty_is_not_overwritten_from_an_old_page(office: Office, do: str) -> None:
    reader, review = send_in(office)
    page, colleague = f"{review}?duty=4", office.sign_in(COORDINATOR)
    old, before = fill(reader, f"{page}&lang=vi", do, OF_DUTY), duties(office)["4"]
    theirs = fields_of(before, title="Nghiên cứu cơ chế giảm giá cước")
    assert press(colleague, fill(colleague, page, "confirm", OF_DUTY), **theirs).status_code == 303
    mine = fields_of(before, title="Tên của tôi") if do in ("save", "confirm") else SPLIT if do == "split" else {}
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(reader, filled, **mine)
        assert answer.status_code == 409 and f"{CHANGED}: mục 4" in answer.text
    now = duties(office)
    assert (now["4"].title, now["4"].state) == ("Nghiên cứu cơ chế giảm giá cước", ProposalState.CONFIRMED)
    assert len(now) == 10
    assert press(reader, form_of(answer.text, do, OF_DUTY), **mine).status_code == 303, "it has been looked at now"


def test_a_refused_correction_stays_in_the_form_beside_what_somebody_else_put_there(office: Office) -> None:
    reader, review = send_in(office)
    page, colleague, before = f"{review}?duty=4", office.sign_in(COORDINATOR), duties(office)["4"]
    old = fill(reader, f"{page}&lang=vi", "save", OF_DUTY)
    theirs = fields_of(before, title="Tên của người khác", due_on="2026-12-31")
    assert press(colleague, fill(colleague, page, "save", OF_DUTY), **theirs).status_code == 303
    answer = press(reader, old, **fields_of(before, title="Tên của tôi"))
    assert 'value="Tên của tôi"' in answer.text
    (told,) = re.findall(r'<dl class="facts theirs">(.*?)</dl>', answer.text, re.DOTALL)
    assert "Tên của người khác" in told and "31/12/2026" in told
    assert "Vụ Kế hoạch" not in told, "what both left alone is not told"


def test_what_somebody_does_after_a_slip_is_not_overwritten_either(office: Office) -> None:
    reader, review = send_in(office)
    page, colleague, before = f"{review}?duty=4", office.sign_in(COORDINATOR), duties(office)["4"]
    slip = press(reader, fill(reader, page, "save", OF_DUTY), **fields_of(before, path="2.a"))
    assert slip.status_code == 422
    assert press(colleague, fill(colleague, page, "drop", OF_DUTY)).status_code == 303
    answer = press(reader, form_of(slip.text, "save", OF_DUTY), **fields_of(before, title="Tên của tôi"))
    assert answer.status_code == 409 and duties(office)["4"].title == before.title


def test_a_duty_is_not_merged_with_a_next_one_that_somebody_has_changed(office: Office) -> None:
    reader, review = send_in(office)
    colleague = office.sign_in(COORDINATOR)
    old = fill(reader, f"{review}?duty=4&lang=vi", "merge", OF_DUTY)
    assert press(colleague, fill(colleague, f"{review}?duty=5", "drop", OF_DUTY)).status_code == 303
    answer = press(reader, old)
    assert answer.status_code == 409 and f"{CHANGED}: mục 5" in answer.text and "5" in duties(office)


def test_a_duty_that_somebody_has_merged_away_is_said_to_be_gone(office: Office) -> None:
    reader, review = send_in(office)
    colleague = office.sign_in(COORDINATOR)
    old = fill(reader, f"{review}?duty=5&lang=vi", "confirm", OF_DUTY)
    before = duties(office)["5"]
    assert press(colleague, fill(colleague, f"{review}?duty=4", "merge", OF_DUTY)).status_code == 303
    answer = press(reader, old, **fields_of(before))
    assert answer.status_code == 409 and CHANGED in answer.text and "5" not in duties(office)


@pytest.mark.parametrize("do", ["conclude", "confirm-all", "drop"])
@pytest.mark.parametrize("meanwhile", ["a duty", "one more", "the document"])
def test_nothing_is_made_of_a_document_that_somebody_has_changed_meanwhile(
    office: Office, do: str, meanwhile: str
) -> None:
    reader, review = send_in(office)
    if do == "conclude":
        assert press(reader, fill(reader, review, "confirm-all", OF_ALL)).status_code == 303
    colleague, old = office.sign_in(COORDINATOR), fill(reader, f"{review}?lang=vi", do, OF_ALL)
    if meanwhile == "a duty":
        answer = press(colleague, fill(colleague, f"{review}?duty=4", "drop", OF_DUTY))
    elif meanwhile == "one more":
        answer = press(
            colleague, fill(colleague, review, "add", OF_ALL), words="Vụ Viễn thông và Vụ Bưu chính", new_path="x"
        )
    else:
        answer = press(colleague, fill(colleague, review, "document", OF_ALL), **THEIRS)
    assert answer.status_code == 303, answer.text
    before = duties(office)
    for filled in (old, (old[0], old[1] | {"seen": ""})):
        answer = press(reader, filled)
        assert answer.status_code == 409 and CHANGED in answer.text
    assert {path: one.state for path, one in duties(office).items()} == {
        path: one.state for path, one in before.items()
    }
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).one().state is IntakeState.OPEN


THEIRS = {
    "kind": "chỉ thị",
    "number": "7/CT-BBCVT",
    "issued_on": "2026-10-20",
    "issuer": "Bộ trưởng",
    "subject": "Tăng cường bảo đảm an toàn",
    "urgency": "normal",
}


def test_the_documents_own_data_are_not_overwritten_from_an_old_page(office: Office) -> None:
    reader, review = send_in(office)
    colleague, old = office.sign_in(COORDINATOR), fill(reader, f"{review}?lang=vi", "document", OF_ALL)
    assert press(colleague, fill(colleague, review, "document", OF_ALL), **THEIRS).status_code == 303
    answer = press(reader, old, **THEIRS | {"subject": "Trích yếu của tôi"})
    assert answer.status_code == 409 and CHANGED in answer.text and "Tăng cường bảo đảm an toàn" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).one().subject == "Tăng cường bảo đảm an toàn"


def test_two_who_review_different_duties_do_not_hinder_each_other(office: Office) -> None:
    reader, review = send_in(office)
    colleague = office.sign_in(COORDINATOR)
    mine, document = fill(reader, f"{review}?duty=4", "drop", OF_DUTY), fill(reader, review, "document", OF_ALL)
    assert press(colleague, fill(colleague, f"{review}?duty=3", "drop", OF_DUTY)).status_code == 303
    assert press(reader, mine).status_code == 303
    assert press(reader, document, **THEIRS).status_code == 303
    assert [path for path, one in duties(office).items() if one.state is ProposalState.DROPPED] == ["3", "4"]


MONTHLY = """BỘ BƯU CHÍNH, VIỄN THÔNG

Số: 1243/BBCVT-VT

Hà Nội, ngày 02 tháng 10 năm 2026

CÔNG VĂN
V/v báo cáo tình hình bảo đảm an toàn mạng lưới

Kính gửi: Các doanh nghiệp viễn thông

Bộ yêu cầu:

1. Các doanh nghiệp viễn thông báo cáo kết quả trước ngày 05 và 20 hằng tháng.

2. Vụ Viễn thông rà soát quy trình ứng cứu, hoàn thành trước ngày 30/10/2026 và trình Bộ chậm nhất ngày 15/11/2026.

3. Vụ Bưu chính hướng dẫn các đơn vị.
"""


def test_words_of_time_that_were_not_read_stop_the_confirmation(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    page = reader.get(f"{review}?duty=1&lang=en").text
    assert '<mark class="f-unread_time">trước ngày 05 và 20 hằng tháng</mark>' in page
    answer = press(reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY))
    assert answer.status_code == 422
    assert "words of time were not read: “trước ngày 05 và 20 hằng tháng”" in answer.text
    answer = press(
        reader,
        fill(reader, f"{review}?duty=1", "confirm", OF_DUTY),
        **fields_of(duties(office)["1"], due_on="2026-11-04"),
    )
    assert answer.status_code == 422, "a task that comes again takes no date of its own"
    assert duties(office)["1"].state is ProposalState.PROPOSED
    answer = press(
        reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY), **fields_of(duties(office)["1"], no_time="on")
    )
    assert answer.status_code == 303
    (kept,) = [one for one in duties(office)["1"].findings if one["field"] == "unread_time"]
    assert kept["settled"]["means"] == "no date" and kept["settled"]["by"] and kept["settled"]["at"]


def test_a_day_of_each_month_is_read_shown_and_changed(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY.replace("05 và 20", "05 của tháng sau"))
    page = reader.get(f"{review}?duty=1&lang=en").text
    assert "Every month, before day 5 of the month after it" in page and 'id="unread"' not in page
    assert press(reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY)).status_code == 303
    assert duties(office)["1"].deadline == {"rule": "of_period", "day": 5, "months_before": -1, "before": True}
    changed = fields_of(duties(office)["1"], period_day="10", period_month="0", period_sense="by")
    assert press(reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY), **changed).status_code == 303
    assert duties(office)["1"].deadline == {"rule": "of_period", "day": 10, "months_before": 0}
    wrong = fields_of(duties(office)["1"], period_day="32")
    answer = press(reader, fill(reader, f"{review}?duty=1", "confirm", OF_DUTY), **wrong)
    assert answer.status_code == 422 and "expected a day from 1 to 31" in answer.text


CHECKED = MONTHLY.replace(
    "3. Vụ Bưu chính hướng dẫn các đơn vị.",
    "3. Thanh tra Bộ theo dõi, đôn đốc, kiểm tra việc thực hiện văn bản này, chậm nhất ngày 28/02/2027.\n\n"
    "4. Vụ Bưu chính báo cáo Bộ trước mùng 5 hằng tháng.",
)
SHOWN = (
    *("title", "path", "addressees", "partners", "due_on", "every", "period_day", "period_sense"),
    *("reports_to", "result", "duty_kind"),
)
KEPT = ("path", "title", "kind", "addressees", "partners", "deadline", "every", "reports_to", "result")


@pytest.mark.parametrize("path", ["1", "2", "3", "4"])
@pytest.mark.parametrize("shown", [*((name,) for name in SHOWN), SHOWN])
def test_a_form_changes_only_what_it_shows(office: Office, path: str, shown: tuple[str, ...]) -> None:
    reader, review = send_in(office, pasted=CHECKED)
    page = f"{review}?duty={path}"
    before, (address, hidden) = duties(office)[path], fill(reader, page, "save", OF_DUTY)
    values = fields_on(reader.get(page).text)
    answer = press(reader, (address, hidden), **{name: values[name] for name in {*shown, "title"}})
    assert answer.status_code == 303, answer.text
    now = duties(office)[path]
    assert {name: getattr(now, name) for name in KEPT} == {name: getattr(before, name) for name in KEPT}


def fields_on(page: str) -> dict[str, str]:
    """What the form of the chosen duty holds, as a browser sends it."""
    return next(fields for address, fields in forms_on(page) if OF_DUTY in address and "title" in fields)


def test_a_check_by_a_day_is_done_once_and_keeps_its_day(office: Office) -> None:
    reader, review = send_in(office, pasted=CHECKED)
    page = f"{review}?duty=3&lang=en"
    assert (duties(office)["3"].kind, last_day(duties(office)["3"])) == (DutyKind.ONE_OFF, date(2027, 2, 28))
    for kind, every, told in (
        ("oversight", "", "say how often it comes again"),
        ("oversight", "quarter", "has no last day"),
        ("one_off", "quarter", "does not come again"),
    ):
        changed = fields_on(reader.get(page).text) | {"duty_kind": kind, "every": every}
        answer = press(reader, fill(reader, page, "confirm", OF_DUTY), **changed)
        assert answer.status_code == 422 and told in answer.text
        assert press(reader, fill(reader, page, "save", OF_DUTY), **changed).status_code == 303
        kept = duties(office)["3"]
        assert (last_day(kept), kept.state) == (date(2027, 2, 28), ProposalState.PROPOSED), "nothing is lost by saving"
        assert press(reader, fill(reader, page, "confirm", OF_DUTY)).status_code == 422, "nor by confirming as it is"
    both = fields_on(reader.get(page).text) | {"period_day": "5"}
    answer = press(reader, fill(reader, page, "save", OF_DUTY), **both)
    assert answer.status_code == 422 and "empty one of them" in answer.text


def test_confirming_all_leaves_names_that_nobody_knows(office: Office) -> None:
    unknown = CHECKED.replace("4. Vụ Bưu chính", "4. Cục Trăng Xanh").replace(
        "2. Vụ Viễn thông", "2. Vụ Viễn thông chủ trì, phối hợp với Cục Sao Vàng"
    )
    reader, review = send_in(office, pasted=unknown)
    assert press(reader, fill(reader, review, "confirm-all", OF_ALL)).status_code == 303
    states = {path: one.state for path, one in duties(office).items()}
    assert [path for path, state in states.items() if state is ProposalState.CONFIRMED] == ["3"]
    answer = reader.send(
        f"{review}?lang=en", review, do="confirm-all", seen=fill(reader, review, "conclude", OF_ALL)[1]["seen"]
    )
    assert answer.status_code == 422


def test_a_second_date_is_settled_by_the_date_that_is_set(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    assert press(reader, fill(reader, f"{review}?duty=2", "confirm", OF_DUTY)).status_code == 422
    answer = press(
        reader,
        fill(reader, f"{review}?duty=2", "confirm", OF_DUTY),
        **fields_of(duties(office)["2"], due_on="2026-11-15"),
    )
    assert answer.status_code == 303
    assert duties(office)["2"].state is ProposalState.CONFIRMED
    press(reader, fill(reader, f"{review}?duty=2", "save", OF_DUTY), **fields_of(duties(office)["2"], due_on=""))
    assert press(reader, fill(reader, f"{review}?duty=2", "confirm", OF_DUTY)).status_code == 422, "the date is gone"


def test_confirming_all_leaves_what_has_words_of_time_and_goes_there(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    answer = press(reader, fill(reader, review, "confirm-all", OF_ALL))
    assert answer.status_code == 303 and "duty=1#" in answer.headers["location"]
    states = {path: one.state for path, one in duties(office).items()}
    assert states == {"1": ProposalState.PROPOSED, "2": ProposalState.PROPOSED, "3": ProposalState.CONFIRMED}
    assert 'value="confirm-all"' not in reader.get(review).text, "what is left waits for somebody, one by one"


def test_a_duty_added_by_its_words_is_held_by_its_times(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    words = "trình Bộ chậm nhất ngày 15/11/2026"
    assert press(reader, fill(reader, review, "add", OF_ALL), words=words, new_path="9").status_code == 303
    (unread,) = [one["value"] for one in duties(office)["9"].findings]
    assert unread == "chậm nhất ngày 15/11/2026"


def test_the_rule_taken_is_named_with_whom_it_leaves_out(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    page = reader.get(f"{review}?duty=1&lang=vi").text
    assert "Doanh nghiệp có nhãn viễn thông: 16 trong 25 doanh nghiệp" in page
    left = re.search(r"<summary>9 đơn vị không thuộc quy tắc này.*?</details>", page, re.DOTALL)
    assert (
        left and "Công ty Bưu chính liên tỉnh và quốc tế T" in left[0] and "Công ty Thông tin di động T" not in left[0]
    )
    broader = Page(left[0]).forms()[0]
    assert press(reader, (broader.action, broader.hidden)).status_code == 303
    page = reader.get(f"{review}?duty=1&lang=vi").text
    assert "Mọi doanh nghiệp: 25 đơn vị" in page and "9 đơn vị không thuộc quy tắc hẹp hơn" in page
    assert "Lấy quy tắc hẹp hơn, ghi nhớ cho lần sau: doanh nghiệp có nhãn viễn thông" in page


def test_words_that_no_rule_looks_at_are_told_in_the_list_too(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY.replace("Vụ Bưu chính hướng", "Các doanh nghiệp nhà nước hướng"))
    assert "đề nghị kiểm tra đối tượng" in reader.get(f"{review}?duty=1&lang=vi").text
    page = reader.get(f"{review}?duty=3").text
    assert "Mọi doanh nghiệp: 25 đơn vị" in page and "Chưa quy tắc nào xét đến các chữ “nhà nước”" in page


def test_a_kind_with_a_tag_can_be_chosen_for_a_name(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY.replace("Vụ Bưu chính hướng", "Trung tâm Sao Mai hướng"))
    page = f"{review}?duty=3&lang=en"
    assert '<option value="kind:enterprise:post">Every enterprise with the tag post: 12 of 25' in reader.get(page).text
    assert press(reader, fill(reader, page, "teach"), meant="kind:enterprise:post").status_code == 303
    assert "Every enterprise with the tag post: 12 of 25" in reader.get(page).text


def test_the_file_stays_with_the_document_and_its_directive(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    sent = docx(blocks_of(SEED))
    for _again in range(2):  # the same file sent twice is kept once
        answer = reader.send("/intake?lang=en", "/intake", files={"file": ("ct/06.docx", sent, "")}, unit="VU-VT")
    review = answer.headers["location"]
    address = [*set(re.findall(rf"{review}/files/[0-9a-f]+", reader.get(review).text))]
    assert len(address) == 1
    framed = reader.get(f"{address[0]}/view")
    assert (
        "Nghiêm chỉnh chấp hành" in framed.text
        and "frame-ancestors 'self'" in framed.headers["content-security-policy"]
    )
    given = reader.get(address[0])
    assert given.content == sent and "06.docx" in given.headers["content-disposition"]
    assert "sandbox" in given.headers["content-security-policy"]
    assert office.sign_in(HEAD).get(address[0]).status_code in (403, 404)
    other = reader.send(
        "/intake?lang=en", "/intake", pasted="CHỈ THỊ\nVề việc A\n\n1. Vụ Viễn thông báo cáo.", unit="VU-VT"
    )
    assert reader.get(address[0].replace(review, other.headers["location"])).status_code == 404
    with reading(office.engine) as session:
        assert missing_files(session, office.settings.evidence) == ()
    assert delete_left_files(office.engine, office.settings.evidence, now=NOW.replace(year=2100)) == 0


def test_what_is_certain_is_confirmed_in_one_press_and_the_rest_comes_first(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    page = reader.get(f"{review}?lang=en").text
    assert page.index("Need your attention") < page.index("Certain, to be confirmed")
    certain = re.search(r"Confirm (\d+) certain dut", page)
    assert certain
    answer = press(reader, fill(reader, review, "confirm-certain", OF_ALL))
    assert answer.status_code == 303
    confirmed = [one for one in duties(office).values() if one.state is ProposalState.CONFIRMED]
    assert len(confirmed) == int(certain[1]) and "3" in {one.path for one in confirmed}
    after = reader.get(answer.headers["location"]).text
    assert 'value="confirm-certain"' not in after and 'aria-current="true"' in after


def test_the_six_things_of_a_clear_assignment_lead_to_their_fields(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    page = reader.get(f"{review}?duty=3&lang=en").text
    six = re.search(r'<ul class="six".*?</ul>', page, re.S)
    assert six
    found = dict(re.findall(r'href="#f-(\w+)" class="(given|missing)"', six[0]))
    assert found["due_on"] == "missing" and found["title"] == "given"
    assert all(f'id="f-{field}"' in page for field in found)
    named = fields_of(duties(office)["3"], due_on="2026-12-18", result="Báo cáo", reports_to="Vụ Viễn thông")
    press(reader, fill(reader, f"{review}?duty=3", "save", OF_DUTY), **named)
    page = reader.get(f"{review}?duty=3&lang=en").text
    six = re.search(r'<ul class="six".*?</ul>', page, re.S)
    assert six and "missing" not in six[0]


def test_a_date_on_a_day_off_is_shown_with_what_becomes_of_it(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY.replace("30/10/2026", "19/12/2026"))
    page = reader.get(f"{review}?duty=2&lang=en").text
    assert "is a day off" not in page, "before the 19th: the last day is Friday the 18th"
    vietnamese = reader.get(f"{review}?duty=2&lang=vi").text
    assert re.search(r"Trước ngày 19/12/2026</strong> \(hạn cuối: thứ Sáu, (ngày )?18/12/2026\)", vietnamese)
    reader, review = send_in(office, pasted=MONTHLY.replace("trước ngày 30/10/2026", "chậm nhất ngày 20/12/2026"))
    assert "20/12/2026 is a day off" in reader.get(f"{review}?duty=2&lang=en").text.replace(
        "20 December 2026", "20/12/2026"
    )


def test_each_month_that_a_form_offers_is_one_that_a_reading_may_give(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    for month in MONTH_WORDS:
        given = fields_of(duties(office)["1"], period_day="7", period_month=month, no_time="on")
        assert press(reader, fill(reader, f"{review}?duty=1", "save", OF_DUTY), **given).status_code == 303
        page = reader.get(f"{review}?duty=1").text
        assert f'<option value="{month}" selected>' in page
    wrong = fields_of(duties(office)["1"], period_day="7", period_month="11")
    assert press(reader, fill(reader, f"{review}?duty=1", "save", OF_DUTY), **wrong).status_code == 422


def test_a_second_time_that_sets_no_deadline_leaves_the_first_one_clear(office: Office) -> None:
    reader, review = send_in(office, pasted=MONTHLY)
    press(reader, fill(reader, f"{review}?duty=2", "save", OF_DUTY), **fields_of(duties(office)["2"], no_time="on"))
    page = reader.get(f"{review}?duty=2&lang=en").text
    assert 'href="#f-due_on" class="given"' in page
