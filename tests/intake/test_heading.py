"""The head: number, date, issuer, title, urgency, whom it is addressed to."""

import pytest

from models.errors import Refused
from workflows.intake.read import read
from workflows.intake.text.reading import DocumentHeading

LETTER = (
    "| BỘ TÀI CHÍNH TỔNG CỤC THUẾ ------- | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự "
    "do - Hạnh phúc |\n|---|---|\n"
    "| Số: 1414/TCT-CS V/v hỗ trợ người có công cải thiện nhà ở. | Hà Nội, ngày 04 tháng 05 năm 2013 |\n\n"
    "Kính gửi: Cục Thuế tỉnh Hà Tĩnh.\n\nTổng cục Thuế có ý kiến như sau:"
)
DIRECTIVE = (
    "THỦ TƯỚNG CHÍNH PHỦ\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nSố: 18/2001/CT-TTg\n"
    "Hà Nội, ngày 27 tháng 08 năm 2001\nCHỈ THỊ\nVề một số biện pháp cấp bách\nxây dựng đội "
    "ngũ nhà giáo\n\n1. Bộ Tài chính lập dự toán."
)


def head(text: str) -> DocumentHeading:
    return read(text).heading


def value(text: str, field: str) -> str | None:
    found = getattr(head(text), field)
    return found.value if found else None


def test_the_number_stands_behind_its_label() -> None:
    assert value(LETTER, "number") == "1414/TCT-CS"
    assert value(DIRECTIVE, "number") == "18/2001/CT-TTg"
    assert value("BỘ Y TẾ\nSố: 3478 /BYT-VP\nKính gửi: Các Sở Y tế", "number") == "3478/BYT-VP"


def test_a_number_left_blank_is_none_though_others_are_cited() -> None:
    assert value("SỞ Y TẾ\nSố:      /KH-SYT\nKẾ HOẠCH\nThực hiện Quyết định số 12/QĐ-UBND", "number") is None


def test_number_and_date_may_stand_in_the_lines_of_the_kind() -> None:
    text = "CHỈ THỊ\nCỦA BỘ TRƯỞNG BỘ Y TẾ SỐ 10/2006/CT-BYT\nNGÀY 29 THÁNG 9 NĂM 2006 VỀ PHÒNG DỊCH\nCác đơn vị chú ý:"
    assert value(text, "number") == "10/2006/CT-BYT" and str(head(text).issued_on) == "2006-09-29"
    assert value(text, "issuer") == "BỘ TRƯỞNG BỘ Y TẾ" and value(text, "title") == "VỀ PHÒNG DỊCH"


def test_the_date_is_the_one_behind_the_place_and_not_that_of_a_meeting() -> None:
    assert str(head(LETTER).issued_on) == "2013-05-04"
    assert head("THÔNG BÁO\nKết luận tại cuộc họp ngày 03 tháng 10 năm 2022\n\n1. Giao Bộ Y tế.").issued_on is None


def test_a_figure_torn_apart_by_a_scanner_is_joined() -> None:
    assert (
        str(head("BỘ Y TẾ\nSố: 7/CT-BYT\nHà Nội, ngày 26 tháng 0 6 năm 2018\nCHỈ THỊ\nVề việc A").issued_on)
        == "2018-06-26"
    )


def test_the_issuer_is_the_lowest_authority_of_the_letterhead() -> None:
    assert value(LETTER, "issuer") == "Tổng cục Thuế"
    assert (
        value("BỘ TƯ PHÁP\nVĂN PHÒNG\nSố: 2/VP-TH\nKính gửi: Sở Tư pháp các tỉnh", "issuer") == "VĂN PHÒNG BỘ TƯ PHÁP"
    )
    assert value("UBND TỈNH PHÚ THỌ\nSỞ Y TẾ\nSố: 3/KH-SYT\nKẾ HOẠCH\nPhòng dịch", "issuer") == "SỞ Y TẾ tỉnh Phú Thọ"


def test_a_letterhead_that_a_scanner_spoilt_is_mended_from_the_text() -> None:
    text = "VAN PHONG CHÍNH PHU CONG HOA XÃ HOI\nSố: 3/TB-VPCP\nTHÔNG BÁO\nKết luận\n\n1. Văn phòng Chính phủ đôn đốc."
    assert value(text, "issuer") == "Văn phòng Chính phủ"


def test_the_one_who_orders_is_the_issuer_where_no_letterhead_is() -> None:
    assert value("Theo đó, UBND tỉnh đề nghị các đơn vị tiếp tục quán triệt Chỉ thị.", "issuer") == "UBND tỉnh"


