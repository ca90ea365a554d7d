"""Names of longer kinds, subjects behind a topic, and items of several sentences or lines."""

import pytest

from tests.intake.who import Who, sentences_with_who, who

SENTENCES = """
Bộ trưởng các Bộ: Công Thương, Xây dựng, Quốc phòng theo chức năng, nhiệm vụ được giao chủ động chỉ đạo triển khai \
|| A=Bộ trưởng các Bộ: Công Thương, Xây dựng, Quốc phòng
Chủ tịch Ủy ban nhân dân các tỉnh, thành phố từ Quảng Ninh đến Quảng Ngãi tập trung chỉ đạo kêu gọi tàu thuyền || \
A=Chủ tịch Ủy ban nhân dân các tỉnh, thành phố từ Quảng Ninh đến Quảng Ngãi
Chủ tịch Ủy ban nhân dân các tỉnh, thành phố nêu trên theo dõi chặt chẽ diễn biến của bão || A=Chủ tịch Ủy ban \
nhân dân các tỉnh, thành phố nêu trên
Bộ Nông nghiệp và Môi trường tổ chức trực ban, kịp thời báo cáo, đề xuất Thủ tướng Chính phủ chỉ đạo các vấn đề \
vượt thẩm quyền || A=Bộ Nông nghiệp và Môi trường || R=Thủ tướng Chính phủ
Văn phòng Chính phủ theo chức năng, nhiệm vụ được giao theo dõi, đôn đốc các bộ, địa phương thực hiện Công điện \
này; báo cáo Thủ tướng Chính phủ, Phó Thủ tướng phụ trách về những vấn đề phát sinh || A=Văn phòng Chính phủ || \
R=Thủ tướng Chính phủ+Phó Thủ tướng phụ trách || S=Văn phòng Chính phủ
Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ, Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương xây \
dựng kế hoạch, gửi Bộ Nội vụ trước ngày 15/3/2026 để tổng hợp, báo cáo Thủ tướng Chính phủ || A=Các Bộ, cơ quan \
ngang Bộ, cơ quan thuộc Chính phủ+Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương || R=Bộ Nội vụ
Ban Chỉ huy Quân sự phường tham mưu UBND phường tổ chức tuyển quân, phối hợp với Công an phường, Mặt trận Tổ quốc \
và các tổ dân phố rà soát công dân trong độ tuổi || A=Ban Chỉ huy Quân sự phường || C=Công an phường+Mặt trận Tổ \
quốc+các tổ dân phố
Hiệu trưởng các trường mầm non, tiểu học, THCS trên địa bàn xã xây dựng kế hoạch, báo cáo UBND xã (qua Phòng Văn \
hóa - Xã hội) || A=Hiệu trưởng các trường mầm non, tiểu học, THCS trên địa bàn xã || R=UBND xã (qua Phòng Văn hóa \
- Xã hội)
Giáo viên chủ nhiệm các lớp phối hợp với cha mẹ học sinh quản lý học sinh || A=Giáo viên chủ nhiệm các lớp || \
C=cha mẹ học sinh
Tổ trưởng chuyên môn, giáo viên bộ môn ôn tập cho học sinh || A=Tổ trưởng chuyên môn+giáo viên bộ môn
Ban Giám hiệu, các tổ chuyên môn, Công đoàn, Đoàn Thanh niên phối hợp tổ chức lễ khai giảng || A=Ban Giám hiệu+các \
tổ chuyên môn+Công đoàn+Đoàn Thanh niên
Bộ phận Kế toán bố trí kinh phí thực hiện || A=Bộ phận Kế toán
Công chức Văn hóa - Xã hội tham mưu Chủ tịch UBND xã ban hành kế hoạch || A=Công chức Văn hóa - Xã hội
Ban nhân dân các thôn thông báo trên loa truyền thanh || A=Ban nhân dân các thôn
Các ông (bà) Trưởng thôn, Bí thư chi bộ vận động nhân dân hiến đất || A=Các ông (bà) Trưởng thôn+Bí thư chi bộ
Ông Nguyễn Văn Hùng – Chủ tịch UBND xã chịu trách nhiệm chỉ đạo chung || A=Ông Nguyễn Văn Hùng – Chủ tịch UBND xã
Phòng Cảnh sát phòng cháy, chữa cháy và cứu nạn, cứu hộ Công an tỉnh kiểm tra an toàn cháy nổ || A=Phòng Cảnh sát \
phòng cháy, chữa cháy và cứu nạn, cứu hộ Công an tỉnh
Đội Quản lý thị trường số 3 kiểm tra các cơ sở kinh doanh vàng || A=Đội Quản lý thị trường số 3
Sở Nông nghiệp và Môi trường (Chi cục Thủy lợi) chủ trì kiểm tra đê điều || A=Sở Nông nghiệp và Môi trường (Chi \
cục Thủy lợi) || L=Sở Nông nghiệp và Môi trường (Chi cục Thủy lợi)
Công ty TNHH một thành viên Khai thác công trình thủy lợi vận hành cống tiêu úng || A=Công ty TNHH một thành viên \
Khai thác công trình thủy lợi
Trung tâm Văn hóa, Thể thao và Truyền thông xã tăng thời lượng tuyên truyền || A=Trung tâm Văn hóa, Thể thao và \
Truyền thông xã
Trung tâm Cung ứng dịch vụ công xã thu gom rác || A=Trung tâm Cung ứng dịch vụ công xã
Sở Văn hóa, Thể thao và Du lịch chủ trì, phối hợp với các đơn vị liên quan tổ chức Lễ hội || A=Sở Văn hóa, Thể \
thao và Du lịch || L=Sở Văn hóa, Thể thao và Du lịch || C=các đơn vị liên quan
Sở Dân tộc và Tôn giáo nắm tình hình tôn giáo || A=Sở Dân tộc và Tôn giáo
Tập đoàn Công nghiệp - Viễn thông Quân đội, Tập đoàn Bưu chính Viễn thông Việt Nam mở rộng vùng phủ sóng || A=Tập \
đoàn Công nghiệp - Viễn thông Quân đội+Tập đoàn Bưu chính Viễn thông Việt Nam
Tổng Công ty Hàng không Việt Nam - CTCP tăng chuyến bay dịp Tết || A=Tổng Công ty Hàng không Việt Nam - CTCP
Ngân hàng TMCP Đầu tư và Phát triển Việt Nam chi nhánh tỉnh cho vay ưu đãi || A=Ngân hàng TMCP Đầu tư và Phát \
triển Việt Nam chi nhánh tỉnh
Đại học Thái Nguyên, Đại học Quốc gia Hà Nội tuyển sinh theo chỉ tiêu || A=Đại học Thái Nguyên+Đại học Quốc gia Hà \
Nội
Ủy ban nhân dân thành phố Hà Nội, Ủy ban nhân dân Thành phố Hồ Chí Minh đẩy nhanh tiến độ đường sắt đô thị || A=Ủy \
ban nhân dân thành phố Hà Nội+Ủy ban nhân dân Thành phố Hồ Chí Minh
Các thành viên UBND tỉnh, Giám đốc các sở, Thủ trưởng các ban, ngành, Chủ tịch UBND các xã, phường căn cứ Kế hoạch \
tổ chức thực hiện || A=Các thành viên UBND tỉnh+Giám đốc các sở+Thủ trưởng các ban, ngành+Chủ tịch UBND các xã, \
phường
Chánh Văn phòng UBND tỉnh; Giám đốc các Sở: Nội vụ, Tài chính; Thủ trưởng các cơ quan liên quan chịu trách nhiệm \
thi hành Quyết định này || A=Chánh Văn phòng UBND tỉnh+Giám đốc các Sở: Nội vụ, Tài chính+Thủ trưởng các cơ quan \
liên quan
Thủ trưởng các đơn vị và cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này || A=Thủ trưởng các đơn vị \
và cá nhân có liên quan
Các ông, bà có tên tại Điều 1 chịu trách nhiệm thi hành Quyết định này || A=Các ông, bà có tên tại Điều 1
Trong trường hợp cần thiết, Chủ tịch UBND xã quyết định sơ tán dân, báo cáo Chủ tịch UBND tỉnh || A=Chủ tịch UBND \
xã || R=Chủ tịch UBND tỉnh
Sau khi Đề án được phê duyệt, Sở Nội vụ chủ trì tham mưu UBND tỉnh ban hành Kế hoạch thực hiện || A=Sở Nội vụ || \
L=Sở Nội vụ
Căn cứ tình hình thực tế và điều kiện của địa phương, UBND các xã, phường bố trí ngân sách || A=UBND các xã, phường
Nhằm bảo đảm an toàn giao thông dịp nghỉ lễ 30/4 và 01/5, Công an tỉnh bố trí lực lượng ứng trực || A=Công an tỉnh
Tiếp tục thực hiện nghiêm Chỉ thị số 16/CT-TTg của Thủ tướng Chính phủ về tăng cường bảo đảm an ninh
Chỉ đạo các đơn vị trực thuộc rà soát hồ sơ, báo cáo Sở trước ngày 5/5 || R=Sở
Phân công đồng chí Phó Giám đốc phụ trách chuyên môn chỉ đạo trực tiếp || A=Phó Giám đốc phụ trách chuyên môn
Kinh phí thực hiện do Sở Tài chính cân đối, bố trí || A=Sở Tài chính
Đơn vị được giao chủ trì có trách nhiệm phối hợp với các đơn vị liên quan thực hiện || A=Đơn vị được giao chủ trì \
|| C=các đơn vị liên quan
Các cơ quan, đơn vị được phân công tại Phụ lục kèm theo xây dựng kế hoạch chi tiết || A=Các cơ quan, đơn vị được \
phân công tại Phụ lục kèm theo
Bộ phận Một cửa các cấp niêm yết công khai thủ tục hành chính || A=Bộ phận Một cửa các cấp
Các phòng, ban, đơn vị thuộc UBND phường và Tổ trưởng các tổ dân phố triển khai thực hiện || A=Các phòng, ban, đơn \
vị thuộc UBND phường+Tổ trưởng các tổ dân phố
Rà soát quỹ đất công. Sở Nông nghiệp và Môi trường chủ trì, phối hợp với Sở Tài chính thực hiện, hoàn thành trước \
30/6 || A=Sở Nông nghiệp và Môi trường || L=Sở Nông nghiệp và Môi trường || C=Sở Tài chính
Sở Y tế ban hành hướng dẫn. Các cơ sở khám bệnh, chữa bệnh thực hiện theo hướng dẫn và báo cáo Sở Y tế hằng tuần \
|| A=Sở Y tế+Các cơ sở khám bệnh, chữa bệnh || R=Sở Y tế
Sở Xây dựng:\\n- Chủ trì, phối hợp với Công an tỉnh kiểm tra xe quá tải;\\n- Đôn đốc các nhà thầu hoàn trả mặt \
đường. || A=Sở Xây dựng || L=Sở Xây dựng || C=Công an tỉnh
Công an tỉnh\\nChỉ đạo Công an các xã nắm chắc tình hình. || A=Công an tỉnh
Đối với Sở Nội vụ và Sở Tài chính\\n- Thẩm định đề án. || A=Sở Nội vụ+Sở Tài chính
Trách nhiệm của Ủy ban nhân dân các xã, phường:\\n- Tổ chức tuyên truyền. || A=Ủy ban nhân dân các xã, phường
Nhiệm vụ của các thành viên Tổ công tác\\n- Tham gia đầy đủ các cuộc họp. || A=các thành viên Tổ công tác
Về công tác phòng cháy, chữa cháy rừng: Chi cục Kiểm lâm chủ trì, phối hợp với UBND các xã xây dựng phương án || \
A=Chi cục Kiểm lâm || L=Chi cục Kiểm lâm || C=UBND các xã
Về chuyển đổi số, giao Sở Khoa học và Công nghệ chủ trì xây dựng Kế hoạch || A=Sở Khoa học và Công nghệ || L=Sở \
Khoa học và Công nghệ
Công tác thông tin, tuyên truyền: Đài Phát thanh và Truyền hình tỉnh mở chuyên trang || A=Đài Phát thanh và Truyền \
hình tỉnh
Liên quan đến kiến nghị của Công ty A, giao Sở Tài chính xem xét, giải quyết || A=Sở Tài chính
Đồng ý chủ trương tổ chức Lễ hội; giao Sở Văn hóa và Thể thao chủ trì tổ chức || A=Sở Văn hóa và Thể thao || L=Sở \
Văn hóa và Thể thao
Thống nhất với đề nghị của Sở Nội vụ tại Tờ trình số 12. Giao Sở Nội vụ hoàn thiện hồ sơ, trình UBND tỉnh || A=Sở \
Nội vụ
UBND tỉnh yêu cầu Sở Y tế, các đơn vị y tế khẩn trương rà soát thuốc || A=Sở Y tế+các đơn vị y tế
Chủ tịch UBND tỉnh giao Giám đốc Sở Xây dựng chỉ đạo, xử lý dứt điểm; báo cáo kết quả trước 15/6 || A=Giám đốc Sở \
Xây dựng
Thừa lệnh Chủ tịch UBND tỉnh, Văn phòng UBND tỉnh đề nghị các sở, ngành cử đại biểu tham dự || A=các sở, ngành
Nội dung trên, yêu cầu các đơn vị nghiêm túc thực hiện || A=các đơn vị
Nhận được Công văn này, đề nghị các đơn vị triển khai thực hiện || A=các đơn vị
Đề nghị quý cơ quan quan tâm phối hợp thực hiện || A=quý cơ quan
Kính đề nghị Quý Sở chỉ đạo các trường tham gia || A=Quý Sở
Quá trình triển khai nếu có vướng mắc, đề nghị các đơn vị phản ánh kịp thời về Sở Nội vụ để tổng hợp, báo cáo UBND \
tỉnh || A=các đơn vị || R=Sở Nội vụ
Trường hợp có thay đổi, Sở Tài chính kịp thời báo cáo UBND tỉnh xem xét, quyết định || A=Sở Tài chính || R=UBND tỉnh
Mỗi xã, phường chọn một mô hình điểm, báo cáo Sở Nông nghiệp và Môi trường trước 10/3 || A=Mỗi xã, phường || R=Sở \
Nông nghiệp và Môi trường
Tất cả các cơ sở giáo dục trên địa bàn tỉnh tổ chức khai giảng vào ngày 05/9 || A=Tất cả các cơ sở giáo dục trên \
địa bàn tỉnh
Cấp ủy, chính quyền các cấp, người đứng đầu cơ quan, đơn vị nâng cao trách nhiệm || A=Cấp ủy+chính quyền các \
cấp+người đứng đầu cơ quan, đơn vị
Người đứng đầu các cơ quan hành chính nhà nước chịu trách nhiệm về kết quả cải cách || A=Người đứng đầu các cơ \
quan hành chính nhà nước
Các doanh nghiệp kinh doanh vận tải, bến xe, bến tàu niêm yết giá vé || A=Các doanh nghiệp kinh doanh vận tải, bến \
xe, bến tàu
Chủ các cơ sở lưu trú du lịch đăng ký giá phòng || A=Chủ các cơ sở lưu trú du lịch
Các hộ kinh doanh, chợ, siêu thị không bán hàng quá hạn || A=Các hộ kinh doanh, chợ+siêu thị
Chủ phương tiện, thuyền trưởng tàu cá chấp hành lệnh cấm biển || A=Chủ phương tiện+thuyền trưởng tàu cá
Giao các đơn vị sau: Sở Tài chính, Sở Nội vụ, Thanh tra tỉnh rà soát || A=Sở Tài chính+Sở Nội vụ+Thanh tra tỉnh
Các sở, ngành gồm: Sở Y tế, Sở Công Thương, Công an tỉnh thành lập đoàn kiểm tra || A=Sở Y tế+Sở Công Thương+Công \
an tỉnh
SỞ TÀI CHÍNH\\nCân đối, bố trí kinh phí thực hiện. || A=SỞ TÀI CHÍNH
Sở Tài chính, Kho bạc Nhà nước tỉnh\\nKiểm soát chi. || A=Sở Tài chính+Kho bạc Nhà nước tỉnh
Ủy ban nhân dân các xã, phường, đặc khu (sau đây gọi chung là UBND cấp xã) rà soát hộ nghèo || A=Ủy ban nhân dân \
các xã, phường, đặc khu (sau đây gọi chung là UBND cấp xã)
Sở NN&MT, Sở GD&ĐT, Sở VHTT&DL báo cáo UBND tỉnh || A=Sở NN&MT+Sở GD&ĐT+Sở VHTT&DL || R=UBND tỉnh
Phòng VH-XH phối hợp với BCH Quân sự xã, CA xã tổ chức hội trại tòng quân || A=Phòng VH-XH || C=BCH Quân sự xã+CA xã
UBMTTQ Việt Nam xã, Hội LHPN xã, Đoàn TNCSHCM xã vận động hội viên || A=UBMTTQ Việt Nam xã+Hội LHPN xã+Đoàn \
TNCSHCM xã
BHXH tỉnh, KBNN tỉnh phối hợp với Sở Tài chính quyết toán || A=BHXH tỉnh+KBNN tỉnh || C=Sở Tài chính
VP HĐND và UBND xã tham mưu lịch tiếp công dân || A=VP HĐND và UBND xã
Văn phòng HĐND và UBND tỉnh theo dõi, đôn đốc việc thực hiện Kế hoạch này || A=Văn phòng HĐND và UBND tỉnh || \
S=Văn phòng HĐND và UBND tỉnh
TT HĐND, UBND các xã thực hiện || A=TT HĐND+UBND các xã
Ban QLDA ĐTXD tỉnh đẩy nhanh tiến độ || A=Ban QLDA ĐTXD tỉnh
Công ty CP Đầu tư ABC khắc phục sự cố trước ngày 5/6 || A=Công ty CP Đầu tư ABC
Trung tâm PVHCC tỉnh tổng hợp kết quả || A=Trung tâm PVHCC tỉnh
Sở KH&CN chủ trì; các sở, ban, ngành, địa phương phối hợp || A=Sở KH&CN || L=Sở KH&CN || C=các sở, ban, ngành, địa \
phương
Đ/c Nguyễn Thị Lan - Phó Trưởng phòng theo dõi, đôn đốc các tổ thực hiện Kế hoạch này || A=Nguyễn Thị Lan - Phó \
Trưởng phòng || S=Nguyễn Thị Lan - Phó Trưởng phòng
Bà Trần Thị Hoa, Kế toán trưởng, lập dự toán || A=Bà Trần Thị Hoa, Kế toán trưởng
Đồng chí Hùng phụ trách chung || A=Hùng
Các đồng chí: Nguyễn Văn A, Trần Văn B chuẩn bị tài liệu || A=Các đồng chí: Nguyễn Văn A, Trần Văn B
UBND các xã biên giới phối hợp với các đồn Biên phòng tuần tra || A=UBND các xã biên giới || C=các đồn Biên phòng
UBND các xã: Tân Lập, Mường Sang và phường Thảo Nguyên bàn giao mặt bằng || A=UBND các xã: Tân Lập, Mường \
Sang+phường Thảo Nguyên
UBND huyện Mộc Châu và Vân Hồ phối hợp với Sở Xây dựng || A=UBND huyện Mộc Châu và Vân Hồ || C=Sở Xây dựng
Các Ban HĐND, Tổ đại biểu HĐND tỉnh giám sát chuyên đề || A=Các Ban HĐND+Tổ đại biểu HĐND tỉnh
Các tổ chức chính trị - xã hội, tổ chức xã hội - nghề nghiệp vận động đoàn viên, hội viên tham gia || A=Các tổ \
chức chính trị - xã hội, tổ chức xã hội - nghề nghiệp
Cơ quan Điều tra, Viện kiểm sát, Tòa án phối hợp giải quyết án || A=Cơ quan Điều tra+Viện kiểm sát+Tòa án
Bộ Ngoại giao, các Cơ quan đại diện Việt Nam ở nước ngoài thực hiện bảo hộ công dân || A=Bộ Ngoại giao+các Cơ quan \
đại diện Việt Nam ở nước ngoài
Các Vụ, Cục, đơn vị thuộc Bộ gửi báo cáo về Văn phòng Bộ || A=Các Vụ+Cục, đơn vị thuộc Bộ || R=Văn phòng Bộ
Ban Chỉ đạo thực hiện hỗ trợ nhà ở cho người có công tổ chức kiểm tra hiện trạng nhà ở || A=Ban Chỉ đạo thực hiện \
hỗ trợ nhà ở cho người có công
Ban Chỉ đạo thực hiện quy chế dân chủ ở cơ sở tỉnh báo cáo Ban Thường vụ Tỉnh ủy || A=Ban Chỉ đạo thực hiện quy \
chế dân chủ ở cơ sở tỉnh || R=Ban Thường vụ Tỉnh ủy
Ban Chỉ đạo thực hiện tốt công tác kiểm tra || A=Ban Chỉ đạo
Ban Chỉ đạo triển khai ngay các nhiệm vụ, báo cáo UBND tỉnh || A=Ban Chỉ đạo || R=UBND tỉnh
Tổ công tác giải quyết khiếu nại đông người tham mưu UBND tỉnh phương án đối thoại || A=Tổ công tác giải quyết \
khiếu nại đông người
Ban Chỉ đạo kiểm tra hiện trạng. Sau khi kiểm tra, Ủy ban nhân dân xã lập danh sách hộ được hỗ trợ || A=Ban Chỉ \
đạo+Ủy ban nhân dân xã
"""


@pytest.mark.parametrize(("text", "wanted"), sentences_with_who(SENTENCES))
def test_who_is_named_is_read(text: str, wanted: Who) -> None:
    assert who(text) == wanted
