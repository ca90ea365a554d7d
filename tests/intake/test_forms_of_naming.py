"""The many forms in which directives, plans and conclusions name who acts: one sentence each."""

import pytest

from tests.intake.passages import duties, values
from tests.intake.who import Who, sentences_with_who, who

SENTENCES = """
Yêu cầu các Bộ trưởng, Thủ trưởng cơ quan ngang bộ, Thủ trưởng cơ quan thuộc Chính phủ, Chủ tịch Ủy ban nhân dân \
các tỉnh, thành phố trực thuộc trung ương tổ chức thực hiện nghiêm Chỉ thị này || A=các Bộ trưởng+Thủ trưởng cơ \
quan ngang bộ+Thủ trưởng cơ quan thuộc Chính phủ+Chủ tịch Ủy ban nhân dân các tỉnh, thành phố trực thuộc trung ương
Các Bộ, ngành, địa phương khẩn trương giải ngân vốn đầu tư công; định kỳ hằng tháng báo cáo Bộ Tài chính || A=Các \
Bộ, ngành, địa phương || R=Bộ Tài chính
Thống đốc Ngân hàng Nhà nước Việt Nam chỉ đạo các tổ chức tín dụng giảm lãi suất cho vay || A=Thống đốc Ngân hàng \
Nhà nước Việt Nam
Đề nghị Viện kiểm sát nhân dân tối cao, Tòa án nhân dân tối cao chỉ đạo đẩy nhanh xét xử các vụ án || A=Viện kiểm \
sát nhân dân tối cao+Tòa án nhân dân tối cao
Kế toán trưởng Công ty phối hợp với Phòng Vật tư đối chiếu công nợ, báo cáo Giám đốc trước ngày 25/4 || A=Kế toán \
trưởng Công ty || C=Phòng Vật tư || R=Giám đốc
Hiệu trưởng các trường THPT, Giám đốc các Trung tâm GDNN-GDTX công khai danh sách thí sinh || A=Hiệu trưởng các \
trường THPT+Giám đốc các Trung tâm GDNN-GDTX
Trưởng khoa Khám bệnh, Điều dưỡng trưởng bố trí thêm bàn khám || A=Trưởng khoa Khám bệnh+Điều dưỡng trưởng
Các bệnh viện đa khoa, chuyên khoa tuyến tỉnh, Trung tâm Y tế các huyện dự trữ thuốc, vật tư || A=Các bệnh viện đa \
khoa, chuyên khoa tuyến tỉnh+Trung tâm Y tế các huyện
Chủ tịch Hội đồng quản lý Quỹ Bảo vệ và Phát triển rừng thẩm định hồ sơ || A=Chủ tịch Hội đồng quản lý Quỹ Bảo vệ \
và Phát triển rừng
UBND các xã: Tân An, Hòa Bình, Phú Lộc vận động hộ dân di dời || A=UBND các xã: Tân An, Hòa Bình, Phú Lộc
Đối với Sở Tài chính: cân đối, bố trí kinh phí thực hiện trong dự toán năm 2025 || A=Sở Tài chính
Về phía địa phương, UBND các huyện chủ động bố trí quỹ đất || A=UBND các huyện
Đối với các chủ đầu tư chậm tiến độ, giao Sở Kế hoạch và Đầu tư tham mưu thu hồi dự án || A=Sở Kế hoạch và Đầu tư
Trong quý II, Sở Y tế phải hoàn thành việc kiểm tra các cơ sở bán thuốc || A=Sở Y tế
Trước ngày 15/6/2025, các đơn vị gửi danh sách về Phòng Tổ chức - Cán bộ || A=các đơn vị || R=Phòng Tổ chức - Cán \
bộ
Căn cứ chức năng, nhiệm vụ được giao, các sở, ban, ngành xây dựng kế hoạch chi tiết || A=các sở, ban, ngành
Nhiệm vụ rà soát, cập nhật quy hoạch giao Sở Xây dựng chủ trì thực hiện || A=Sở Xây dựng || L=Sở Xây dựng
Việc cấp phát hóa chất do Trung tâm Dịch vụ nông nghiệp đảm nhiệm, hoàn thành trước 10/5 || A=Trung tâm Dịch vụ \
nông nghiệp
Yêu cầu Công ty Cổ phần Môi trường đô thị thu gom rác thải trước 6 giờ hằng ngày || A=Công ty Cổ phần Môi trường đô \
thị
Công ty TNHH MTV Quản lý khai thác công trình thủy lợi tỉnh vận hành hồ chứa đúng quy trình || A=Công ty TNHH MTV \
Quản lý khai thác công trình thủy lợi tỉnh
Các doanh nghiệp viễn thông (VNPT, Viettel, MobiFone) bảo đảm thông tin liên lạc thông suốt || A=Các doanh nghiệp \
viễn thông (VNPT, Viettel, MobiFone)
Đề nghị Bộ Chỉ huy quân sự tỉnh, Bộ Chỉ huy Bộ đội Biên phòng tỉnh, Công an tỉnh sẵn sàng lực lượng, phương tiện || \
A=Bộ Chỉ huy quân sự tỉnh+Bộ Chỉ huy Bộ đội Biên phòng tỉnh+Công an tỉnh
Ban Chỉ huy quân sự huyện chủ trì, phối hợp cùng Công an huyện huấn luyện dân quân || A=Ban Chỉ huy quân sự huyện \
|| L=Ban Chỉ huy quân sự huyện || C=Công an huyện
Đồn Biên phòng Cửa khẩu Na Mèo tuần tra, kiểm soát đường mòn, lối mở || A=Đồn Biên phòng Cửa khẩu Na Mèo
Chi cục Hải quan cửa khẩu bố trí làm thủ tục ngoài giờ || A=Chi cục Hải quan cửa khẩu
Thủ trưởng các cơ quan, đơn vị; Chủ tịch UBND các xã, phường chịu trách nhiệm thi hành Quyết định này || A=Thủ \
trưởng các cơ quan, đơn vị+Chủ tịch UBND các xã, phường
Ông Trần Văn Bình, Trưởng phòng Kinh tế chịu trách nhiệm tổng hợp || A=Ông Trần Văn Bình, Trưởng phòng Kinh tế
Ủy ban Kiểm tra các cấp tăng cường kiểm tra tổ chức đảng cấp dưới || A=Ủy ban Kiểm tra các cấp
Đảng ủy Công an tỉnh lãnh đạo Công an tỉnh mở đợt cao điểm tấn công tội phạm || A=Đảng ủy Công an tỉnh
Ban Thường vụ Tỉnh đoàn chỉ đạo các cấp bộ đoàn ra quân tình nguyện || A=Ban Thường vụ Tỉnh đoàn
Đề nghị Liên đoàn Lao động tỉnh, Hội Liên hiệp Phụ nữ tỉnh vận động đoàn viên, hội viên tham gia || A=Liên đoàn Lao \
động tỉnh+Hội Liên hiệp Phụ nữ tỉnh
Các Ban của Hội đồng nhân dân tỉnh thẩm tra, báo cáo Thường trực Hội đồng nhân dân tỉnh || A=Các Ban của Hội đồng \
nhân dân tỉnh || R=Thường trực Hội đồng nhân dân tỉnh
Thường trực HĐND, các Ban HĐND và đại biểu HĐND các cấp giám sát việc thực hiện Nghị quyết này || A=Thường trực \
HĐND+các Ban HĐND+đại biểu HĐND các cấp || S=Thường trực HĐND+các Ban HĐND+đại biểu HĐND các cấp
Các chủ hồ, chủ đập thủy điện trên địa bàn xả nước theo quy trình liên hồ || A=Các chủ hồ+chủ đập thủy điện trên \
địa bàn
Các thương nhân phân phối, đại lý bán lẻ xăng dầu duy trì bán hàng || A=Các thương nhân phân phối+đại lý bán lẻ \
xăng dầu
Nhà thầu thi công gói thầu số 3 tăng ca, huy động thêm máy móc || A=Nhà thầu thi công gói thầu số 3
Các hộ kinh doanh tại chợ Bến Thành di chuyển hàng hóa trước 20/12 || A=Các hộ kinh doanh tại chợ Bến Thành
Các cơ quan báo chí của tỉnh tuyên truyền sâu rộng || A=Các cơ quan báo chí của tỉnh
Cổng Thông tin điện tử tỉnh, Đài Truyền thanh các xã đăng tải, phát lại nội dung || A=Cổng Thông tin điện tử \
tỉnh+Đài Truyền thanh các xã
Sở Nội vụ thẩm định hồ sơ; Sở Tài chính cấp kinh phí; UBND các huyện chi trả cho đối tượng || A=Sở Nội vụ+Sở Tài \
chính+UBND các huyện
Sở Giao thông vận tải sửa chữa mặt đường, Công an tỉnh phân luồng giao thông, UBND huyện giải tỏa hành lang || A=Sở \
Giao thông vận tải+Công an tỉnh+UBND huyện
Giao Sở Y tế mua vật tư; Sở Tài chính bố trí vốn || A=Sở Y tế+Sở Tài chính
Giao Công an tỉnh làm rõ nguyên nhân, giao Sở Xây dựng tạm dừng cấp phép || A=Công an tỉnh+Sở Xây dựng
Yêu cầu Ban Quản lý dự án 1, Ban Quản lý dự án 2 hoàn thành quyết toán || A=Ban Quản lý dự án 1+Ban Quản lý dự án 2
UBND các quận, huyện (trừ huyện Cần Giờ) báo cáo kết quả về Sở Nội vụ || A=UBND các quận, huyện (trừ huyện Cần Giờ) \
|| R=Sở Nội vụ
Các trường đại học, ngoại trừ các trường thuộc lực lượng vũ trang, cập nhật cơ sở dữ liệu HEMIS || A=Các trường đại \
học
Tất cả các đơn vị, không bao gồm Văn phòng, nộp báo cáo trước 15/11 || A=Tất cả các đơn vị
Các đơn vị có tên trong danh sách kèm theo hoàn thành việc nộp hồ sơ || A=Các đơn vị có tên trong danh sách kèm \
theo
Các cơ quan, đơn vị được giao nhiệm vụ tại Phụ lục II báo cáo tiến độ hằng tuần || A=Các cơ quan, đơn vị được giao \
nhiệm vụ tại Phụ lục II
Các Bộ, cơ quan quy định tại khoản 1 Điều này gửi kế hoạch về Bộ Nội vụ || A=Các Bộ, cơ quan quy định tại khoản 1 \
Điều này || R=Bộ Nội vụ
Đơn vị chủ trì nêu tại Điều 2 cung cấp số liệu cho Cục Thống kê || A=Đơn vị chủ trì nêu tại Điều 2
Các đơn vị chưa nộp báo cáo quý I khẩn trương hoàn thành trong tuần này || A=Các đơn vị chưa nộp báo cáo quý I
UBND các xã có rừng bố trí lực lượng canh gác 24/24 giờ || A=UBND các xã có rừng
UBND các địa phương nơi có tuyến cao tốc đi qua bàn giao mặt bằng || A=UBND các địa phương nơi có tuyến cao tốc đi \
qua
Sở Lao động - Thương binh và Xã hội, theo chức năng, hướng dẫn thủ tục || A=Sở Lao động - Thương binh và Xã hội
Điện lực huyện Yên Lập bảo đảm điện phục vụ kỳ thi || A=Điện lực huyện Yên Lập
Trạm trưởng các trạm y tế xã giám sát ca bệnh, báo cáo Trung tâm Y tế trước 15 giờ hằng ngày || A=Trạm trưởng các \
trạm y tế xã || R=Trung tâm Y tế
Thuyền trưởng các tàu cá neo đậu đúng nơi quy định || A=Thuyền trưởng các tàu cá
Vụ trưởng, Cục trưởng, Thủ trưởng các đơn vị thuộc Bộ quán triệt nội dung này || A=Vụ trưởng+Cục trưởng+Thủ trưởng \
các đơn vị thuộc Bộ
Chánh Văn phòng Bộ, Chánh Thanh tra Bộ, Vụ trưởng Vụ Tổ chức cán bộ và Thủ trưởng các đơn vị có liên quan chịu \
trách nhiệm thi hành Quyết định này || A=Chánh Văn phòng Bộ+Chánh Thanh tra Bộ+Vụ trưởng Vụ Tổ chức cán bộ+Thủ \
trưởng các đơn vị có liên quan
Trung tâm Dịch vụ đấu giá tài sản niêm yết công khai || A=Trung tâm Dịch vụ đấu giá tài sản
Hội đồng Bồi thường, hỗ trợ và tái định cư huyện chi trả xong tiền cho 30 hộ || A=Hội đồng Bồi thường, hỗ trợ và \
tái định cư huyện
Phòng Tài nguyên và Môi trường các huyện xác minh nguồn gốc đất || A=Phòng Tài nguyên và Môi trường các huyện
Chi nhánh Văn phòng Đăng ký đất đai huyện trích đo thửa đất || A=Chi nhánh Văn phòng Đăng ký đất đai huyện
Sở Y tế bảo đảm đủ thuốc (Văn phòng UBND tỉnh đôn đốc) || A=Sở Y tế
Thay mới biển báo tại các nút giao (Sở Xây dựng) || A=Sở Xây dựng
Trình dự thảo Nghị quyết tại kỳ họp giữa năm (Phòng Tư pháp chủ trì, Văn phòng HĐND phối hợp) || A=Phòng Tư pháp || \
L=Phòng Tư pháp || C=Văn phòng HĐND
Tổ chức sơ kết vào tháng 6 (đơn vị thực hiện: Phòng Nội vụ) || A=Phòng Nội vụ
Phân công đồng chí Phó Giám đốc phụ trách kỹ thuật chủ trì khắc phục sự cố || A=Phó Giám đốc phụ trách kỹ thuật || \
L=Phó Giám đốc phụ trách kỹ thuật
Các ông (bà): Chánh Văn phòng UBND tỉnh, Giám đốc Sở Nội vụ và Thủ trưởng các đơn vị liên quan chịu trách nhiệm thi \
hành || A=Các ông (bà): Chánh Văn phòng UBND tỉnh+Giám đốc Sở Nội vụ+Thủ trưởng các đơn vị liên quan
Công tác tuyên truyền do Phòng Văn hóa và Thông tin phụ trách || A=Phòng Văn hóa và Thông tin
Ban Tuyên giáo Tỉnh ủy định hướng tuyên truyền; Báo Lam Giang, Đài Phát thanh và Truyền hình tỉnh nêu gương người \
tốt || A=Ban Tuyên giáo Tỉnh ủy+Báo Lam Giang+Đài Phát thanh và Truyền hình tỉnh
Các thành viên Ban Chỉ huy tỉnh có mặt tại địa bàn trước 17 giờ để kiểm tra, đôn đốc việc thực hiện Công điện này \
|| A=Các thành viên Ban Chỉ huy tỉnh || S=Các thành viên Ban Chỉ huy tỉnh
Các huyện ủy, trừ Huyện ủy Đông Triều, phân công cấp ủy viên phụ trách từng xã. Bí thư huyện ủy chịu trách nhiệm || \
A=Các huyện ủy+Bí thư huyện ủy
Các khoa, viện đào tạo, ngoại trừ Viện Đào tạo sau đại học: || A=Các khoa+viện đào tạo
Đảng ủy các xã có rừng phân công cấp ủy viên bám địa bàn || A=Đảng ủy các xã có rừng
UBND phường A chi trả xong cho 46 hộ, UBND xã B chi trả xong cho 18 hộ || A=UBND phường A+UBND xã B
Giám đốc các Sở: Xây dựng, Nông nghiệp và Môi trường, Tài chính, Giám đốc Công an thành phố chịu trách nhiệm thi \
hành || A=Giám đốc các Sở: Xây dựng, Nông nghiệp và Môi trường, Tài chính+Giám đốc Công an thành phố
Bộ trưởng các Bộ: Nội vụ, Văn hóa, Thể thao và Du lịch quản lý chặt chẽ trò chơi. || A=Bộ trưởng các Bộ: Nội vụ, \
Văn hóa, Thể thao và Du lịch
Công an tỉnh ký kế hoạch phối hợp cấp tỉnh chậm nhất ngày 10/5 || A=Công an tỉnh
Các Bộ báo cáo nhanh các vụ việc lớn || A=Các Bộ
Thầy Lê Văn Hải - Phó Hiệu trưởng: phụ trách chuyên môn || A=Thầy Lê Văn Hải - Phó Hiệu trưởng
GVCN các lớp rà soát học sinh khó khăn || A=GVCN các lớp
Phòng Đào tạo cùng Thư viện cấp tài khoản học tập cho sinh viên || A=Phòng Đào tạo || C=Thư viện
Cục Điện lực báo cáo Thứ trưởng phụ trách chậm nhất ngày 10/01/2026 || A=Cục Điện lực || R=Thứ trưởng phụ trách
Các khoa báo cáo Phòng Thanh tra - Pháp chế tỷ lệ sinh viên dự học || A=Các khoa || R=Phòng Thanh tra - Pháp chế
Phòng Hậu cần - Kỹ thuật bảo đảm xăng xe || A=Phòng Hậu cần - Kỹ thuật
Ban CHQS huyện báo cáo Bộ CHQS tỉnh (qua Phòng Tham mưu) sau diễn tập 05 ngày || A=Ban CHQS huyện || R=Bộ CHQS \
tỉnh (qua Phòng Tham mưu)
Cơ quan Thanh tra, giám sát ngân hàng lập kế hoạch || A=Cơ quan Thanh tra, giám sát ngân hàng
Các tổ chức tín dụng, tổ chức cung ứng dịch vụ trung gian thanh toán rà soát dữ liệu || A=Các tổ chức tín dụng, tổ \
chức cung ứng dịch vụ trung gian thanh toán
Riêng các trường vùng sạt lở, phối hợp với Công an xã sơ tán học sinh || A=các trường vùng sạt lở || C=Công an xã
Phân công cán bộ trực 24/24 giờ
Các đơn vị chịu sự giám sát gửi báo cáo về Ban Pháp chế || A=Các đơn vị chịu sự giám sát || R=Ban Pháp chế
Đội ứng cứu sự cố an toàn thông tin khắc phục lỗi || A=Đội ứng cứu sự cố an toàn thông tin
"""


