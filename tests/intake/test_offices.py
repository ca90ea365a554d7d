"""Names of offices, firms and bodies as directives write them: each is read whole, whatever it is told to do."""

import pytest

from tests.intake.passages import passage, values
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating

OFFICES = """
Bộ Giao thông vận tải
Bộ Kế hoạch và Đầu tư
Bộ Lao động - Thương binh và Xã hội
Bộ Nông nghiệp và Phát triển nông thôn
Bộ Tài nguyên và Môi trường
Bộ Văn hóa, Thể thao và Du lịch
Bộ Khoa học và Công nghệ
Bộ Xây dựng
Bộ Ngoại giao
Bộ Thông tin và Truyền thông
Bộ Tổng Tham mưu
Bộ Tư lệnh Bộ đội Biên phòng
Bộ Chỉ huy Quân sự tỉnh
Thanh tra Chính phủ
Ngân hàng Nhà nước Việt Nam
Ngân hàng Chính sách xã hội
Ngân hàng Phát triển Việt Nam
Bảo hiểm xã hội Việt Nam
Bảo hiểm tiền gửi Việt Nam
Kho bạc Nhà nước tỉnh
Tổng cục Hải quan
Tổng cục Quản lý thị trường
Cục Quản lý đầu tư xây dựng
Cục Quản lý tài nguyên nước
Cục Đăng kiểm Việt Nam
Cục Đăng ký quốc gia giao dịch bảo đảm
Cục Cảnh sát giao thông
Cục Cảnh sát phòng cháy, chữa cháy và cứu nạn, cứu hộ
Cục Kiểm tra sau thông quan
Cục Kiểm tra văn bản quy phạm pháp luật
Cục Kiểm soát thủ tục hành chính
Cục An toàn thông tin
Cục An toàn lao động
Cục Bảo vệ thực vật
Cục Chuyển đổi số quốc gia
Cục Việc làm
Cục Điều tiết điện lực
Cục Xúc tiến thương mại
Cục Phòng, chống tệ nạn xã hội
Cục Phòng vệ thương mại
Cục Hàng không Việt Nam
Cục Thống kê
Cục Thi hành án dân sự tỉnh
Vụ An toàn giao thông
Vụ Kế hoạch - Tài chính
Vụ Tổ chức cán bộ
Vụ Thi đua - Khen thưởng
Vụ Hợp tác quốc tế
Vụ Quản lý doanh nghiệp
Vụ Giám sát và Thẩm định đầu tư
Vụ Đào tạo và Bồi dưỡng
Vụ Kết cấu hạ tầng giao thông
Vụ Pháp chế
Văn phòng Ủy ban nhân dân tỉnh
Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh
Văn phòng điều phối nông thôn mới tỉnh
Văn phòng Đăng ký đất đai
Thanh tra tỉnh
Sở Giáo dục và Đào tạo
Sở Kế hoạch và Đầu tư
Sở Lao động - Thương binh và Xã hội
Sở Quy hoạch - Kiến trúc
Sở Ngoại vụ
Sở Nội vụ
Sở Xây dựng
Ban Dân tộc
Ban Tổ chức Tỉnh ủy
Ban Tuyên giáo Tỉnh ủy
Ban Thi đua - Khen thưởng tỉnh
Ban Quản lý các khu công nghiệp tỉnh
Ban Quản lý dự án đầu tư xây dựng các công trình giao thông tỉnh
Ban An toàn giao thông tỉnh
Ban Chỉ đạo phòng, chống dịch Covid-19 tỉnh
Ban Chỉ đạo 389 tỉnh
Ban Chỉ huy phòng, chống thiên tai và tìm kiếm cứu nạn tỉnh
Ban Chỉ đạo cải cách hành chính tỉnh
Ủy ban An toàn giao thông Quốc gia
Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh
Ủy ban Quản lý vốn nhà nước tại doanh nghiệp
Ủy ban Dân tộc
Hội đồng phối hợp phổ biến, giáo dục pháp luật tỉnh
Hội đồng Thi đua - Khen thưởng tỉnh
Hội Liên hiệp Phụ nữ tỉnh
Hội Cựu chiến binh tỉnh
Hội Nông dân tỉnh
Hội Chữ thập đỏ tỉnh
Liên đoàn Lao động tỉnh
Tổng Liên đoàn Lao động Việt Nam
Đoàn Thanh niên Cộng sản Hồ Chí Minh
Tỉnh đoàn
Liên minh Hợp tác xã tỉnh
Phòng Thương mại và Công nghiệp Việt Nam
Viện Kiểm sát nhân dân tỉnh
Tòa án nhân dân tối cao
Đài Truyền hình Việt Nam
Đài Tiếng nói Việt Nam
Đài Phát thanh và Truyền hình tỉnh
Thông tấn xã Việt Nam
Báo Nhân dân
Cổng Thông tin điện tử tỉnh
Trung tâm Kiểm soát bệnh tật tỉnh
Trung tâm Phục vụ hành chính công tỉnh
Trung tâm Xúc tiến đầu tư, thương mại và du lịch tỉnh
Trung tâm Y tế huyện
Trung tâm Dịch vụ việc làm
Trung tâm Giáo dục nghề nghiệp - Giáo dục thường xuyên
Viện Khoa học Giáo dục Việt Nam
Học viện Chính trị quốc gia Hồ Chí Minh
Học viện Hành chính Quốc gia
Trường Đào tạo, bồi dưỡng cán bộ
Đại học Quốc gia Hà Nội
Tập đoàn Điện lực Việt Nam
Tập đoàn Bưu chính Viễn thông Việt Nam
Tổng công ty Bưu điện Việt Nam
Tổng công ty Đầu tư và Kinh doanh vốn nhà nước
Công ty Điện lực tỉnh
Công ty cổ phần Cấp nước
Bưu điện tỉnh
Công an tỉnh
Công an các đơn vị, địa phương
Chi cục Kiểm lâm
Chi cục Chăn nuôi và Thú y
Chi cục Quản lý chất lượng nông lâm sản và thủy sản
Chi cục Phát triển nông thôn
Chi cục Thuế khu vực
Vườn quốc gia Ba Vì
Phòng Cảnh sát quản lý hành chính về trật tự xã hội
Phòng Tài chính - Kế hoạch
Phòng Giáo dục và Đào tạo
Phòng Kinh tế và Hạ tầng
Phòng Nghiệp vụ Y
Phòng Tổ chức - Hành chính
Bệnh viện Đa khoa tỉnh
Các bệnh viện trên địa bàn tỉnh
Các doanh nghiệp viễn thông
Các nhà mạng
Các hãng hàng không
Các tổ chức tín dụng
Các chủ rừng
Các chủ đập, hồ chứa thủy điện
Các đơn vị sự nghiệp công lập
Các cơ sở khám bệnh, chữa bệnh
Các trường đại học, cao đẳng
Các cơ quan báo chí
Các cơ quan thông tấn, báo chí
Các cơ quan, đơn vị, địa phương
Các sở, ban, ngành, đoàn thể tỉnh
Ủy ban nhân dân các huyện, thị xã, thành phố
Ủy ban nhân dân các xã, phường, đặc khu
Người đứng đầu các cơ quan, đơn vị
Trưởng các phòng, ban thuộc Sở
Thủ trưởng các cơ quan chuyên môn thuộc Ủy ban nhân dân tỉnh
Chủ tịch Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương
Các Bộ trưởng, Thủ trưởng cơ quan ngang Bộ, Thủ trưởng cơ quan thuộc Chính phủ
Hiệu trưởng các trường trung học phổ thông
Kho bạc Nhà nước
Cảng vụ Hàng hải Quảng Ninh
Ga Hà Nội
Nhà thầu thi công
Cơ quan Thường trực Ban Chỉ đạo
Tổ công tác Đề án 06
Tiểu ban An toàn, an ninh mạng
Lực lượng vũ trang tỉnh
Quân khu 4
Hiệp hội Doanh nghiệp tỉnh
Đội Quản lý thị trường số 3
Đồn Biên phòng cửa khẩu
Trạm Khuyến nông
Ban Quản lý rừng phòng hộ
Cơ quan Bảo hiểm xã hội
Nhà xuất bản Giáo dục Việt Nam
Hạt Kiểm lâm
Vietcombank
VNPT Nghệ An
Viettel Nghệ An
Mobifone
EVN
""".split("\n")[1:-1]
TOLD = (
    "chủ trì, phối hợp với Sở Tư pháp rà soát, tổng hợp số liệu",
    "khẩn trương hoàn thành việc bàn giao cho địa phương",
    "tăng cường kiểm tra, xử lý vi phạm",
    "có trách nhiệm hướng dẫn thực hiện",
    "nghiên cứu, đề xuất giải pháp",
    "báo cáo Bộ Công an kết quả",
)


def whole(found: list[str]) -> str:
    """Return the names put together again: one office, or the members of a list of kinds."""
    return ", ".join(found)


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("told", TOLD)
def test_an_office_is_read_whole_whatever_it_is_told(office: str, told: str) -> None:
    assert whole(values(read_addressees(passage(f"{office} {told}.")))) == office


@pytest.mark.parametrize("office", OFFICES)
def test_a_partner_is_read_whole(office: str) -> None:
    said = f"Chủ trì, phối hợp với {office} rà soát, tổng hợp số liệu."
    assert whole(values(read_coordinating(passage(said)))) == office


@pytest.mark.parametrize("office", OFFICES)
def test_who_is_reported_to_is_read_whole(office: str) -> None:
    assert whole(values(read_reports(passage(f"Tổng hợp, báo cáo {office} trước ngày 30/6/2026.")))) == office
