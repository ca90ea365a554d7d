"""Partners in all their wordings; supervision, reports, and several orders of one sentence."""

import pytest

from tests.intake.who import Who, sentences_with_who, who

SENTENCES = """
Sở A1 chủ trì, phối hợp chặt chẽ, kịp thời với Công an tỉnh, Sở Y tế rà soát || A=Sở A1 || L=Sở A1 || C=Công an \
tỉnh+Sở Y tế
Sở Nội vụ chủ trì, phối hợp với: Sở Tài chính, Sở Tư pháp thẩm định || A=Sở Nội vụ || L=Sở Nội vụ || C=Sở Tài \
chính+Sở Tư pháp
Sở Nội vụ chủ trì, phối hợp với các sở: Tài chính, Tư pháp, Xây dựng thẩm định || A=Sở Nội vụ || L=Sở Nội vụ || \
C=các sở: Tài chính, Tư pháp, Xây dựng
Sở Công Thương phối hợp với Công an tỉnh để kiểm soát thị trường, với Sở Y tế để kiểm tra an toàn thực phẩm || \
A=Sở Công Thương || C=Công an tỉnh+Sở Y tế
Sở Nội vụ phối hợp cùng với Ban Tổ chức Tỉnh ủy tổ chức sát hạch || A=Sở Nội vụ || C=Ban Tổ chức Tỉnh ủy
Sở Nội vụ chủ trì cùng với Sở Tài chính xác định biên chế || A=Sở Nội vụ || L=Sở Nội vụ || C=Sở Tài chính
Sở Nội vụ chủ trì, cùng các sở liên quan thẩm định đề án || A=Sở Nội vụ || L=Sở Nội vụ || C=các sở liên quan
Sở Du lịch phối hợp thực hiện với Sở Văn hóa và Thể thao || A=Sở Du lịch || C=Sở Văn hóa và Thể thao
Văn phòng Sở phối hợp, hỗ trợ Phòng Kế hoạch - Tài chính hoàn thiện hồ sơ || A=Văn phòng Sở || C=Phòng Kế hoạch - \
Tài chính
Sở Y tế phối hợp đồng bộ với Sở Giáo dục và Đào tạo, các địa phương triển khai tiêm chủng || A=Sở Y tế || C=Sở \
Giáo dục và Đào tạo+các địa phương
Các sở, ngành phối hợp tốt với Ủy ban Mặt trận Tổ quốc tỉnh vận động nhân dân || A=Các sở, ngành || C=Ủy ban Mặt \
trận Tổ quốc tỉnh
Phân công Phòng Tổ chức cán bộ chủ trì, Văn phòng Sở phối hợp || A=Phòng Tổ chức cán bộ || L=Phòng Tổ chức cán bộ \
|| C=Văn phòng Sở
Phòng Kinh tế chủ trì - Công an xã, Ban Chỉ huy Quân sự xã phối hợp || A=Phòng Kinh tế || L=Phòng Kinh tế || \
C=Công an xã+Ban Chỉ huy Quân sự xã
Sở Xây dựng thẩm định hồ sơ với sự tham gia của đại diện Sở Tài chính || A=Sở Xây dựng || C=đại diện Sở Tài chính
Thanh tra tỉnh thành lập đoàn thanh tra, mời Ủy ban Kiểm tra Tỉnh ủy tham gia || A=Thanh tra tỉnh
Sở Nội vụ tiến hành rà soát\\n- Cơ quan chủ trì: Sở Nội vụ.\\n- Cơ quan phối hợp: Các sở, ban, ngành; UBND các xã. \
|| A=Sở Nội vụ || L=Sở Nội vụ || C=Các sở, ban, ngành+UBND các xã
Rà soát thủ tục hành chính\\n+ Đơn vị chủ trì: Văn phòng Bộ\\n+ Đơn vị phối hợp: Các Vụ, Cục, Thanh tra Bộ\\n+ \
Thời gian: Quý II || A=Văn phòng Bộ || L=Văn phòng Bộ || C=Các Vụ+Cục+Thanh tra Bộ
Xây dựng phần mềm. Chủ trì: Trung tâm Chuyển đổi số. Phối hợp: Văn phòng Sở, các phòng || A=Trung tâm Chuyển đổi \
số || L=Trung tâm Chuyển đổi số || C=Văn phòng Sở+các phòng
Phối hợp chặt chẽ với chính quyền địa phương trong công tác quản lý học sinh || C=chính quyền địa phương
Tăng cường phối hợp với lực lượng Công an, Quân đội trong tuần tra || C=lực lượng Công an+Quân đội
Chủ động phối hợp với các cơ quan chức năng của tỉnh Lào Cai kiểm soát địa bàn giáp ranh || C=các cơ quan chức \
năng của tỉnh Lào Cai
Sở Nông nghiệp và Môi trường chủ trì, phối hợp với các cơ quan liên quan và UBND cấp xã thống kê thiệt hại || A=Sở \
Nông nghiệp và Môi trường || L=Sở Nông nghiệp và Môi trường || C=các cơ quan liên quan+UBND cấp xã
Bộ Công Thương chủ trì, phối hợp với Bộ Tài chính, Bộ Nông nghiệp và Môi trường và các hiệp hội ngành hàng xây \
dựng phương án || A=Bộ Công Thương || L=Bộ Công Thương || C=Bộ Tài chính+Bộ Nông nghiệp và Môi trường+các hiệp hội \
ngành hàng
Bộ Quốc phòng, Bộ Công an chỉ đạo lực lượng đóng trên địa bàn phối hợp với địa phương sơ tán dân || A=Bộ Quốc \
phòng+Bộ Công an || C=địa phương
UBND các xã phối hợp với các hội, đoàn thể và già làng, trưởng bản, người có uy tín tuyên truyền || A=UBND các xã \
|| C=các hội, đoàn thể+già làng+trưởng bản+người có uy tín
Công an xã phối hợp với dân quân, bảo vệ dân phố tuần tra đêm || A=Công an xã || C=dân quân+bảo vệ dân phố
Phòng Giáo dục phối hợp với phụ huynh học sinh, Ban đại diện cha mẹ học sinh vận động học sinh ra lớp || A=Phòng \
Giáo dục || C=phụ huynh học sinh+Ban đại diện cha mẹ học sinh
Nhà trường phối hợp với gia đình quản lý học sinh trong kỳ nghỉ || A=Nhà trường || C=gia đình
Sở Y tế phối hợp với đội ngũ cộng tác viên dân số cấp phát tài liệu || A=Sở Y tế || C=đội ngũ cộng tác viên dân số
Sở Ngoại vụ phối hợp với phía Lào, Đại sứ quán Lào tại Việt Nam tổ chức đón đoàn || A=Sở Ngoại vụ || C=phía \
Lào+Đại sứ quán Lào tại Việt Nam
Sở Công Thương phối hợp với các doanh nghiệp đầu mối, thương nhân phân phối xăng dầu bảo đảm nguồn hàng || A=Sở \
Công Thương || C=các doanh nghiệp đầu mối+thương nhân phân phối \
xăng dầu
Sở Nội vụ phối hợp với Trường Chính trị tỉnh mở các lớp bồi dưỡng || A=Sở Nội vụ || C=Trường Chính trị tỉnh
Sở Tài chính phối hợp Sở Nội vụ, Thuế tỉnh đôn đốc thu nợ || A=Sở Tài chính || C=Sở Nội vụ+Thuế tỉnh
Sở Xây dựng phối hợp UBND các xã, phường và chủ đầu tư tháo gỡ vướng mắc mặt bằng || A=Sở Xây dựng || C=UBND các \
xã, phường+chủ đầu tư
Đề nghị Sở Khoa học và Công nghệ phối hợp triển khai || A=Sở Khoa học và Công nghệ
Các đơn vị có trách nhiệm phối hợp với Văn phòng Sở trong việc cung cấp số liệu || A=Các đơn vị || C=Văn phòng Sở
Bộ Y tế phối hợp với Tổ chức Y tế thế giới, Quỹ Nhi đồng Liên hợp quốc vận động viện trợ vắc xin || A=Bộ Y tế || \
C=Tổ chức Y tế thế giới+Quỹ Nhi đồng Liên hợp quốc
Sở Tư pháp chủ trì và phối hợp với Đoàn Luật sư tỉnh tuyên truyền || A=Sở Tư pháp || L=Sở Tư pháp || C=Đoàn Luật \
sư tỉnh
Sở Tài chính chủ trì với sự phối hợp của các sở, ngành xây dựng dự toán || A=Sở Tài chính || L=Sở Tài chính || \
C=các sở, ngành
Giao Sở Nội vụ là cơ quan chủ trì, Sở Tài chính, Văn phòng UBND tỉnh là cơ quan phối hợp || A=Sở Nội vụ || L=Sở \
Nội vụ || C=Sở Tài chính+Văn phòng UBND tỉnh
Sở Tư pháp theo dõi, đôn đốc, hướng dẫn các đơn vị thực hiện Quyết định này || A=Sở Tư pháp || S=Sở Tư pháp
Giao Sở Kế hoạch và Đầu tư làm đầu mối theo dõi, tổng hợp tình hình thực hiện Nghị quyết này, định kỳ báo cáo UBND \
tỉnh || A=Sở Kế hoạch và Đầu tư || R=UBND tỉnh || S=Sở Kế hoạch và Đầu tư
Văn phòng UBND tỉnh có trách nhiệm kiểm tra, đôn đốc việc thực hiện Thông báo này || A=Văn phòng UBND tỉnh || \
S=Văn phòng UBND tỉnh
Sở Y tế chịu trách nhiệm theo dõi, đánh giá kết quả thực hiện Kế hoạch; định kỳ 6 tháng báo cáo UBND tỉnh || A=Sở \
Y tế || R=UBND tỉnh || S=Sở Y tế
Đề nghị Ban Thường trực Ủy ban Mặt trận Tổ quốc tỉnh giám sát việc thực hiện Chỉ thị này || A=Ban Thường trực Ủy \
ban Mặt trận Tổ quốc tỉnh || S=Ban Thường trực Ủy ban Mặt trận Tổ quốc tỉnh
Ban Kinh tế - Ngân sách, Ban Pháp chế HĐND tỉnh và đại biểu HĐND tỉnh giám sát việc thực hiện Nghị quyết này || \
A=Ban Kinh tế - Ngân sách+Ban Pháp chế HĐND tỉnh+đại biểu HĐND tỉnh || S=Ban Kinh tế - Ngân sách+Ban Pháp chế HĐND \
tỉnh+đại biểu HĐND tỉnh
Chánh Văn phòng Bộ, Chánh Thanh tra Bộ theo chức năng, nhiệm vụ kiểm tra, đôn đốc việc thực hiện Chỉ thị này || \
A=Chánh Văn phòng Bộ+Chánh Thanh tra Bộ || S=Chánh Văn phòng Bộ+Chánh Thanh tra Bộ
Ủy quyền cho Giám đốc Sở Tài chính theo dõi, giám sát tiến độ giải ngân của các chủ đầu tư || A=Giám đốc Sở Tài \
chính || S=Giám đốc Sở Tài chính
Giám đốc các Sở thường xuyên kiểm tra, đôn đốc cấp dưới thực hiện nhiệm vụ được giao || A=Giám đốc các Sở || \
S=Giám đốc các Sở
Tổ công tác liên ngành kiểm tra đột xuất việc triển khai thực hiện Công điện này tại các địa phương || A=Tổ công \
tác liên ngành || S=Tổ công tác liên ngành
Cục Quản lý thị trường tăng cường kiểm tra, giám sát thị trường, xử lý hành vi găm hàng || A=Cục Quản lý thị trường
UBND các xã đôn đốc các hộ dân thu hoạch lúa trước khi bão đổ bộ || A=UBND các xã
Sở Xây dựng tăng cường kiểm tra chất lượng công trình || A=Sở Xây dựng
Phòng Nội vụ kiểm tra, rà soát hồ sơ cán bộ || A=Phòng Nội vụ
Gửi kết quả về Sở Nội vụ trước ngày 30/6 để tổng hợp, báo cáo UBND tỉnh || R=Sở Nội vụ
Các đơn vị báo cáo định kỳ hằng tháng (trước ngày 20) về Phòng Kế hoạch để theo dõi || A=Các đơn vị || R=Phòng Kế \
hoạch
UBND các xã tổng hợp, báo cáo kết quả gửi Sở Nông nghiệp và Môi trường và Sở Tài chính || A=UBND các xã || R=Sở \
Nông nghiệp và Môi trường+Sở Tài chính
Định kỳ trước ngày 15 của tháng cuối quý, các sở báo cáo kết quả về UBND tỉnh qua Sở Nội vụ || A=các sở || R=UBND \
tỉnh qua Sở Nội vụ
Sở Tài chính tổng hợp báo cáo UBND tỉnh, Thường trực Tỉnh ủy cho ý kiến || A=Sở Tài chính || R=UBND tỉnh+Thường \
trực Tỉnh ủy
Trường hợp vượt thẩm quyền, báo cáo cấp có thẩm quyền xem xét, quyết định || R=cấp có thẩm quyền
Nếu phát sinh vướng mắc đề nghị phản ánh về Sở Y tế, số điện thoại 0203.3825.449 để phối hợp giải quyết || R=Sở Y tế
Sở Công Thương báo cáo Bộ Công Thương, UBND tỉnh theo quy định || A=Sở Công Thương || R=Bộ Công Thương+UBND tỉnh
Các đơn vị cập nhật báo cáo trên Hệ thống thông tin báo cáo của tỉnh trước ngày 14 || A=Các đơn vị
Bộ Tài chính chủ trì xây dựng, trình Chính phủ trong tháng 5/2026; báo cáo Quốc hội tại kỳ họp thứ 2 || A=Bộ Tài \
chính || L=Bộ Tài chính || R=Quốc hội
Sở Y tế báo cáo kết quả về Chủ tịch UBND tỉnh (đồng gửi Sở Nội vụ) trước 17 giờ hằng ngày || A=Sở Y tế || R=Chủ \
tịch UBND tỉnh (đồng gửi Sở Nội vụ)+Sở Nội vụ
Giám đốc Sở Giáo dục và Đào tạo báo cáo bằng văn bản với Chủ tịch UBND tỉnh || A=Giám đốc Sở Giáo dục và Đào tạo \
|| R=Chủ tịch UBND tỉnh
Khi có sự cố, các đơn vị phải báo cáo ngay cho Ban Chỉ huy và Công an phường || A=các đơn vị || R=Ban Chỉ huy+Công \
an phường
Thời gian gửi báo cáo về Bộ trước ngày 10/12 || R=Bộ
Đề nghị đồng chí Bí thư Đảng ủy các xã, phường quan tâm lãnh đạo, chỉ đạo || A=Bí thư Đảng ủy các xã, phường
Đối với các cơ quan, đơn vị chưa hoàn thành, yêu cầu kiểm điểm trách nhiệm người đứng đầu || A=các cơ quan, đơn vị \
chưa hoàn thành
Yêu cầu các cơ quan, đơn vị, địa phương và đề nghị Ban Thường trực Ủy ban MTTQ tỉnh phối hợp thực hiện || A=các cơ \
quan, đơn vị, địa phương+Ban Thường trực Ủy ban MTTQ tỉnh
Giao Sở Nội vụ tham mưu, Sở Tài chính bố trí kinh phí, Văn phòng UBND tỉnh theo dõi || A=Sở Nội vụ+Sở Tài \
chính+Văn phòng UBND tỉnh
Giao Sở Tài chính bố trí kinh phí; giao Kho bạc Nhà nước tỉnh kiểm soát chi || A=Sở Tài chính+Kho bạc Nhà nước tỉnh
Đề nghị các đồng chí Tỉnh ủy viên phụ trách địa bàn đôn đốc các xã hoàn thành chỉ tiêu || A=Tỉnh ủy viên phụ trách \
địa bàn || S=Tỉnh ủy viên phụ trách địa bàn
Công chức, viên chức, người lao động trong cơ quan chấp hành nghiêm giờ làm việc || A=Công chức, viên chức, người \
lao động trong cơ quan
Cán bộ, đảng viên gương mẫu thực hiện || A=Cán bộ, đảng viên
Từng đồng chí thành viên Ban Chỉ đạo chủ động xây dựng kế hoạch || A=Từng đồng chí thành viên Ban Chỉ đạo
"""


@pytest.mark.parametrize(("text", "wanted"), sentences_with_who(SENTENCES))
def test_who_takes_part_reports_and_supervises_is_read(text: str, wanted: Who) -> None:
    assert who(text) == wanted
