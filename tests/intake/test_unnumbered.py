"""Orders without a number, headings over lists, sections and tables."""

from tests.intake.passages import duties, values


def test_an_order_before_any_list_is_body_with_its_dashes() -> None:
    read = duties("Giám đốc Sở Y tế có trách nhiệm:\n- Kiểm tra.\n- Báo cáo Bộ Y tế.")
    assert list(read) == ["body.1"] and read["body.1"].text.endswith("- Báo cáo Bộ Y tế.")


def test_paragraph_gives_one_order_per_actor() -> None:
    read = duties("Dịch đã lan rộng. UBND tỉnh đề nghị các đơn vị báo cáo. Sở Y tế chịu trách nhiệm theo dõi, đôn đốc.")
    assert [duty.text[:15] for duty in read.values()] == ["UBND tỉnh đề ng", "Sở Y tế chịu tr"]


def test_acting_on_the_document_itself_is_an_order_and_citing_another_is_a_basis() -> None:
    (one,) = duties("Căn cứ Chương trình này, Thủ trưởng các sở xây dựng kế hoạch cụ thể.").values()
    assert values(one.addressees) == ["Thủ trưởng các sở"]
    assert duties("Căn cứ đề xuất của các địa phương, Bộ trưởng Bộ Y tế đồng ý mở rộng thí điểm.") == {}


def test_an_issuer_gives_a_thing_to_somebody_within_a_sentence() -> None:
    (given,) = duties("Về việc này, Chủ tịch UBND tỉnh giao Sở Tài chính tham mưu trước ngày 15/6/2023.").values()
    assert values(given.addressees) == ["Sở Tài chính"]
    assert duties("Sở Tài chính xử lý tài sản được giao cho đơn vị quản lý theo quy định đã ban hành.") != {}


def test_a_heading_that_names_neither_act_nor_actor_is_not_the_duty() -> None:
    read = duties("1. Thời gian, địa chỉ gửi báo cáo\nBáo cáo gửi về Văn phòng Bộ trước ngày 20/12/2013.")
    assert read["1"].text.startswith("Báo cáo gửi về")


def test_what_somebody_did_order_is_situation() -> None:
    assert duties("Phó Thủ tướng đã giao Bộ Y tế ban hành Thông tư; báo cáo trước ngày 30/11/2012.") == {}


def test_a_report_to_be_sent_is_an_order() -> None:
    (sent,) = duties("Báo cáo xin gửi về Văn phòng Bộ trước ngày 05/12/2011 để tổng hợp.").values()
    assert values(sent.reports_to) == ["Văn phòng Bộ"]


def test_orders_after_the_list_are_closing() -> None:
    text = (
        "1. Sở Y tế kiểm tra.\n2. Sở Công an xử lý.\nĐoạn này nói thêm về việc xử lý.\n"
        "Yêu cầu Giám đốc các sở thực hiện nghiêm Chỉ thị này.\nNếu có vướng mắc, đề nghị phản ánh về UBND tỉnh./."
    )
    read = duties(text)
    assert list(read) == ["1", "2", "closing.1", "closing.2"] and read["2"].text.endswith("việc xử lý.")


def test_an_order_behind_the_sentence_on_effect_is_closing() -> None:
    text = (
        "1. Sở Y tế kiểm tra.\nChỉ thị này có hiệu lực kể từ ngày ký. Thủ trưởng các đơn vị chịu "
        "trách nhiệm thi hành Chỉ thị này./."
    )
    assert duties(text)["closing.1"].text.startswith("Thủ trưởng các đơn vị")


def test_a_heading_over_letters_is_no_duty_unless_it_orders_itself() -> None:
    text = (
        "1. Hướng dẫn sử dụng phần mềm\na) Khai mạc lớp học.\n2. Các doanh nghiệp phối hợp với "
        "Công an xây dựng phương án hành"
        " động khi có bạo loạn:\na) Bảo đảm liên lạc.\n3. Các bộ, ngành cần triển khai các nhiệm vụ sau:\na) Rà soát."
    )
    assert list(duties(text)) == ["1.a", "2", "2.a", "3.a"]


