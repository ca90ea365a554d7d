"""Who must act."""

import pytest

from tests.intake.passages import duties, passage, values
from workflows.intake.names.addressees import (
    charged_below,
    heading_actor,
    later_subject,
    read_addressees,
    read_doers,
    read_stem,
)


def own(text: str) -> list[str]:
    return values(read_addressees(passage(text)))


def test_the_subject_behind_an_adjunct() -> None:
    text = "Để thúc đẩy kết nối, chia sẻ dữ liệu, thời gian tới, các bộ, ngành cần tập trung triển khai các nhiệm vụ:"
    assert own(text) == ["các bộ, ngành"]


def test_whom_somebody_orders_and_not_who_orders() -> None:
    assert own("Phó Thủ tướng Nguyễn Văn A yêu cầu Bộ Y tế khẩn trương hoàn thành") == ["Bộ Y tế"]
    assert own("UBND tỉnh cũng đề nghị các đơn vị định kỳ 6 tháng báo cáo") == ["các đơn vị"]
    assert own("Theo công văn số 1, kinh phí mới được tạm ứng 50%. Vì vậy, đề nghị các địa phương ưu tiên") == [
        "các địa phương"
    ]


def test_having_received_the_document_is_an_adjunct() -> None:
    assert own("Nhận được Chỉ thị này, Thủ trưởng các đơn vị tổ chức thực hiện") == ["Thủ trưởng các đơn vị"]


def test_whom_an_item_concerns() -> None:
    assert own("Đối với các địa phương chưa lập Đề án thì khẩn trương chỉ đạo") == ["các địa phương chưa lập Đề án"]


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("Văn phòng Sở", ["Văn phòng Sở"]),
        ("ĐỐI VỚI CÁC TỔ CHỨC TÍN DỤNG", ["CÁC TỔ CHỨC TÍN DỤNG"]),
        ("Trách nhiệm của các Bộ, ngành, địa phương:", ["các Bộ, ngành, địa phương"]),
        ("Các phòng ban tham gia đào tạo", ["Các phòng ban tham gia đào tạo"]),
        ("TỔ CHỨC THỰC HIỆN", []),
        ("MỘT SỐ NỘI DUNG, GIẢI PHÁP TRỌNG TÂM", []),
        ("Cài đặt hệ thống phần mềm", []),
    ],
)
def test_a_heading_may_be_nothing_but_the_actors(heading: str, wanted: list[str]) -> None:
    assert values(heading_actor(passage(heading))) == wanted


def test_a_line_of_an_item_may_charge_further_actors() -> None:
    text = "Văn phòng Sở\n- Bố trí phòng họp.\n- Các đồng chí Trưởng phòng có trách nhiệm tham dự"
    assert own(text) == ["Văn phòng Sở", "Trưởng phòng"]


def test_the_lines_below_an_order_name_who_does_each() -> None:
    text = (
        "Bộ trưởng giao các đơn vị thuộc Bộ thực hiện các nhiệm vụ sau:\n- Thanh tra Bộ: Chủ "
        "trì\n- Vụ Pháp chế chủ trì rà soát"
    )
    assert own(text) == ["Thanh tra Bộ", "Vụ Pháp chế"]
    assert own("Hướng dẫn tổ chức tốt các hoạt động văn hoá:\n- Các thư viện tổ chức Ngày hội sách") == []


def test_a_closing_bracket_names_them() -> None:
    assert own("Xây dựng kế hoạch theo dõi thi hành pháp luật (Giao Văn phòng Sở chủ trì tham mưu)") == ["Văn phòng Sở"]


def test_a_line_for_the_doer_names_them() -> None:
    assert values(read_doers(passage("Tuyên truyền\n- Đơn vị thực hiện: Văn phòng Sở.\n- Thời gian: Quý I"))) == [
        "Văn phòng Sở"
    ]


def test_a_later_sentence_names_them_where_nobody_else_is_named() -> None:
    text = "Kiểm tra các trường đầu năm học. Thanh tra Sở phối hợp với các phòng thực hiện"
    assert values(later_subject(passage(text))) == ["Thanh tra Sở"]