@pytest.mark.parametrize(("text", "wanted"), sentences_with_who(SENTENCES))
def test_a_form_of_naming_is_read(text: str, wanted: Who) -> None:
    assert who(text) == wanted


def test_what_only_says_who_leads_heads_its_list() -> None:
    read = duties(
        "1. Sở A chủ trì, phối hợp với Công an tỉnh:\na) Lắp biển báo trước 20/12/2025;\nb) Mở tuyến xe buýt.\n"
    )
    assert list(read) == ["1.a", "1.b"]
    assert values(read["1.b"].lead) == ["Sở A"] and values(read["1.b"].coordinating) == ["Công an tỉnh"]


def test_who_directs_acts_and_who_is_directed_leads() -> None:
    read = duties("1. Giao UBND tỉnh:\na) Chỉ đạo Sở Xây dựng chủ trì hướng dẫn chủ đầu tư;\nb) Báo cáo HĐND tỉnh.\n")
    assert values(read["1.a"].addressees) == ["UBND tỉnh"] and values(read["1.a"].lead) == ["Sở Xây dựng"]


def test_a_matter_is_given_to_whom_a_later_clause_names() -> None:
    read = duties(
        "II. NHIỆM VỤ\n1. Kiến nghị điều chỉnh đơn giá, giao Sở Xây dựng xem xét.\n2. Sở Tài chính trả lời.\n"
    )
    assert values(read["II.1"].addressees) == ["Sở Xây dựng"]


def test_a_closing_bracket_names_who_acts_unless_it_goes_on_with_a_name() -> None:
    read = duties(
        "1. Nhập dữ liệu trong tháng 11 (Trung tâm A, Chi nhánh B).\n2. Báo cáo Bộ Công Thương (Cục Hóa chất).\n"
    )
    assert values(read["1"].addressees) == ["Trung tâm A", "Chi nhánh B"] and not read["2"].addressees


@pytest.mark.parametrize(
    "told",
    [
        "Qua mưa lũ, tại Chỉ thị số 15/CT-BCT, Bộ đã giao các đơn vị chuẩn bị hàng Tết, song chưa đồng đều.",
        "Nhiệm vụ của các cơ quan, địa phương được phân giao tại bảng dưới đây:",
        "Một số hộ còn giấu dịch, bán chạy lợn ốm.",
    ],
)
def test_what_only_tells_or_announces_is_no_order(told: str) -> None:
    assert not duties(f"{told}\n\nĐể phòng dịch, yêu cầu:\n\n1. Sở Y tế kiểm tra.\n2. Sở A báo cáo.\n").get("body.1")
