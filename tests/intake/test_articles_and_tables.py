"""Decisions, resolutions and plans: paths by article, tables of tasks with any columns, wrapped and unlabelled rows."""

from tests.intake.passages import duties, values
from workflows.intake.read import read
from workflows.intake.text.reading import ReadDuty

DECISION = """QUYẾT ĐỊNH
Về việc phê duyệt Kế hoạch phòng bệnh

GIÁM ĐỐC SỞ Y TẾ

Căn cứ Luật Phòng, chống bệnh truyền nhiễm;

QUYẾT ĐỊNH:

"""


def decided(text: str) -> dict[str, ReadDuty]:
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


def test_a_step_of_a_calendar_is_a_duty_on_its_day() -> None:
    found = decided(
        "Điều 1. Ban hành lịch năm học như sau:\n1. Tựu trường các cấp học: Ngày 26/8/2024 (thứ Hai). Riêng lớp 1 tựu"
        " trường ngày 19/8/2024 (thứ Hai).\n2. Khai giảng năm học mới: Ngày 05/9/2024 (thứ Năm)."
    )
    assert list(found) == ["Điều 1.1", "Điều 1.2"]
    assert [(str(one.day), one.op) for one in found["Điều 1.1"].deadlines] == [
        ("2024-08-26", "on"),
        ("2024-08-19", "on"),
    ]


def test_items_below_whoever_is_charged_are_duties() -> None:
    found = decided(
        "Điều 1.\n1. Giao Sở Y tế:\na) Chủ trì bàn giao hồ sơ.\nb) Trung tâm Kiểm dịch sử dụng kinh phí đã giao.\n"
        "2. Tiếp tục thực hiện các chính sách hiện hành:\na) Chính sách đối với cán bộ được tăng cường về cơ sở."
    )
    assert list(found) == ["Điều 1.1.a", "Điều 1.1.b", "Điều 1.2.a"]


def test_consent_that_sets_a_day_is_a_duty_and_permission_is_none() -> None:
    found = decided(
        "Điều 1.\n1. Đồng ý chuyển giao Trung tâm về Sở Y tế. Việc bàn giao phải hoàn thành trước ngày 01/7/2026.\n"
        "2. Cho phép áp dụng trình tự rút gọn.\n3. Kết quả giải ngân là một trong các tiêu chí đánh giá."
    )
    assert list(found) == ["Điều 1.1"]


def test_a_thing_given_to_an_office_is_a_duty_whatever_its_bracket_tells() -> None:
    found = duties(
        "Việc lập hồ sơ giao cho UBND các huyện (trừ huyện A đã thực hiện xong từ tháng 5/2023) thực hiện xong"
        " trước 31/12/2023.\n\nChủ tịch UBND tỉnh biểu dương các đơn vị này."
    )
    assert list(found) == ["body.1"]


def test_an_order_below_what_the_document_says_of_itself_is_a_closing_one() -> None:
    found = duties(
        "1. Sở Y tế rà soát.\n\nTrên đây là Kế hoạch phòng bệnh của Sở Y tế.\n\n"
        "Đề nghị các đơn vị thực hiện đúng Kế hoạch."
    )
    assert list(found) == ["1", "closing.1"]
    assert found["1"].text == "Sở Y tế rà soát."


def test_a_speaker_orders_behind_an_adjunct_and_not_among_principles() -> None:
    found = duties(
        "Bộ trưởng nhấn mạnh một số quan điểm có tính nguyên tắc: Công việc phải có trọng tâm. Ban Chỉ đạo bảo đảm hoạt"
        " động hiệu quả.\n\nVề chương trình, Bộ trưởng nhất trí với dự thảo; đề nghị trong quá trình thực hiện,"
        " tiếp tục bổ sung nhiệm vụ.\n\nBộ trưởng đánh giá cao đề xuất và yêu cầu khẩn trương hoàn thiện."
    )
    assert list(found) == ["body.1", "body.2"]


def test_rows_of_a_drawn_table_are_less_sure_than_those_of_a_plain_one() -> None:
    plain = duties("| TT | Nhiệm vụ | Đơn vị chủ trì |\n| 1 | Rà soát hồ sơ | Sở Y tế |\n")
    assert plain["1"].confidence == 0.95


def test_a_head_repeated_on_the_next_page_is_no_row() -> None:
    head = "| TT | Nhiệm vụ | Đơn vị chủ trì | Nơi nhận báo cáo | Đơn vị theo dõi |\n"
    found = duties(
        f"{head}| 1 | Rà soát hồ sơ | Sở Y tế | Bộ Y tế | Văn phòng |\n{head}| 2 | Báo cáo | Sở Y tế | | |\n"
    )
    assert list(found) == ["1", "2"]
    assert values(found["1"].reports_to) == ["Bộ Y tế"] and values(found["1"].supervisor) == ["Văn phòng"]


def test_a_long_dotted_line_is_no_head_of_a_table() -> None:
    assert list(duties("1. Sở Tài chính rà soát.\n\nTT " + "." * 70 + "\nNội dung\n")) == ["1"]
