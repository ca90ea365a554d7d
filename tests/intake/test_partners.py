"""Who leads and who takes part."""

import pytest

from tests.intake.passages import passage, values
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.partners import read_coordinating, read_leads


def leads(text: str) -> list[str]:
    given = passage(text)
    return values(read_leads(given, read_addressees(given)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bộ Tài chính chủ trì, phối hợp với Bộ Y tế", ["Bộ Tài chính"]),
        ("Bộ Công an:\n- Chủ trì, phối hợp với các bộ, ngành", ["Bộ Công an"]),
        ("Giao Bộ Tài chính chủ trì", ["Bộ Tài chính"]),
        ("Bộ Y tế và Bộ Công an đồng chủ trì xây dựng quy chế", ["Bộ Y tế", "Bộ Công an"]),
        ("Nhiệm vụ này do Sở Xây dựng chủ trì thực hiện", ["Sở Xây dựng"]),
        ("Bộ Tài chính:\n- Chủ tri, phôi hợp với Bộ Y tế", ["Bộ Tài chính"]),  # as a scanner reads it
        ("Rà soát văn bản\n- Đơn vị chủ trì: Thanh tra Sở.\n- Thời gian: Quý I", ["Thanh tra Sở"]),
        ("Bộ Y tế yêu cầu:\nBan A chủ trì nghiên cứu.\nViện B phối hợp với Ban A.", ["Ban A"]),
        ("Các đơn vị tạo điều kiện cho Mặt trận Tổ quốc chủ trì Cuộc vận động", []),
        ("Bộ Tài chính hỗ trợ các cuộc vận động do Mặt trận chủ trì", []),
        ("Cục A làm việc với cơ quan chủ trì", []),
        ("Bộ Tài chính lập dự toán", []),
    ],
)
def test_chu_tri_is_said_of_the_lead(text: str, wanted: list[str]) -> None:
    assert leads(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("phối hợp với Công an địa phương xây dựng phương án", ["Công an địa phương"]),
        (
            "phối hợp chặt chẽ với các địa phương và các đơn vị liên quan, triển khai",
            ["các địa phương", "các đơn vị liên quan"],
        ),
        ("Bố trí cán bộ kỹ thuật phối hợp phòng CNTT đảm bảo điều kiện", ["phòng CNTT"]),
        ("tăng cường sự phối hợp trao đổi thông tin với các đơn vị tại trụ sở chính", ["các đơn vị tại trụ sở chính"]),
        (
            "phối hợp với các Bộ: Tư pháp, Công an và các cơ quan liên quan sửa đổi",
            ["các Bộ: Tư pháp", "Công an", "các cơ quan liên quan"],
        ),
        ("phôi hợp với Bộ Xây dựng đôn đốc", ["Bộ Xây dựng"]),
        ("là đầu mối phối hợp với VNCERT xử lý sự cố", ["VNCERT"]),
        ("phối hợp chặt chẽ với Thủ trưởng các đơn vị tuyên truyền, vận động", ["Thủ trưởng các đơn vị"]),
        ("chủ trì, với sự phối hợp của Sở Tài chính, Sở Nội vụ tham mưu", ["Sở Tài chính", "Sở Nội vụ"]),
        ("phối hợp, hỗ trợ Sở Tư pháp kiểm tra", ["Sở Tư pháp"]),
        ("phối hợp cùng Sở Tài chính lập dự toán", ["Sở Tài chính"]),
        ("Phòng A chủ trì; Văn phòng, Phòng B phối hợp; xong trong tháng", ["Văn phòng", "Phòng B"]),
        ("Rà soát\n- Cơ quan phối hợp: Sở Y tế, Sở Tài chính.", ["Sở Y tế", "Sở Tài chính"]),
        ("quan hệ phối hợp giữa Bí thư chi bộ với trưởng thôn", []),
        ("tham gia phối hợp công tác tuyên truyền", []),
    ],
)
def test_the_objects_of_phoi_hop_take_part(text: str, wanted: list[str]) -> None:
    assert values(read_coordinating(passage(text))) == wanted


def test_a_name_said_twice_counts_once_also_when_shortened() -> None:
    text = "phối hợp với Ủy ban Mặt trận Tổ quốc tỉnh A; phối hợp với Ủy ban Mặt trận Tổ quốc tỉnh A ở xã"
    assert values(read_coordinating(passage(text))) == ["Ủy ban Mặt trận Tổ quốc tỉnh A ở xã"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Sở A chủ trì, có sự tham gia của Viện Pasteur, tổ chức tiêm", ["Viện Pasteur"]),
        ("Chủ trì cùng Sở Xây dựng, với sự phối hợp của Hội Đập lớn, thẩm định", ["Sở Xây dựng", "Hội Đập lớn"]),
        ("Sở Công Thương làm đầu mối, Công ty Điện lực tỉnh phối hợp bảo đảm điện", ["Công ty Điện lực tỉnh"]),
        ("Lập danh mục\n- Chủ trì: Vụ Pháp chế\n- Phối hợp: Văn phòng Bộ", ["Văn phòng Bộ"]),
        ("Chi cục Kiểm lâm chủ trì, cùng Công an huyện A xác minh nguyên nhân cháy", ["Công an huyện A"]),
    ],
)
def test_whoever_takes_part_is_named_in_many_ways(text: str, wanted: list[str]) -> None:
    assert values(read_coordinating(passage(text))) == wanted
