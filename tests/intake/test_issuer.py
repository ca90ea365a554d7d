"""The authority that speaks, in the letterheads, headings and signatures that offices use."""

import pytest

from workflows.intake.read import read
from workflows.intake.text.reading import ReadingReason

STATE = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nHà Nam, ngày 05 tháng 3 năm 2024\n\n"
BODY = (
    "Các đơn vị thực hiện như sau:\n\n1. Phòng Hành chính rà soát, báo cáo trước ngày 20/3/2024.\n"
    "2. Phòng Kế hoạch tổng hợp.\n"
)


def issuer(text: str) -> str | None:
    found = read(text).heading.issuer
    return found.value if found else None


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("ỦY BAN NHÂN DÂN|XÃ ĐỒNG TIẾN", "ỦY BAN NHÂN DÂN XÃ ĐỒNG TIẾN"),
        ("ỦY BAN NHÂN DÂN|THỊ TRẤN PHỐ LU", "ỦY BAN NHÂN DÂN THỊ TRẤN PHỐ LU"),
        ("UỶ BAN NHÂN DÂN|ĐẶC KHU VÂN ĐỒN", "UỶ BAN NHÂN DÂN ĐẶC KHU VÂN ĐỒN"),
        ("HUYỆN YÊN LẬP|ỦY BAN NHÂN DÂN XÃ TÂN AN", "ỦY BAN NHÂN DÂN XÃ TÂN AN"),
        ("HỘI ĐỒNG NHÂN DÂN|TỈNH HÀ NAM|KHÓA XIX", "HỘI ĐỒNG NHÂN DÂN TỈNH HÀ NAM"),
        ("HỘI ĐỒNG NHÂN DÂN|TỈNH HÀ NAM|THƯỜNG TRỰC", "THƯỜNG TRỰC HỘI ĐỒNG NHÂN DÂN TỈNH HÀ NAM"),
        ("CHỦ TỊCH|ỦY BAN NHÂN DÂN TỈNH HÀ NAM", "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH HÀ NAM"),
        ("VĂN PHÒNG|ĐOÀN ĐBQH VÀ HĐND TỈNH HÀ NAM", "VĂN PHÒNG ĐOÀN ĐBQH VÀ HĐND TỈNH HÀ NAM"),
        ("TỈNH ỦY PHÚ THỌ|HUYỆN ỦY YÊN LẬP|*", "HUYỆN ỦY YÊN LẬP"),
        ("TỈNH ỦY HÀ NAM|BAN TỔ CHỨC|*", "BAN TỔ CHỨC TỈNH ỦY HÀ NAM"),
        ("ĐẢNG BỘ TỈNH HÀ NAM|BAN THƯỜNG VỤ TỈNH ỦY|*", "BAN THƯỜNG VỤ TỈNH ỦY HÀ NAM"),
        ("HỘI ĐỒNG NHÂN DÂN TỈNH HÀ NAM|BAN PHÁP CHẾ", "BAN PHÁP CHẾ HỘI ĐỒNG NHÂN DÂN TỈNH HÀ NAM"),
        ("UBND TỈNH HÀ NAM|THANH TRA TỈNH", "THANH TRA TỈNH HÀ NAM"),
        ("CÔNG AN TỈNH HÀ NAM|PHÒNG CẢNH SÁT GIAO THÔNG", "PHÒNG CẢNH SÁT GIAO THÔNG tỉnh Hà Nam"),
        ("UBND THÀNH PHỐ HÀ NỘI|SỞ Y TẾ|HỎA TỐC", "SỞ Y TẾ thành phố Hà Nội"),
        ("BỘ NỘI VỤ|BỘ TÀI CHÍNH", "BỘ NỘI VỤ - BỘ TÀI CHÍNH"),
        ("BỘ NỘI VỤ - BỘ TÀI CHÍNH", "BỘ NỘI VỤ - BỘ TÀI CHÍNH"),
        ("BỘ QUỐC PHÒNG|BỘ TƯ LỆNH QUÂN KHU 3", "BỘ TƯ LỆNH QUÂN KHU 3"),
        ("BỘ TƯ LỆNH BỘ ĐỘI BIÊN PHÒNG|BỘ CHỈ HUY BỘ ĐỘI BIÊN PHÒNG TỈNH", "BỘ CHỈ HUY BỘ ĐỘI BIÊN PHÒNG TỈNH"),
        ("VIỆN HÀN LÂM|KHOA HỌC XÃ HỘI VIỆT NAM", "VIỆN HÀN LÂM KHOA HỌC XÃ HỘI VIỆT NAM"),
        ("TẬP ĐOÀN BƯU CHÍNH VIỄN THÔNG VIỆT NAM|VIỄN THÔNG HÀ NAM", "VIỄN THÔNG HÀ NAM"),
        ("TỔNG CÔNG TY CẢNG BẮC|HỘI ĐỒNG QUẢN TRỊ", "HỘI ĐỒNG QUẢN TRỊ TỔNG CÔNG TY CẢNG BẮC"),
        ("Công ty Cổ phần Nước sạch Hà Nam", "Công ty Cổ phần Nước sạch Hà Nam"),
        ("BỘ Y TẾ BỆNH VIỆN BẠCH MAI", "BỆNH VIỆN BẠCH MAI"),
    ],
)
def test_a_letterhead_names_its_lowest_authority_whole(lines: str, name: str) -> None:
    text = lines.replace("|", "\n")
    assert issuer(f"{text}\nSố: 8/KH-AB\n{STATE}KẾ HOẠCH\nGiữ rừng năm 2024\n\n{BODY}") == name