@pytest.mark.parametrize("kind", ["*CHỈ THỊ*", "* CHỈ THỊ", "**CHỈ THỊ**", "* CHI THI *"])
def test_stars_around_the_kind_change_no_title(kind: str) -> None:
    assert value(DIRECTIVE.replace("CHỈ THỊ\n", f"{kind}\n"), "title") == value(DIRECTIVE, "title")


def test_the_title_is_the_subject_in_the_cell_or_below_the_kind() -> None:
    assert value(LETTER, "title") == "V/v hỗ trợ người có công cải thiện nhà ở"
    assert value(DIRECTIVE, "title") == "Về một số biện pháp cấp bách xây dựng đội ngũ nhà giáo"


def test_a_subject_goes_on_in_the_next_line() -> None:
    text = (
        "BỘ Y TẾ\nSố: 1/BYT-VP\nV/v tổ chức hội nghị\nNgành Y tế năm 2014\nHà Nội, ngày 5 tháng "
        "4 năm 2014\nKính gửi: Sở Y tế"
    )
    assert value(text, "title") == "V/v tổ chức hội nghị Ngành Y tế năm 2014"


def test_a_subject_broken_over_rows_of_a_table_is_joined() -> None:
    rows = (
        "|Số: 2276/VP-TH |Hà Nội, ngày 12 tháng 12 năm 2013 |\n|V/v báo cáo công tác năm 2013| "
        "|\n|và phương hướng năm 2014 | |"
    )
    assert value(f"{rows}\n\nKính gửi: Sở Tư pháp", "title") == "V/v báo cáo công tác năm 2013 và phương hướng năm 2014"


def test_an_urgency_stamp_stands_alone() -> None:
    assert value("BỘ Y TẾ\nSố: 1/BYT\nHOẢ TỐC\nKính gửi: Sở Y tế", "urgency") == "hoả tốc"
    assert value("BỘ Y TẾ\nSố: 1/BYT\nKính gửi: Sở Y tế\nKhẩn trương báo cáo.", "urgency") is None


def test_those_addressed_stand_in_a_line_a_list_or_before_dien() -> None:
    listed = "Kính gửi:\n- Sở Lao động - Thương binh và Xã hội tỉnh A;\n- Bộ Tài chính.\n\nBộ Y tế yêu cầu báo cáo."
    assert [one.value for one in head(listed).addressees] == [
        "Sở Lao động - Thương binh và Xã hội tỉnh A",
        "Bộ Tài chính",
    ]
    wire = "CÔNG ĐIỆN\nVề bão số 3\nTHỦ TƯỚNG CHÍNH PHỦ điện:\n- Bộ Quốc phòng;\n- Bộ Công an.\n\nBão đang mạnh."
    assert [one.value for one in head(wire).addressees] == ["Bộ Quốc phòng", "Bộ Công an"]


def test_legal_bases_are_named() -> None:
    bases = head(
        "KẾ HOẠCH\nPhòng dịch\n\nCăn cứ Luật Phòng bệnh;\nCăn cứ Chỉ thị số 1/CT-TTg,\n1. Sở Y tế kiểm tra."
    ).bases
    assert [one.value for one in bases] == ["Căn cứ Luật Phòng bệnh;", "Căn cứ Chỉ thị số 1/CT-TTg,"]


@pytest.mark.parametrize(("stamp", "level"), [("MẬT", "MẬT"), ("Độ mật: Tối mật", "TỐI MẬT")])
def test_a_secret_document_is_refused_with_the_reason(stamp: str, level: str) -> None:
    with pytest.raises(Refused, match=f"stamped {level} may not enter"):
        read(f"BỘ Y TẾ\n{stamp}\nSố: 1/BYT\nKính gửi: Sở Y tế")


def test_an_hour_stands_before_the_day_of_a_telegram() -> None:
    heading = read(
        "UBND TỈNH A\nSố: 07/CĐ-UBND Hòa Sơn, hồi 18 giờ 40 phút ngày 13 tháng 6 năm 2020\n\n"
        "CÔNG ĐIỆN KHẨN\nV/v chữa cháy"
    ).heading
    assert str(heading.issued_on) == "2020-06-13"
    assert heading.title is not None and heading.title.value == "V/v chữa cháy"


def test_a_blank_day_still_tells_the_year_of_dates_without_one() -> None:
    reading = read(
        "Nậm Phình, ngày     tháng 10 năm 2025\n\nCHỈ THỊ\nVề việc thử\n\n1. Sở A báo cáo xong trong ngày 22/10;"
    )
    assert reading.heading.issued_on is None
    assert [str(one.day) for one in reading.duties[0].deadlines] == ["2025-10-22"]