def test_those_who_raise_difficulties() -> None:
    text = "Trong quá trình thực hiện, nếu có phát sinh, vướng mắc các cơ quan, đơn vị báo cáo về Bộ Y tế"
    assert own(text) == ["các cơ quan, đơn vị"]


def test_the_stem_names_them_for_the_whole_list() -> None:
    text = "Chủ tịch UBND tỉnh yêu cầu các sở, ban, ngành; Chủ tịch UBND các huyện thực hiện một số nhiệm vụ sau:"
    assert values(read_stem(passage(text))) == ["các sở, ban, ngành", "Chủ tịch UBND các huyện"]


def test_the_list_below_is_for_whom_the_addressee_directs() -> None:
    stem = "đề nghị Ủy ban nhân dân các tỉnh chỉ đạo Sở Y tế và các Sở, ngành có liên quan thực hiện các việc sau:"
    assert values(charged_below(passage(stem))) == ["Sở Y tế", "các Sở, ngành có liên quan"]
    assert charged_below(passage("yêu cầu Giám đốc Sở Y tế chỉ đạo, tổ chức thực hiện các việc sau:")) == []


def test_items_inherit_from_the_nearest_above() -> None:
    read = duties(
        "Bộ trưởng yêu cầu các đơn vị thực hiện:\n1. Quán triệt Chỉ thị.\n2. Sở Y tế:\na) Kiểm "
        "tra.\nb) Giao Cục A xử lý."
    )
    assert values(read["1"].addressees) == ["các đơn vị"] and read["1"].inherited
    assert values(read["2.a"].addressees) == ["Sở Y tế"] and read["2.a"].inherited
    assert values(read["2.b"].addressees) == ["Cục A"] and not read["2.b"].inherited


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Việc lập hồ sơ đối với trụ sở giao cho UBND các huyện (trừ huyện A) thực hiện",
            ["UBND các huyện (trừ huyện A)"],
        ),
        ("Riêng phương án xử lý nhà, đất, Sở Tài chính là đầu mối, phối hợp cùng Sở Xây dựng", ["Sở Tài chính"]),
        ("Trưởng các bản tổ chức phun khử trùng", ["Trưởng các bản"]),
        (
            "Trưởng 03 bản có dịch tổ chức phun; Trưởng các bản còn lại tổ chức trực",
            ["Trưởng 03 bản có dịch", "Trưởng các bản còn lại"],
        ),
        ("Các hộ chăn nuôi lợn kê khai số lượng đàn", ["Các hộ chăn nuôi lợn"]),
        (
            "Trong quá trình thực hiện, nếu có vướng mắc, thì cơ quan chủ trì soạn thảo chủ động báo cáo",
            ["cơ quan chủ trì soạn thảo"],
        ),
        ("Đối với Ủy ban nhân dân các tỉnh, thành phố: chỉ đạo kiểm tra", ["Ủy ban nhân dân các tỉnh, thành phố"]),
        ("Trên cơ sở đề nghị của UBND quận, huyện, Sở Xây dựng chủ trì lập Đề án", ["Sở Xây dựng"]),
        ("Khuyến khích các tỉnh hỗ trợ một phần tiền đóng bảo hiểm", ["các tỉnh"]),
        (
            "Bộ Y tế chịu trách nhiệm kiểm tra. Văn phòng Chính phủ theo dõi, đôn đốc",
            ["Bộ Y tế", "Văn phòng Chính phủ"],
        ),
    ],
)
def test_who_acts_is_found_in_any_place_of_the_sentence(text: str, wanted: list[str]) -> None:
    assert own(text) == wanted


@pytest.mark.parametrize(
    "text", ["Khuyến khích các tổ chức tham gia đền ơn đáp nghĩa.", "Kêu gọi các doanh nghiệp ủng hộ."]
)
def test_an_encouragement_without_a_number_orders_nobody(text: str) -> None:
    assert not duties(text)


def test_a_guessed_name_is_shown_as_less_sure() -> None:
    sure, bare_kind, far = (
        read_addressees(passage(text))[0].confidence
        for text in (
            "Sở Tài chính rà soát kinh phí",
            "Các công ty rà soát kinh phí",
            "Để kịp thời ứng phó với bão, Sở Tài chính rà soát kinh phí",
        )
    )
    assert sure >= 0.9 > max(bare_kind, far)
