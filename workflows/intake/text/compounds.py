"""Nouns of offices and their fields that hold a word of doing: "giao thông", "địa bàn", "phòng, chống thiên tai"."""

import re

from workflows.intake.text.vocabulary import phrases, words_pattern

_NOUNS = phrases(
    """
    giao thông vận tải | giao thông | giao dịch bảo đảm | giao dịch | giao lưu | viễn thông | phổ thông | truyền
    thông | lưu thông | thông tấn | hàng không | địa bàn | tiền gửi | chương trình | công trình | quy trình | lộ
    trình | tiến trình | quá trình | giáo trình | tờ trình | trình độ | trình tự | thu nhập | doanh thu | nguồn thu
    | thư ký | chữ ký | cử tri | cử nhân | công lập | dân lập | độc lập | lập pháp | ngoại giao | lao động | cứu nạn
    | cứu hộ | tìm kiếm cứu nạn | tìm kiếm, cứu nạn | việc làm | giáo dục thường xuyên | đầu tư phát triển | nhận ủy
    thác | kiểm tra, kiểm soát nội bộ | kiểm soát nội bộ | cung ứng dịch vụ | đầu tư xây dựng các công trình | đầu
    tư xây dựng các dự án | đầu tư xây dựng | xây dựng cơ bản | phát triển nông thôn | tổ chức cán bộ | trợ giúp
    pháp lý | phòng, chống | phòng và chống | phòng cháy, chữa cháy và cứu nạn, cứu hộ | phòng cháy, chữa cháy |
    phòng cháy và chữa cháy | phòng cháy chữa cháy | an toàn, an ninh | khám bệnh, chữa bệnh | khám, chữa bệnh |
    quản lý thị trường | quản lý nhà nước | quản lý hành chính về trật tự xã hội | quản lý hành chính | kiểm tra sau
    thông quan | cải cách hành chính | đại diện theo pháp luật | giáo dục và đào tạo | kế hoạch và đầu tư | nông
    nghiệp và phát triển nông thôn | thông tin và truyền thông | bảo vệ thực vật | bảo vệ môi trường | bảo vệ dân
    phố | phòng thủ dân sự | thanh tra chuyên ngành | mặt trận | dự án đầu tư xây dựng các công trình | dự án đầu tư
    xây dựng | dự án đầu tư | người sử dụng lao động | chuyển đổi số | mạng xã hội | tổ chức đảng | tự trị | nghiên
    cứu khoa học | giải phóng mặt bằng | quản lý bay | đăng ký đất đai | đăng ký kinh doanh | giám sát hải quan |
    kiểm soát bệnh tật | sản xuất nông nghiệp | quản lý ngành | quản lý chuyên ngành | quản lý vận hành | quản lý,
    vận hành | thanh tra xây dựng | thanh tra giao thông | xét nghiệm y học | thiết bị | giúp việc | nước ngoài |
    ngoài nước | lưu trú | cộng tác viên | trang thiết bị | đồng bằng | văn bằng | công việc | tự do | quốc gia | lễ
    tân | thiên nhiên | tài nguyên | đồng bộ hóa | trồng trọt | dự trữ nhà nước | ổn định xã hội | trực thuộc | trực
    tuyến | thường trực | chia sẻ dữ liệu | nhận dạng | liên kết đào tạo | khen thưởng | thi đua - khen thưởng | thi
    đua khen thưởng | kỷ luật đảng | tiếp công dân | sở hữu trí tuệ | giống cây trồng | sản xuất, kinh doanh | sản
    xuất kinh doanh | in ấn | xuất khẩu | thông tin đại chúng | đúng sai | hậu cần | đo lường | cho thuê tài chính |
    xây lắp | trạm bơm | tiếp nhận và trả kết quả | đáp ứng nhanh | ứng cứu sự cố | thanh tra, giám sát | hội đồng
    phối hợp phổ biến, giáo dục pháp luật | hội đồng phối hợp công tác phổ biến, giáo dục pháp luật | trung gian
    thanh toán
    """
)
_OFFICES_DOING = phrases(
    """
    đơn vị chịu sự giám sát | cơ quan chịu sự giám sát | đơn vị được kiểm tra | đơn vị được giao chủ trì | cơ quan
    được giao chủ trì | cơ quan được giao chủ trì soạn thảo văn bản | cơ quan được giao chủ trì soạn thảo | cơ quan
    chủ trì soạn thảo văn bản | cơ quan chủ trì soạn thảo | cơ quan thẩm định văn bản | cơ quan thẩm định | cơ quan
    quyết định thành lập doanh nghiệp | cơ quan quyết định đầu tư | cơ quan ban hành văn bản | đơn vị chủ trì soạn
    thảo | cơ quan đăng ký kinh doanh | đơn vị tư vấn | đơn vị vận hành
    """
)
_NAMED = phrases(
    """
    giao ban | Phổ biến, giáo dục pháp luật | Phổ biến giáo dục pháp luật | vừa và nhỏ | Đào tạo, bồi dưỡng | Đào
    tạo và bồi dưỡng | Đào tạo, Bồi dưỡng | Đào tạo và Bồi dưỡng | Bồi dưỡng nghiệp vụ | Nghiên cứu và phát triển |
    Nghiên cứu phát triển | Hỗ trợ phát triển | Chuyển giao công nghệ | Ứng dụng và chuyển giao | Phát triển quỹ đất
    | Kiểm tra, giám sát | Kiểm tra văn bản | Chăm sóc sức khỏe | Bảo tồn thiên nhiên | Tổ chức - Cán bộ | Tổ chức -
    Hành chính | Bồi thường, hỗ trợ và tái định cư | Bồi thường, hỗ trợ, tái định cư | Kiểm định chất lượng | Khai
    thác thủy lợi | Khai thác công trình
    """
)
_NOUN = re.compile(rf"(?:{words_pattern(_NOUNS + _OFFICES_DOING)})\b", re.IGNORECASE)
_NAME = re.compile(rf"(?:{words_pattern(_NAMED)})\b")

_BEGINNINGS = frozenset(noun[:3].lower() for noun in _NOUNS + _OFFICES_DOING + _NAMED)
"""The letters that one of them begins with: most words are no beginning."""


def noun_end(text: str, at: int) -> int:
    """Return where the noun ends that begins here and holds a word of doing; 0 where none begins."""
    if text[at : at + 3].lower() not in _BEGINNINGS:
        return 0
    match = _NOUN.match(text, at) or _NAME.match(text, at)
    return match.end() if match else 0
