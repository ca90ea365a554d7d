"""What orders nobody."""

import pytest

from tests.intake.passages import duties
from workflows.intake.read import read
from workflows.intake.text import no_order as out
from workflows.intake.text.no_order import NoOrder, no_order


@pytest.mark.parametrize("heading", ["MỤC ĐÍCH, YÊU CẦU", "Mục tiêu", "Kinh phí thực hiện", "TÌNH HÌNH THỰC HIỆN"])
def test_aims_situation_and_funding_are_announced(heading: str) -> None:
    assert out.is_aims(heading) and not out.is_aims("NHIỆM VỤ VÀ GIẢI PHÁP")


def test_items_below_such_a_heading_are_no_duties() -> None:
    text = "I. MỤC ĐÍCH, YÊU CẦU\n1. Nâng cao nhận thức.\nII. NHIỆM VỤ\n1. Kiểm tra máy chủ."
    assert list(duties(text)) == ["II.1"]


def test_praise_is_no_duty() -> None:
    assert no_order("Hoan nghênh các bộ, cơ quan đã chuẩn bị tài liệu", (NoOrder.PRAISE,))
    assert no_order("UBND tỉnh ghi nhận, đánh giá cao nỗ lực của các đơn vị", (NoOrder.PRAISE,))
    assert not no_order("Kịp thời biểu dương người tốt, việc tốt", (NoOrder.PRAISE,))


def test_consent_alone_is_no_duty() -> None:
    assert list(
        duties("1. Đồng ý đề nghị của Sở Xây dựng về việc gia hạn.\n2. Đồng ý; giao Sở Xây dựng hoàn thiện hồ sơ.")
    ) == ["2"]


def test_consent_with_somebody_told_to_act_is_a_duty() -> None:
    assert list(duties("1. Thống nhất chủ trương; Bộ Xây dựng khẩn trương hoàn thiện hồ sơ.")) == ["1"]


def test_items_of_a_conclusion_must_say_that_they_order() -> None:
    text = (
        "THÔNG BÁO\nKết luận cuộc họp\n\nThủ tướng có ý kiến như sau:\n1. Dự án đang chậm.\n2. "
        "Bộ Y tế kiểm tra.\n3. Sớm báo cáo."
    )
    assert [duty.path for duty in read(text).duties] == ["2", "3"]


def test_where_and_who_is_invited_are_no_duties() -> None:
    assert list(
        duties("1. Địa điểm: Hội trường Sở.\n2. Thành phần tham dự: Lãnh đạo Sở.\n3. Văn phòng Sở gửi giấy mời.")
    ) == ["3"]


def test_whom_to_call_is_no_duty() -> None:
    assert duties("Nếu có vướng mắc, đề nghị liên hệ với Cục A, điện thoại 04.") == {}


def test_what_was_is_no_duty() -> None:
    assert no_order("Về kết quả thực hiện: Thời gian qua các bộ, cơ quan đã tích cực phối hợp", (NoOrder.SITUATION,))
    assert list(duties("1. Thời gian qua các bộ đã phối hợp.\n2. Bộ Y tế phối hợp với Bộ Công an.")) == ["2"]


def test_effect_and_what_a_decision_issues_are_no_duties() -> None:
    assert no_order("Chỉ thị này có hiệu lực kể từ ngày ký.", (NoOrder.EFFECT,))
    assert no_order("Ban hành kèm theo Quyết định này Kế hoạch", (NoOrder.EFFECT,))
    assert no_order("Chỉ thị này thay thế Chỉ thị số 02/CT-UBND", (NoOrder.EFFECT,))


def test_entitlements_and_rates_are_no_duties() -> None:
    assert no_order("Giáo viên hợp đồng được hưởng tiền lương như giáo viên trong biên chế", (NoOrder.ENTITLEMENT,))
    assert no_order("Mức hỗ trợ 20 triệu đồng/hộ", (NoOrder.ENTITLEMENT,))
    assert not no_order("Sở Y tế có trách nhiệm bảo đảm người bệnh được hưởng chế độ", (NoOrder.ENTITLEMENT,))


def test_money_is_no_duty() -> None:
    assert no_order("Kinh phí thực hiện do ngân sách tỉnh bảo đảm", (NoOrder.MONEY,)) and not no_order(
        "Bố trí kinh phí", (NoOrder.MONEY,)
    )


def test_how_another_document_is_amended_is_quoted() -> None:
    assert no_order("Sửa đổi, bổ sung điểm c khoản 2 Điều 2 Quyết định số 118/TTg:", (NoOrder.AMENDMENT,))


def test_what_the_issuer_will_do_itself() -> None:
    assert no_order("Căn cứ kết quả thí điểm, trong năm 2019 Bộ sẽ tổng kết, đánh giá", (NoOrder.OWN_PLAN,))


def test_what_is_only_made_known() -> None:
    assert no_order(
        "Bộ Y tế thông báo để các địa phương biết, quản lý và triển khai thực hiện theo quy định", (NoOrder.INFORMS,)
    )
    assert not no_order("Văn phòng Sở gửi tài liệu cho các đơn vị để thực hiện", (NoOrder.INFORMS,))
    assert list(duties("1. Văn phòng Sở thông báo cho các đơn vị biết.")) == ["1"]
    assert no_order("Văn phòng Chính phủ thông báo để các Bộ, cơ quan biết, thực hiện./.", (NoOrder.INFORMS,))


def test_the_outline_of_a_report_is_no_duty_but_asking_for_it_is() -> None:
    text = (
        "Kính gửi: Sở Tư pháp các tỉnh\n\nHội nghị sẽ được tổ chức. Văn phòng Bộ đề nghị Sở Tư "
        "pháp các tỉnh xây dựng báo cáo"
        " theo hướng dẫn sau:\n1. Nội dung báo cáo\n1.1. Về chức năng:\n- Căn cứ pháp lý.\na) Công tác tham mưu."
    )
    (asked,) = read(text).duties
    assert asked.path == "body.1" and asked.text.startswith("Văn phòng Bộ đề nghị")


def test_a_list_of_what_to_report_on_is_an_outline() -> None:
    text = "Bộ Y tế đề nghị các Sở báo cáo theo các nội dung sau:\n1. Công tác chỉ đạo: nêu rõ văn bản.\n2. Số liệu."
    assert list(duties(text)) == ["body.1"]


def test_what_will_be_looked_at_is_no_duty() -> None:
    assert list(duties("1. Việc thực hiện cơ chế một cửa;\n2. Việc báo cáo phải đúng hạn.")) == ["2"]


def test_quoted_orders_of_another_document_are_no_duties() -> None:
    text = (
        "Thông báo số 87 có giao:\n“Bộ Y tế khẩn trương rà soát danh mục bệnh”\nBộ Y tế yêu cầu "
        "các địa phương:\n1. Xem xét hồ sơ."
    )
    assert list(duties(text)) == ["1"]


def test_an_answer_that_quotes_the_law_has_no_duties() -> None:
    text = (
        "Kính gửi: Cục Thuế tỉnh A\n\nTrả lời Công văn số 577/CT ngày 23/4/2013, Tổng cục Thuế có ý kiến như sau:\n"
        '- Tại Điều 1 quy định:\n\n"1. Đối tượng được hỗ trợ gồm:\n\na) Thân nhân liệt sĩ;\n\nb) Bệnh binh"\n\n'
        "Tổng cục Thuế thông báo để Cục Thuế được biết./."
    )
    assert read(text).duties == ()
