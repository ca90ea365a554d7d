"""Who watches, presses or inspects."""

import pytest

from tests.intake.passages import passage, values
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.supervision import read_supervisors

SENTENCES = [
    ("Vụ A và Vụ B có trách nhiệm kiểm tra, đôn đốc việc thực hiện Chỉ thị này", ["Vụ A", "Vụ B"]),
    (
        "Văn phòng Chính phủ chủ trì, phối hợp với Bộ Công an đôn đốc các bộ, ngành thực hiện Đề án",
        ["Văn phòng Chính phủ"],
    ),
    ("Văn phòng Bộ theo dõi tình hình triển khai thực hiện Chỉ thị, tổng hợp báo cáo", ["Văn phòng Bộ"]),
    ("Bộ Y tế giám sát việc thực hiện chính sách ưu đãi", ["Bộ Y tế"]),
    ("Giao Giám đốc Sở Y tế theo dõi, đôn đốc và báo cáo UBND thành phố", ["Giám đốc Sở Y tế"]),
    ("Bộ Y tế:\n- Thanh tra Bộ: Chủ trì phối hợp với Cục A đôn đốc các đơn vị triển khai thực hiện", ["Thanh tra Bộ"]),
    ("Cục A phối hợp với Bộ X, Sở Y và các cơ quan đôn đốc các chủ đầu tư đẩy nhanh tiến độ", ["Cục A"]),
    ("Sở Y tế:\n- Văn phòng Sở: Bố trí kinh phí; theo dõi, đôn đốc việc thực hiện Kế hoạch này", ["Văn phòng Sở"]),
    ("Cục A theo dõi, tổng hợp kết quả thực hiện của các đơn vị", ["Cục A"]),
    ("Sở Tài chính theo dõi, đôn đốc tiến độ giải ngân của các chủ đầu tư", ["Sở Tài chính"]),
    ("Ban A kiểm tra, đôn đốc công tác ứng phó với bão", ["Ban A"]),
    ("Giao Văn phòng UBND tỉnh theo dõi, đôn đốc, kịp thời báo cáo Chủ tịch", ["Văn phòng UBND tỉnh"]),
    ("Bộ Tư pháp theo dõi ngay từ đầu, liên tục suốt quá trình xây dựng văn bản", ["Bộ Tư pháp"]),
    ("UBND xã theo dõi, giám sát và giúp đỡ các hộ gia đình trong quá trình xây dựng nhà ở", ["UBND xã"]),
    ("Thanh tra tỉnh kiểm tra, giám sát việc triển khai; tham mưu xử lý", ["Thanh tra tỉnh"]),
    ("Văn phòng Tỉnh ủy theo dõi, đôn đốc việc thực hiện Kết luận, định kỳ báo cáo", ["Văn phòng Tỉnh ủy"]),
    ("Bộ Y tế kiểm tra việc chấp hành pháp luật về giá", []),
    ("Các doanh nghiệp tăng cường kiểm tra, giám sát chặt chẽ hoạt động của các đại lý", []),
    ("Cục A giám sát chặt chẽ việc thực hiện các quy định về lãi suất", []),
]


@pytest.mark.parametrize(("text", "wanted"), SENTENCES, ids=[text[:40] for text, _ in SENTENCES])
def test_oversight_of_the_document_or_of_others_work(text: str, wanted: list[str]) -> None:
    given = passage(text)
    assert values(read_supervisors(given, read_addressees(given))) == wanted
