"""Exclusions, offices meant again, brackets, bodies, firms, communes, party bodies and persons that act."""

import pytest

from tests.intake.who import Who, sentences_with_who, who

SENTENCES = """
Các sở, ban, ngành (trừ Sở Nội vụ) rà soát, báo cáo UBND tỉnh trước ngày 10/5 || A=Các sở, ban, ngành (trừ Sở Nội \
vụ) || R=UBND tỉnh
Các đơn vị trực thuộc Sở, trừ Trung tâm Kiểm nghiệm, lập danh sách cán bộ || A=Các đơn vị trực thuộc Sở
Ngoài Sở Y tế, các cơ quan còn lại báo cáo Sở Nội vụ kết quả thực hiện || A=các cơ quan còn lại || R=Sở Nội vụ
Trừ Sở Tài chính, các sở, ngành khác gửi báo cáo về Văn phòng UBND tỉnh || A=các sở, ngành khác || R=Văn phòng \
UBND tỉnh
UBND các xã, phường (không bao gồm phường Hồng Gai) tổ chức ra quân || A=UBND các xã, phường (không bao gồm phường \
Hồng Gai)
UBND các xã, không bao gồm các xã đảo, báo cáo Sở Y tế hằng tuần || A=UBND các xã || R=Sở Y tế
Các trường học, ngoại trừ trường mầm non, tổ chức học trực tuyến || A=Các trường học
Các đơn vị nêu trên chủ động phối hợp với Sở Tài chính giải ngân vốn || A=Các đơn vị nêu trên || C=Sở Tài chính
Các cơ quan này chịu trách nhiệm trước Chủ tịch UBND tỉnh về tiến độ || A=Các cơ quan này
Thủ trưởng các cơ quan, đơn vị chỉ đạo việc thực hiện tại cơ quan, đơn vị mình || A=Thủ trưởng các cơ quan, đơn vị
Đơn vị nào để xảy ra vi phạm thì người đứng đầu đơn vị đó chịu trách nhiệm trước Chủ tịch UBND tỉnh || A=người \
đứng đầu đơn vị đó
Các địa phương có tên tại phụ lục kèm theo khẩn trương hoàn thành việc bàn giao || A=Các địa phương có tên tại phụ \
lục kèm theo
Hai Sở nêu trên thống nhất số liệu, báo cáo UBND tỉnh || A=Hai Sở nêu trên || R=UBND tỉnh
Hai đơn vị phối hợp chặt chẽ trong quá trình thực hiện || A=Hai đơn vị
Các thành viên Tổ công tác theo nhiệm vụ được phân công đôn đốc các huyện thực hiện Kế hoạch này || A=Các thành \
viên Tổ công tác || S=Các thành viên Tổ công tác
Hoàn thành việc rà soát trước ngày 30/6/2026 (Sở Nội vụ chủ trì, phối hợp với Sở Tài chính) || A=Sở Nội vụ || L=Sở \
Nội vụ || C=Sở Tài chính
Xây dựng Đề án phát triển kinh tế số (giao Sở Khoa học và Công nghệ chủ trì). || A=Sở Khoa học và Công nghệ || \
L=Sở Khoa học và Công nghệ
Tổng hợp nhu cầu kinh phí. (Sở Tài chính, UBND các xã) || A=Sở Tài chính+UBND các xã
Lập danh mục dự án (Sở Xây dựng thực hiện; Sở Tài chính phối hợp) || A=Sở Xây dựng || C=Sở Tài chính
Rà soát quy hoạch sử dụng đất (đơn vị chủ trì: Sở Nông nghiệp và Môi trường; đơn vị phối hợp: Sở Xây dựng, UBND \
các xã) || A=Sở Nông nghiệp và Môi trường || L=Sở Nông nghiệp và Môi trường || C=Sở Xây dựng+UBND các xã
Việc tổng hợp báo cáo do Văn phòng UBND tỉnh làm đầu mối || A=Văn phòng UBND tỉnh
Sở Nội vụ là cơ quan thường trực, tham mưu UBND tỉnh triển khai Đề án || A=Sở Nội vụ
Sở Y tế là cơ quan đầu mối, chủ trì, phối hợp với Công an tỉnh kiểm tra các cơ sở hành nghề || A=Sở Y tế || L=Sở Y \
tế || C=Công an tỉnh
Thành lập đoàn kiểm tra do Sở Công Thương chủ trì, các sở liên quan tham gia || A=Sở Công Thương || L=Sở Công Thương
Sở Tài chính làm đầu mối, phối hợp cùng Thuế tỉnh và Kho bạc Nhà nước tỉnh đối chiếu số liệu || A=Sở Tài chính || \
C=Thuế tỉnh+Kho bạc Nhà nước tỉnh
Giao Sở Nội vụ phối hợp cùng Sở Tài chính và Văn phòng UBND tỉnh thẩm định hồ sơ || A=Sở Nội vụ || C=Sở Tài \
chính+Văn phòng UBND tỉnh
Giao Ban Dân tộc chủ trì; Sở Y tế, Sở Giáo dục và Đào tạo phối hợp thực hiện || A=Ban Dân tộc || L=Ban Dân tộc || \
C=Sở Y tế+Sở Giáo dục và Đào tạo
Sở Xây dựng chủ trì, Công an tỉnh và UBND các xã phối hợp thực hiện || A=Sở Xây dựng || L=Sở Xây dựng || C=Công an \
tỉnh+UBND các xã
Sở Nội vụ cùng với Ban Tổ chức Tỉnh ủy rà soát biên chế || A=Sở Nội vụ || C=Ban Tổ chức Tỉnh ủy
Công an tỉnh, cùng với Bộ Chỉ huy Quân sự tỉnh, xây dựng phương án bảo vệ || A=Công an tỉnh || C=Bộ Chỉ huy Quân \
sự tỉnh
Yêu cầu Sở Công Thương phối hợp với Công ty Điện lực tỉnh, Tổng công ty Điện lực miền Bắc bảo đảm cung ứng điện || \
A=Sở Công Thương || C=Công ty Điện lực tỉnh+Tổng công ty Điện lực miền Bắc
Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh và các tổ chức chính trị - xã hội phối hợp tuyên truyền, vận động \
Nhân dân || A=Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh+các tổ chức chính trị - xã hội
Các sở, ngành theo chức năng, nhiệm vụ được giao chủ động phối hợp với Sở Tư pháp thực hiện || A=Các sở, ngành || \
C=Sở Tư pháp
Theo chức năng, nhiệm vụ được giao, các sở, ban, ngành triển khai Kế hoạch này || A=các sở, ban, ngành
Căn cứ chức năng, nhiệm vụ, Sở Du lịch phối hợp với Hiệp hội Du lịch tỉnh tổ chức xúc tiến || A=Sở Du lịch || \
C=Hiệp hội Du lịch tỉnh
Ban Chỉ đạo 389 tỉnh tăng cường kiểm tra, kiểm soát thị trường || A=Ban Chỉ đạo 389 tỉnh
Ban Chỉ đạo phòng, chống thiên tai và tìm kiếm cứu nạn các cấp trực ban 24/24 giờ || A=Ban Chỉ đạo phòng, chống \
thiên tai và tìm kiếm cứu nạn các cấp
Tổ công tác của Thủ tướng Chính phủ đôn đốc các bộ thực hiện nhiệm vụ được giao || A=Tổ công tác của Thủ tướng \
Chính phủ || S=Tổ công tác của Thủ tướng Chính phủ
Hội đồng Phối hợp phổ biến, giáo dục pháp luật tỉnh xây dựng kế hoạch || A=Hội đồng Phối hợp phổ biến, giáo dục \
pháp luật tỉnh
Hội đồng thi đua - khen thưởng các cấp xét chọn tập thể tiêu biểu || A=Hội đồng thi đua - khen thưởng các cấp
Ban Quản lý dự án đầu tư xây dựng các công trình giao thông tỉnh đẩy nhanh tiến độ thi công || A=Ban Quản lý dự án \
đầu tư xây dựng các công trình giao thông tỉnh
Ban Quản lý các khu công nghiệp tỉnh rà soát doanh nghiệp nợ bảo hiểm || A=Ban Quản lý các khu công nghiệp tỉnh
Ban Quản lý Khu kinh tế Vân Phong hướng dẫn nhà đầu tư hoàn thiện hồ sơ || A=Ban Quản lý Khu kinh tế Vân Phong
Tổ giúp việc Ban Chỉ đạo tổng hợp, báo cáo Trưởng Ban Chỉ đạo trước ngày 25 hằng tháng || A=Tổ giúp việc Ban Chỉ \
đạo || R=Trưởng Ban Chỉ đạo
Đoàn kiểm tra liên ngành vệ sinh an toàn thực phẩm tỉnh kiểm tra các bếp ăn tập thể || A=Đoàn kiểm tra liên ngành \
vệ sinh an toàn thực phẩm tỉnh
Tổ công nghệ số cộng đồng hướng dẫn người dân nộp hồ sơ trực tuyến || A=Tổ công nghệ số cộng đồng
Công ty TNHH MTV Môi trường đô thị thu gom rác thải trong ngày || A=Công ty TNHH MTV Môi trường đô thị
Công ty Cổ phần Cấp nước tỉnh bảo đảm cấp nước liên tục || A=Công ty Cổ phần Cấp nước tỉnh
Tập đoàn Điện lực Việt Nam chỉ đạo các đơn vị thành viên bảo đảm điện || A=Tập đoàn Điện lực Việt Nam
Hiệu trưởng các trường THPT, Giám đốc các trung tâm GDNN-GDTX báo cáo về Sở (qua Phòng Tổ chức cán bộ) trước ngày \
15/9 || A=Hiệu trưởng các trường THPT+Giám đốc các trung tâm GDNN-GDTX || R=Sở (qua Phòng Tổ chức cán bộ)
Các trường đại học, cao đẳng, trung cấp trên địa bàn tỉnh tuyên truyền cho học sinh, sinh viên || A=Các trường đại \
học, cao đẳng, trung cấp trên địa bàn tỉnh
Trường Đại học Hạ Long phối hợp với Sở Khoa học và Công nghệ mở lớp đào tạo || A=Trường Đại học Hạ Long || C=Sở \
Khoa học và Công nghệ
Các ngân hàng thương mại, tổ chức tín dụng trên địa bàn tiết giảm chi phí || A=Các ngân hàng thương mại, tổ chức \
tín dụng trên địa bàn
VNPT, Viettel, MobiFone bảo đảm thông tin liên lạc thông suốt || A=VNPT+Viettel+MobiFone
UBND các xã, phường, đặc khu tổ chức thực hiện Chỉ thị này || A=UBND các xã, phường, đặc khu
UBND đặc khu Cô Tô chủ trì, phối hợp với Bộ đội Biên phòng tỉnh kiểm tra tàu thuyền || A=UBND đặc khu Cô Tô || \
L=UBND đặc khu Cô Tô || C=Bộ đội Biên phòng tỉnh
Đặc khu Phú Quốc khẩn trương kiện toàn Trung tâm Phục vụ hành chính công || A=Đặc khu Phú Quốc
Chủ tịch UBND các phường Hồng Hà, Ba Đình và xã Đông Anh chịu trách nhiệm trước Chủ tịch UBND Thành phố || A=Chủ \
tịch UBND các phường Hồng Hà, Ba Đình+xã Đông Anh
Trung tâm Phục vụ hành chính công cấp xã tiếp nhận hồ sơ của người dân || A=Trung tâm Phục vụ hành chính công cấp xã
Phòng Văn hóa - Xã hội tham mưu UBND phường ban hành kế hoạch || A=Phòng Văn hóa - Xã hội
Phòng Kinh tế, Hạ tầng và Đô thị chủ trì, phối hợp với Công an phường giải tỏa vỉa hè || A=Phòng Kinh tế, Hạ tầng \
và Đô thị || L=Phòng Kinh tế, Hạ tầng và Đô thị || C=Công an phường
Ban Tuyên giáo và Dân vận Tỉnh ủy chủ trì định hướng tuyên truyền || A=Ban Tuyên giáo và Dân vận Tỉnh ủy || L=Ban \
Tuyên giáo và Dân vận Tỉnh ủy
Đề nghị Ủy ban Kiểm tra Tỉnh ủy theo dõi, đôn đốc việc thực hiện Chỉ thị này || A=Ủy ban Kiểm tra Tỉnh ủy || S=Ủy \
ban Kiểm tra Tỉnh ủy
Đảng ủy các cơ quan Đảng tỉnh, Đảng ủy UBND tỉnh lãnh đạo các tổ chức đảng trực thuộc quán triệt Nghị quyết || \
A=Đảng ủy các cơ quan Đảng tỉnh+Đảng ủy UBND tỉnh
Tỉnh đoàn, Hội Liên hiệp Phụ nữ tỉnh, Liên đoàn Lao động tỉnh vận động đoàn viên, hội viên tham gia || A=Tỉnh \
đoàn+Hội Liên hiệp Phụ nữ tỉnh+Liên đoàn Lao động tỉnh
Đoàn Thanh niên Cộng sản Hồ Chí Minh phường phối hợp với Hội Cựu chiến binh phường ra quân dọn vệ sinh || A=Đoàn \
Thanh niên Cộng sản Hồ Chí Minh phường || C=Hội Cựu chiến binh phường
Ban Thường vụ các đảng ủy trực thuộc Tỉnh ủy xây dựng kế hoạch thực hiện || A=Ban Thường vụ các đảng ủy trực thuộc \
Tỉnh ủy
Các cấp ủy, tổ chức đảng tập trung lãnh đạo, chỉ đạo thực hiện || A=Các cấp ủy, tổ chức đảng
Đồng chí Nguyễn Văn An, Phó Chủ tịch UBND tỉnh chỉ đạo, đôn đốc các sở thực hiện Kế hoạch này || A=Nguyễn Văn An, \
Phó Chủ tịch UBND tỉnh || S=Nguyễn Văn An, Phó Chủ tịch UBND tỉnh
Giao ông Lê Văn Cường, Chánh Văn phòng, làm đầu mối liên hệ || A=ông Lê Văn Cường, Chánh Văn phòng
Các đồng chí Phó Chủ tịch UBND tỉnh theo lĩnh vực phụ trách chỉ đạo các cơ quan triển khai || A=Phó Chủ tịch UBND \
tỉnh
Đề nghị Thủ trưởng các cơ quan, đơn vị nghiêm túc triển khai, thực hiện || A=Thủ trưởng các cơ quan, đơn vị
UBND các huyện, thị xã, thành phố; Công an tỉnh; Sở Giao thông vận tải tăng cường tuần tra || A=UBND các huyện, \
thị xã, thành phố+Công an tỉnh+Sở Giao thông vận tải
Chủ tịch UBND các xã, phường trực tiếp chỉ đạo, chịu trách nhiệm toàn diện trước Chủ tịch UBND tỉnh về công tác \
phòng, chống dịch || A=Chủ tịch UBND các xã, phường
Sở Nông nghiệp và Môi trường có trách nhiệm theo dõi, đôn đốc, kiểm tra việc thực hiện Chỉ thị này, định kỳ hằng \
quý báo cáo UBND tỉnh || A=Sở Nông nghiệp và Môi trường || R=UBND tỉnh || S=Sở Nông nghiệp và Môi trường
Giao Văn phòng UBND tỉnh chủ trì, phối hợp với Sở Nội vụ theo dõi, đôn đốc tiến độ thực hiện, báo cáo Chủ tịch \
UBND tỉnh kết quả || A=Văn phòng UBND tỉnh || L=Văn phòng UBND tỉnh || C=Sở Nội vụ || R=Chủ tịch UBND tỉnh || \
S=Văn phòng UBND tỉnh
Giao Thanh tra tỉnh giám sát, đôn đốc các đơn vị thực hiện nghiêm nội dung công văn này || A=Thanh tra tỉnh || \
S=Thanh tra tỉnh
Sở Tài chính kiểm tra, giám sát việc sử dụng kinh phí theo đúng quy định || A=Sở Tài chính
Thanh tra Sở thanh tra, kiểm tra việc chấp hành pháp luật về đất đai || A=Thanh tra Sở
Sở Công Thương hướng dẫn, kiểm tra, đôn đốc các địa phương triển khai thực hiện || A=Sở Công Thương || S=Sở Công \
Thương
Trưởng phòng Tổ chức - Hành chính giúp Giám đốc Sở đôn đốc các phòng thực hiện Kế hoạch || A=Trưởng phòng Tổ chức \
- Hành chính || S=Trưởng phòng Tổ chức - Hành chính
Kết quả thực hiện báo cáo về Bộ Nội vụ (qua Vụ Cải cách hành chính) trước ngày 20/12 || R=Bộ Nội vụ (qua Vụ Cải \
cách hành chính)
Báo cáo gửi về Sở Y tế (qua Phòng Nghiệp vụ Y, email: nvy@soyte.gov.vn) trước 15 giờ hằng ngày || R=Sở Y tế (qua \
Phòng Nghiệp vụ Y, email: nvy@soyte.gov.vn)
Các đơn vị gửi báo cáo bằng văn bản về Ban Chỉ đạo (qua Sở Nội vụ) để tổng hợp, báo cáo Thủ tướng Chính phủ || \
A=Các đơn vị || R=Ban Chỉ đạo (qua Sở Nội vụ)
Sở Nội vụ tổng hợp, trình UBND tỉnh xem xét, quyết định || A=Sở Nội vụ
Sở Nội vụ tổng hợp kết quả, tham mưu UBND tỉnh báo cáo Bộ Nội vụ theo quy định || A=Sở Nội vụ
Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các đơn vị kịp thời phản ánh về Sở Tư pháp để được hướng \
dẫn || A=các đơn vị || R=Sở Tư pháp
Kịp thời báo cáo Ủy ban nhân dân tỉnh, Chủ tịch Ủy ban nhân dân tỉnh những vấn đề vượt thẩm quyền || R=Ủy ban nhân \
dân tỉnh+Chủ tịch Ủy ban nhân dân tỉnh
Công an tỉnh chỉ đạo Công an các xã, phường phối hợp với lực lượng quân sự tuần tra ban đêm || A=Công an tỉnh || \
C=lực lượng quân sự
Bộ Chỉ huy Quân sự tỉnh, Bộ Chỉ huy Bộ đội Biên phòng tỉnh sẵn sàng lực lượng, phương tiện ứng phó || A=Bộ Chỉ huy \
Quân sự tỉnh+Bộ Chỉ huy Bộ đội Biên phòng tỉnh
Sở Y tế chủ trì, phối hợp với các sở, ban, ngành, đoàn thể, UBND các xã, phường và các đơn vị có liên quan tổ chức \
thực hiện || A=Sở Y tế || L=Sở Y tế || C=các sở, ban, ngành, đoàn thể+UBND các xã, phường+các đơn vị có liên quan
Sở Giáo dục và Đào tạo phối hợp với Sở Y tế, Công an tỉnh và chính quyền địa phương nơi trường đóng tổ chức tập \
huấn || A=Sở Giáo dục và Đào tạo || C=Sở Y tế+Công an tỉnh+chính quyền địa phương
Đài Phát thanh và Truyền hình tỉnh, Báo Quảng Ninh tăng thời lượng phát sóng || A=Đài Phát thanh và Truyền hình \
tỉnh+Báo Quảng Ninh
Báo và Đài Phát thanh - Truyền hình tỉnh phối hợp với Sở Tư pháp mở chuyên mục || A=Báo và Đài Phát thanh - Truyền \
hình tỉnh || C=Sở Tư pháp
Đài Khí tượng Thủy văn tỉnh dự báo, cảnh báo sớm || A=Đài Khí tượng Thủy văn tỉnh
Cơ quan thường trực Ban Chỉ huy phòng thủ dân sự tỉnh tổng hợp, báo cáo thiệt hại về Ban Chỉ đạo Phòng thủ dân sự \
quốc gia || A=Cơ quan thường trực Ban Chỉ huy phòng thủ dân sự tỉnh || R=Ban Chỉ đạo Phòng thủ dân sự quốc gia
Bảo hiểm xã hội khu vực VII phối hợp với Sở Y tế rà soát người tham gia bảo hiểm y tế || A=Bảo hiểm xã hội khu vực \
VII || C=Sở Y tế
Kho bạc Nhà nước khu vực IV kiểm soát chi chặt chẽ || A=Kho bạc Nhà nước khu vực IV
Ngân hàng Nhà nước Chi nhánh Khu vực 6 chỉ đạo các tổ chức tín dụng cơ cấu lại thời hạn trả nợ || A=Ngân hàng Nhà \
nước Chi nhánh Khu vực 6
Chi cục Hải quan khu vực XI tạo điều kiện thông quan nhanh || A=Chi cục Hải quan khu vực XI
Thuế tỉnh Bắc Ninh công khai danh sách doanh nghiệp nợ thuế || A=Thuế tỉnh Bắc Ninh
Thống kê tỉnh hướng dẫn thu thập số liệu || A=Thống kê tỉnh
Viện Kiểm sát nhân dân tỉnh, Tòa án nhân dân tỉnh đẩy nhanh tiến độ giải quyết án || A=Viện Kiểm sát nhân dân \
tỉnh+Tòa án nhân dân tỉnh
Thường trực HĐND, UBND các xã chuẩn bị kỳ họp || A=Thường trực HĐND+UBND các xã
Các chủ đầu tư, Ban Quản lý dự án, nhà thầu tập trung nhân lực thi công || A=Các chủ đầu tư+Ban Quản lý dự án+nhà \
thầu
Đối với Sở Tài chính: Bố trí kinh phí thực hiện || A=Sở Tài chính
Về phía Công an tỉnh: Chỉ đạo Phòng Cảnh sát giao thông phân luồng || A=Công an tỉnh
Bộ trưởng, Thủ trưởng cơ quan ngang bộ, cơ quan thuộc Chính phủ, Chủ tịch Ủy ban nhân dân các tỉnh, thành phố trực \
thuộc trung ương tổ chức thực hiện nghiêm Chỉ thị này || A=Bộ trưởng+Thủ trưởng cơ quan ngang bộ, cơ quan thuộc \
Chính phủ+Chủ tịch Ủy ban nhân dân các tỉnh, thành phố trực thuộc trung ương
Phó Thủ tướng Trần Hồng Hà trực tiếp chỉ đạo các bộ, địa phương thực hiện Công điện này || A=Phó Thủ tướng Trần \
Hồng Hà
Văn phòng Chính phủ theo dõi, đôn đốc việc thực hiện Công điện này; báo cáo kịp thời Thủ tướng Chính phủ, Phó Thủ \
tướng phụ trách những vấn đề phát sinh || A=Văn phòng Chính phủ || R=Thủ tướng Chính phủ+Phó Thủ tướng phụ trách \
|| S=Văn phòng Chính phủ
Việc kiểm tra, giám sát thực hiện Kế hoạch này giao Thanh tra Bộ chủ trì || A=Thanh tra Bộ || L=Thanh tra Bộ || \
S=Thanh tra Bộ
Nhiệm vụ này giao Phòng Quản lý đô thị thực hiện, xong trước ngày 15/3 || A=Phòng Quản lý đô thị
Nội dung này do Sở Xây dựng chịu trách nhiệm || A=Sở Xây dựng
Yêu cầu: Các phòng chuyên môn rà soát nhiệm vụ tồn đọng, báo cáo lãnh đạo Sở || A=Các phòng chuyên môn || R=lãnh \
đạo Sở
Yêu cầu đồng chí Giám đốc Sở Y tế kiểm điểm trách nhiệm || A=Giám đốc Sở Y tế
Chậm nhất ngày 20 hằng tháng, các phòng gửi kết quả về Văn phòng Sở để tổng hợp || A=các phòng || R=Văn phòng Sở
Trước ngày 05/7/2026, Sở Tài chính báo cáo UBND tỉnh phương án phân bổ || A=Sở Tài chính || R=UBND tỉnh
Để chủ động ứng phó với bão số 3, Chủ tịch UBND tỉnh yêu cầu Giám đốc các sở, Chủ tịch UBND các xã triển khai ngay \
các biện pháp || A=Giám đốc các sở+Chủ tịch UBND các xã
Sở Khoa học và Công nghệ tham mưu, trình UBND tỉnh ban hành Kế hoạch trong quý II || A=Sở Khoa học và Công nghệ
Các thôn, bản, khu phố họp dân phổ biến nội dung phương án || A=Các thôn, bản, khu phố
Trưởng thôn, tổ trưởng tổ dân phố thông báo đến từng hộ || A=Trưởng thôn+tổ trưởng tổ dân phố
Người dân, doanh nghiệp chấp hành nghiêm quy định || A=Người dân, doanh nghiệp
Trạm Y tế xã Ba Vì phối hợp với các trường học trên địa bàn khám sức khỏe || A=Trạm Y tế xã Ba Vì || C=các trường \
học trên địa bàn
Bệnh viện Đa khoa tỉnh, Bệnh viện Sản Nhi chuẩn bị giường bệnh || A=Bệnh viện Đa khoa tỉnh+Bệnh viện Sản Nhi
Liên minh Hợp tác xã tỉnh, Hiệp hội Doanh nghiệp tỉnh vận động hội viên || A=Liên minh Hợp tác xã tỉnh+Hiệp hội \
Doanh nghiệp tỉnh
Hội Nông dân, Hội Chữ thập đỏ các cấp tuyên truyền hội viên || A=Hội Nông dân+Hội Chữ thập đỏ các cấp
Quỹ Bảo vệ môi trường tỉnh ưu tiên cho vay || A=Quỹ Bảo vệ môi trường tỉnh
Vườn quốc gia Ba Vì tăng cường tuần tra bảo vệ rừng || A=Vườn quốc gia Ba Vì
Hạt Kiểm lâm khu vực II chủ trì cùng UBND các xã rà soát chủ rừng || A=Hạt Kiểm lâm khu vực II || L=Hạt Kiểm lâm \
khu vực II || C=UBND các xã
Làng Văn hóa - Du lịch các dân tộc Việt Nam tiếp tục sử dụng kinh phí được giao || A=Làng Văn hóa - Du lịch các \
dân tộc Việt Nam
Nhà hát Chèo Hà Nội dàn dựng chương trình nghệ thuật || A=Nhà hát Chèo Hà Nội
Khu Di tích lịch sử Đền Hùng phối hợp với Công an tỉnh bảo đảm an ninh lễ hội || A=Khu Di tích lịch sử Đền Hùng || \
C=Công an tỉnh
Sở Nội vụ (cơ quan thường trực Ban Chỉ đạo) tổng hợp, báo cáo Ban Chỉ đạo || A=Sở Nội vụ (cơ quan thường trực Ban \
Chỉ đạo) || R=Ban Chỉ đạo
Sở Tài chính, Sở Nội vụ: Thẩm định phương án tự chủ || A=Sở Tài chính+Sở Nội vụ
Công ty Thủy điện Sơn La vận hành hồ chứa theo quy trình, thông báo cho hạ du trước khi xả lũ || A=Công ty Thủy \
điện Sơn La
Tòa soạn Báo Nhân Dân, Đài Truyền hình Việt Nam, Đài Tiếng nói Việt Nam và các cơ quan truyền thông đưa tin || \
A=Tòa soạn Báo Nhân Dân+Đài Truyền hình Việt Nam+Đài Tiếng nói Việt Nam+các cơ quan truyền thông
"""


@pytest.mark.parametrize(("text", "wanted"), sentences_with_who(SENTENCES))
def test_who_acts_is_read_from_the_sentence(text: str, wanted: Who) -> None:
    assert who(text) == wanted