@pytest.mark.parametrize(
    ("house", "heading", "name"),
    [
        ("TỔNG CÔNG TY CẢNG BẮC", "CỦA TỔNG GIÁM ĐỐC\nSiết chặt kỷ luật", "TỔNG CÔNG TY CẢNG BẮC"),
        ("TỔNG CÔNG TY CẢNG BẮC", "CỦA TỔNG GIÁM ĐỐC\nSIẾT CHẶT KỶ LUẬT", "TỔNG CÔNG TY CẢNG BẮC"),
        ("TRƯỜNG ĐẠI HỌC VINH", "CỦA HIỆU TRƯỞNG\nVề phòng dịch", "TRƯỜNG ĐẠI HỌC VINH"),
        ("TỈNH ỦY HÀ NAM", "CỦA BAN THƯỜNG VỤ TỈNH ỦY\nvề giữ rừng", "BAN THƯỜNG VỤ TỈNH ỦY HÀ NAM"),
        ("BỘ CÔNG AN\nCÔNG AN TỈNH HÀ NAM", "Của Giám đốc Công an tỉnh\nVề trực ban", "Giám đốc Công an tỉnh Hà Nam"),
        ("ỦY BAN NHÂN DÂN\nTỈNH HÀ NAM", "CỦA ỦY BAN NHÂN DÂN TỈNH\nVề giữ rừng", "ỦY BAN NHÂN DÂN TỈNH HÀ NAM"),
    ],
)
def test_a_heading_names_who_speaks_and_the_letterhead_whose(house: str, heading: str, name: str) -> None:
    assert issuer(f"{house}\nSố: 8/CT-AB\n{STATE}CHỈ THỊ\n{heading}\n\n{BODY}") == name


def test_the_bureau_speaks_for_a_committee_of_the_party() -> None:
    said = "Ban Thường vụ Tỉnh ủy yêu cầu các cấp ủy:\n\n1- Các huyện ủy báo cáo trước 20/3/2024.\n"
    head = "TỈNH ỦY HÀ NAM\n*\nSố 12-CT/TU\nĐẢNG CỘNG SẢN VIỆT NAM\n\nCHỈ THỊ\nvề giữ rừng\n-----\n\n"
    assert issuer(head + said) == "Ban Thường vụ TỈNH ỦY HÀ NAM"
    assert issuer(head + BODY) == "TỈNH ỦY HÀ NAM"


@pytest.mark.parametrize("head", ["CHÍNH PHỦ\n", ""])
def test_the_number_tells_the_prime_minister_from_the_government(head: str) -> None:
    assert issuer(f"{head}Số: 8/CT-TTg\n{STATE}CHỈ THỊ\nVề giữ rừng\n\n{BODY}") == "Thủ tướng Chính phủ"
    assert issuer(f"{head}Số: 8/NQ-CP\n{STATE}NGHỊ QUYẾT\nVề giữ rừng\n\n{BODY}") == "Chính phủ"


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("TM. ỦY BAN NHÂN DÂN TỈNH HÀ NAM\nCHỦ TỊCH", "ỦY BAN NHÂN DÂN TỈNH HÀ NAM"),
        ("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH", "ỦY BAN NHÂN DÂN tỉnh Hà Nam"),
        ("KT. BỘ TRƯỞNG BỘ Y TẾ\nTHỨ TRƯỞNG", "BỘ TRƯỞNG BỘ Y TẾ"),
        ("GIÁM ĐỐC SỞ Y TẾ", "GIÁM ĐỐC SỞ Y TẾ"),
    ],
)
def test_where_no_letterhead_is_the_signature_names_the_issuer(signature: str, name: str) -> None:
    text = f"Hà Nam, ngày 5 tháng 3 năm 2024\n\nCHỈ THỊ\nVề giữ rừng trên địa bàn tỉnh Hà Nam\n\n{BODY}\n{signature}\n"
    found = read(text).heading.issuer
    assert found is not None and found.value == name and found.reason is ReadingReason.SIGNED


def test_else_the_authority_whose_letters_end_the_number() -> None:
    text = "Số: 12/QĐ-BTTTT\n\nQUYẾT ĐỊNH\nVề việc giữ rừng\n\n1. Vụ A báo cáo Bộ Thông tin và Truyền thông.\n"
    assert issuer(text) == "Bộ Thông tin và Truyền thông"


def test_a_telegram_names_who_sends_it_above_the_list() -> None:
    text = "CÔNG ĐIỆN\nVề bão số 3\n\nTHỦ TƯỚNG CHÍNH PHỦ điện:\n- Bộ Quốc phòng;\n- Bộ Công an.\n\nBão đang mạnh."
    assert issuer(text) == "THỦ TƯỚNG CHÍNH PHỦ"
