"""Decisions, resolutions and plans: paths by article, tables of tasks with any columns, wrapped and unlabelled rows."""

from tests.intake.passages import duties, values
from workflows.intake.read import read
from workflows.intake.text.reading import Duty

DECISION = """QUYẾT ĐỊNH
Về việc phê duyệt Kế hoạch phòng bệnh

GIÁM ĐỐC SỞ Y TẾ

Căn cứ Luật Phòng, chống bệnh truyền nhiễm;

QUYẾT ĐỊNH:

"""


def decided(text: str) -> dict[str, Duty]:
    return {duty.path: duty for duty in read(DECISION + text).duties}


def test_an_article_is_the_beginning_of_a_path() -> None:
    found = decided(
        "Điều 1. Phê duyệt Đề án với những nội dung sau:\nI. GIẢI PHÁP\n1. Xây dựng chính sách hỗ trợ.\n"
        "Điều 2. Tổ chức thực hiện\n1. Giao Sở Y tế:\na) Tổ chức tiêm chủng.\n"
        "Điều 3. Quyết định này có hiệu lực kể từ ngày ký.\n"
        "Chánh Văn phòng, Giám đốc Sở Y tế chịu trách nhiệm thi hành Quyết định này./."
    )
    assert list(found) == ["Điều 1.I.1", "Điều 2.1.a", "Điều 3"]
    assert values(found["Điều 3"].addressees) == ["Chánh Văn phòng", "Giám đốc Sở Y tế"]


def test_paragraphs_of_an_article_are_its_body() -> None:
    found = decided(
        "Điều 1. Thông qua kế hoạch.\nĐiều 2. Tổ chức thực hiện.\n"
        "Ủy ban nhân dân tỉnh triển khai thực hiện Nghị quyết này.\n"
        "Thường trực Hội đồng nhân dân tỉnh giám sát việc thực hiện Nghị quyết này./."
    )
    assert list(found) == ["Điều 2.body.1", "Điều 2.body.2"]
    assert values(found["Điều 2.body.2"].supervisor) == ["Thường trực Hội đồng nhân dân tỉnh"]


def test_who_decides_is_no_part_of_the_title() -> None:
    title = read(DECISION + "Điều 1. Giao Sở Y tế tổ chức thực hiện.").heading.title
    assert title is not None and title.value == "Về việc phê duyệt Kế hoạch phòng bệnh"


def test_columns_stand_in_any_order_and_rows_go_on() -> None:
    found = duties(
        "I. NHIỆM VỤ\n\n"
        "| TT | Thời gian trình trước | Tên văn bản | Cơ quan | |\n"
        "| | ngày, tháng | | Chủ trì | Phối hợp |\n"
        "| (1) | (2) | (3) | (4) | (5) |\n"
        "| 1. | 8/2022 | Nghị định quy định chi tiết | Bộ Nông nghiệp và Phát triển | Bộ Y tế |\n"
        "| | | thi hành Luật Thú y | nông thôn | |\n"
        "| | 15/9/2022 | Thông tư hướng dẫn | Bộ Y tế | |\n"
    )
    assert list(found) == ["I.1", "I.?"]
    assert found["I.1"].text == "Nghị định quy định chi tiết thi hành Luật Thú y"
    assert values(found["I.1"].lead) == ["Bộ Nông nghiệp và Phát triển nông thôn"]
    assert values(found["I.1"].coordinating) == ["Bộ Y tế"]
    assert [(str(one.day), one.op) for one in found["I.1"].deadlines] == [("2022-08-01", "before")]


def test_letters_of_a_table_stand_below_their_number() -> None:
    found = duties(
        "| STT | Nhiệm vụ | Đơn vị chủ trì/phối hợp | Thời hạn |\n"
        "| 1 | Hạ tầng số | | |\n"
        "| a | Khảo sát mạng | Chủ trì: Sở Y tế; phối hợp: Sở Tài chính | 15/9/2022 |\n"
    )
    assert list(found) == ["1.a"]
    assert values(found["1.a"].lead) == ["Sở Y tế"]
    assert values(found["1.a"].coordinating) == ["Sở Tài chính"]


def test_recipients_between_two_items_end_no_list() -> None:
    found = duties("1. Sở Y tế rà soát.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n2. Sở Tài chính bố trí kinh phí./.")
    assert list(found) == ["1", "2"]


def test_letters_below_a_verb_take_its_recipient() -> None:
    found = decided(
        "Điều 1. Chủ tịch Ủy ban nhân dân tỉnh:\n1. Báo cáo về Bộ Y tế:\na) Kế hoạch trước ngày 10 tháng 9 năm 2024;\n"
        "b) Kết quả thực hiện trước ngày 20 tháng 6 năm 2025."
    )
    assert list(found) == ["Điều 1.1.a", "Điều 1.1.b"]
    assert values(found["Điều 1.1.b"].reports_to) == ["Bộ Y tế"]


def test_a_situation_that_ends_in_an_order_heads_duties() -> None:
    found = decided(
        "1. Về tình hình kinh tế:\nBộ Y tế yêu cầu các cơ quan thực hiện các nhiệm vụ sau:\n"
        "a) Sở Tài chính rà soát dự toán.\nb) Sở Xây dựng báo cáo tiến độ."
    )
    assert list(found) == ["1.a", "1.b"]
