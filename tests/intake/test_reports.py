"""Whom a duty reports to."""

import pytest

from tests.intake.passages import passage, values
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.times.deadlines import read_conditions

SENTENCES = [
    (
        "gửi báo cáo kết quả thực hiện về Bộ Bưu chính, Viễn thông (Vụ Viễn thông)",
        ["Bộ Bưu chính, Viễn thông (Vụ Viễn thông)"],
    ),
    ("có báo cáo kết quả gửi Bộ Y tế chậm nhất vào ngày 17/02/2010 để tổng hợp, báo cáo Chính phủ", ["Bộ Y tế"]),
    (
        "báo cáo và đề xuất với cấp ủy, chính quyền địa phương và Thống đốc",
        ["cấp ủy", "chính quyền địa phương", "Thống đốc"],
    ),
    ("báo cáo kịp thời những khó khăn, vướng mắc cho Ngân hàng Nhà nước", ["Ngân hàng Nhà nước"]),
    ("tổng hợp báo cáo Thống đốc và gửi Bộ Kế hoạch và Đầu tư trước ngày 20", ["Thống đốc", "Bộ Kế hoạch và Đầu tư"]),
    ("báo cáo kết quả về Bộ Y tế tổng hợp, báo cáo Thủ tướng Chính phủ", ["Bộ Y tế"]),
    ("báo cáo UBND tỉnh (qua Văn phòng UBND tỉnh)", ["UBND tỉnh (qua Văn phòng UBND tỉnh)"]),
    ("nếu có vướng mắc đề nghị phản ánh kịp thời về Bộ Y tế để được hướng dẫn", ["Bộ Y tế"]),
    ("Để có cơ sở báo cáo Chính phủ, Bộ Y tế đề nghị các Sở gửi báo cáo về Bộ Y tế", ["Bộ Y tế"]),
    ("báo cáo Phó Thủ tướng phụ trách về việc thực hiện", ["Phó Thủ tướng phụ trách"]),
    ("xây dựng báo cáo theo đề cương, gửi Đoàn giám sát trước ngày 25/5/2018", ["Đoàn giám sát"]),
    ("Đề nghị các đơn vị khẩn trương thực hiện để Bộ tổng hợp báo cáo Thủ tướng Chính phủ", []),
    ("Báo cáo quý gửi trước ngày 25 về Văn phòng UBND tỉnh", ["Văn phòng UBND tỉnh"]),
    ("trình Thủ tướng Chính phủ xem xét, quyết định", []),
    ("xây dựng kế hoạch biên chế, gửi Bộ Nội vụ để thẩm định", []),
    ("định kỳ báo cáo kết quả công tác trên địa bàn, phối hợp chặt chẽ với Văn phòng", []),
    ("thực hiện đúng chế độ báo cáo thống kê", []),
    ("Kiến nghị các cơ quan có thẩm quyền thu hồi giấy phép", []),
    ("lập danh sách trẻ chưa tiêm gửi về Phòng Y tế, hạn cuối 20/8", ["Phòng Y tế"]),
    ("tập hợp đơn và danh sách gửi Ủy ban nhân dân xã nơi có nhà ở", []),
    ("báo cáo xin ý kiến chỉ đạo của Thủ tướng hoặc Phó Thủ tướng", ["Thủ tướng", "Phó Thủ tướng"]),
    ("báo cáo Chủ tịch UBND tỉnh xong trong ngày 20/6/2020", ["Chủ tịch UBND tỉnh"]),
    ("Căn cứ Kế hoạch này để tổng hợp, bố trí vốn, báo cáo Ủy ban nhân dân tỉnh", ["Ủy ban nhân dân tỉnh"]),
]


@pytest.mark.parametrize(("text", "wanted"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_the_recipient_of_a_report(text: str, wanted: list[str]) -> None:
    assert values(read_reports(passage(text))) == wanted


@pytest.mark.parametrize(
    ("text", "conditional"),
    [
        ("nếu có vướng mắc phát sinh, báo cáo Bộ để xem xét", True),
        ("cung cấp đầy đủ số liệu khi có yêu cầu", True),
        ("bảo đảm thông tin liên lạc khi xảy ra bạo động", False),
    ],
)
def test_what_holds_only_in_a_certain_case(text: str, conditional: bool) -> None:
    assert bool(read_conditions(passage(text))) is conditional