def test_a_section_says_once_who_and_when() -> None:
    text = (
        "I. QUÁN TRIỆT\n1. Nội dung\na) Tổ chức Hội nghị;\nb) Triển khai kế hoạch.\n2. Cơ quan chủ trì, phối hợp\n"
        "a) Cơ quan chủ trì\n- Ban Chỉ đạo quốc gia.\n- Bộ Quốc phòng; Bộ Y tế.\nb) Cơ quan phối "
        "hợp: Hội Cựu chiến binh.\n"
        "3. Thời gian thực hiện: Tháng 12/2013."
    )
    read = duties(text)
    assert list(read) == ["I.1.a", "I.1.b"]
    assert (
        values(read["I.1.b"].lead)
        == values(read["I.1.b"].addressees)
        == ["Ban Chỉ đạo quốc gia", "Bộ Quốc phòng", "Bộ Y tế"]
    )
    assert (
        values(read["I.1.a"].coordinating) == ["Hội Cựu chiến binh"]
        and str(read["I.1.a"].deadlines[0].day) == "2013-12-31"
    )


TABLE = """
| TT | Tên nhiệm vụ | Cơ quan chủ trì | Cơ quan phối hợp | Kết quả | Thời gian hoàn thành |
|---|---|---|---|---|---|
| **I.** | Nâng cao nhận thức |  |   |   |   |
| 1. | Xây dựng chương trình tuyên truyền | Bộ Khoa học | các bộ, ngành; VTV | Quyết định | 6/2025 |
| 2. | Phát động phong trào học tập | Bộ Nội vụ |  |  | Thường xuyên |
"""


def test_a_table_of_tasks_has_a_duty_a_row() -> None:
    read = duties(TABLE)
    assert list(read) == ["I.1", "I.2"]
    assert values(read["I.1"].lead) == ["Bộ Khoa học"] and values(read["I.1"].coordinating) == ["các bộ, ngành", "VTV"]
    assert str(read["I.1"].deadlines[0].day) == "2025-06-30" and read["I.2"].deadlines[0].kind == "none"


def test_a_column_for_both_and_names_with_dashes() -> None:
    table = (
        "| TT | Nội dung | Đơn vị chủ trì, phối hợp | Thời gian |\n|---|---|---|---|\n"
        "| 1 | Kiểm tra | - Sở Y tế (chủ trì) - Sở Tài chính (phối hợp) | Quý I/2025 |\n"
    )
    (row,) = duties(table).values()
    assert values(row.lead) == ["Sở Y tế (chủ trì)"] and values(row.coordinating) == ["Sở Tài chính (phối hợp)"]


def test_a_row_of_a_roman_figure_begins_a_section_though_a_stray_word_stands_in_it() -> None:
    stray = TABLE.replace("| Nâng cao nhận thức |  |   |   |   |", "| Nâng cao nhận thức |  |   |   | năm sau |")
    assert list(duties(stray)) == ["I.1", "I.2"]


def test_an_attached_plan_is_read_too_but_an_attached_form_is_not() -> None:
    text = "1. Sở Y tế kiểm tra./.\nNơi nhận:\n- Như trên;\n{kind}\nI. NHIỆM VỤ\n1. Văn phòng Sở lập dự toán."
    assert list(duties(text.format(kind="KẾ HOẠCH\nKIỂM TRA NĂM 2020"))) == ["1", "I.1"]
    assert list(duties(text.format(kind="PHỤ LỤC\nMẪU BÁO CÁO"))) == ["1"]


def test_the_dashes_of_a_part_without_items_are_one_duty_of_the_part() -> None:
    text = (
        "I. MỤC TIÊU\n- Nâng cao nhận thức.\nII. TỔ CHỨC THỰC HIỆN\n- Văn phòng Sở: Đôn đốc thực "
        "hiện.\n- Các phòng báo cáo."
    )
    read = duties(text)
    assert list(read) == ["II"] and values(read["II"].addressees) == ["Văn phòng Sở", "Các phòng"]
