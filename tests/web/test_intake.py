"""A coordinator sends a document in, reviews it beside its words, and goes on to the launch."""

import re

from sqlmodel import col, select

from models.directive import Directive
from models.intake import Intake, ProposalState, ProposedDuty
from models.session import reading
from tests.intake.files.made import blocks_of, docx
from tests.review.conftest import SEED
from tests.web.conftest import Office, Reader

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


def test_a_pasted_document_shows_its_duties_beside_its_words(office: Office) -> None:
    reader, review = send_in(office)
    page = reader.get(review).text
    assert "to be confirmed: 10 duties" in page
    assert page.count('class="duty"') >= 9 and 'id="chosen"' in page
    chosen = reader.get(f"{review}?duty=4").text
    assert re.search(r'<mark class="f-addressees chosen"[^>]*>Vụ Kế hoạch – Tài chính</mark>', chosen)


def test_a_file_is_read_and_one_that_cannot_be_says_why(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = reader.send(
        "/intake?lang=en", "/intake", files={"file": ("ct.txt", SEED.encode(), "text/plain")}, unit="VU-VT"
    )  # fmt: skip
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
    assert reader.send(review, review, do="conclude").status_code == 422, "not before each is decided"
    first = duties(office)["1"]
    deed = f"{review}/duties/{first.id.hex}"
    answer = reader.send(
        review, deed, do="confirm", path="1", title="Chấp hành pháp luật", duty_kind="standing", every="half_year",
        addressees="\n".join(first.addressees), partners="", due_on="", reports_to="",
    )  # fmt: skip
    assert answer.status_code == 303 and "duty=2#" in answer.headers["location"], "and the next one is looked at"
    assert reader.send(review, review, do="confirm-all").status_code == 303
    answer = reader.send(review, review, do="conclude")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/launch/"), answer.text
    assert "Chấp hành pháp luật" in reader.get(answer.headers["location"]).text
    with reading(office.engine) as session:
        assert len(session.exec(select(Directive)).all()) == 2


def test_what_is_wrong_stays_in_the_form_and_is_named(office: Office) -> None:
    reader, review = send_in(office)
    deed = f"{review}/duties/{duties(office)['4'].id.hex}"
    answer = reader.send(
        review, deed, do="save", path="2.a", title="Một tên mới", duty_kind="one_off", every="", addressees="Vụ X",
        partners="", due_on="", reports_to="",
    )  # fmt: skip
    assert answer.status_code == 422 and "another duty has it" in answer.text and "Một tên mới" in answer.text


def test_whom_a_name_means_is_said_once(office: Office) -> None:
    reader, review = send_in(office, pasted="Yêu cầu các đơn vị thực hiện:\n\n1. Cục Trăng Xanh rà soát hệ thống.\n")
    (path,) = duties(office)
    assert "nobody" in reader.get(f"{review}?duty={path}&lang=en").text
    phrase = duties(office)[path].addressees[0]
    assert reader.send(review, review, do="teach", duty=path, phrase=phrase, meant="FPT").status_code == 303
    assert "as it was corrected before" in reader.get(f"{review}?duty={path}").text


def test_a_duty_is_left_out_split_and_added_from_the_page(office: Office) -> None:
    reader, review = send_in(office)
    found = duties(office)
    assert reader.send(review, f"{review}/duties/{found['3'].id.hex}", do="drop").status_code == 303
    answer = reader.send(
        review, f"{review}/duties/{found['closing.1'].id.hex}", do="split",
        begins_with="Trong quá trình thực hiện", second_path="closing.1b",
    )  # fmt: skip
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
    assert answer.status_code == 422 and "là ảnh, không đọc được chữ" in answer.text


def test_a_documents_field_that_is_too_long_is_named_and_nothing_is_cut(office: Office) -> None:
    reader, review = send_in(office)
    answer = reader.send(
        f"{review}?lang=en", review, do="document", kind="chỉ thị", number="1" * 65, issued_on="", issuer="Bộ",
        subject="Về việc", urgency="normal",
    )  # fmt: skip
    assert answer.status_code == 422 and "65 characters; right would be at most 64" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).one().number is None
