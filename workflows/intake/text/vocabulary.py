"""Words of the language of directives: what names an actor, what begins a predicate, what ends a name."""

import re
import unicodedata
from functools import lru_cache


def phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of a text, which bars divide; a line break counts as a blank."""
    return tuple(" ".join(phrase.split()) for phrase in text.split("|"))


ACTOR_HEADS = phrases(
    """
    thủ tướng chính phủ | thủ tướng | phó thủ tướng | chính phủ | bộ trưởng | thứ trưởng | thống đốc | tổng thanh
    tra | chánh thanh tra | chánh văn phòng | tổng giám đốc | phó tổng giám đốc | giám đốc | phó giám đốc | tổng cục
    trưởng | cục trưởng | vụ trưởng | chi cục trưởng | trưởng ban | phó trưởng ban | trưởng phòng | trưởng | thủ
    trưởng | người đứng đầu | chủ tịch | phó chủ tịch | chủ nhiệm | viện trưởng | hiệu trưởng | cục phó | tư lệnh |
    chính ủy | chỉ huy trưởng | bí thư | tổng biên tập | lãnh đạo | đồng chí | đ/c | ông | bà | bộ | sở | cục | tổng
    cục | chi cục | vụ | ban | ủy ban | uỷ ban | ubnd | hđnd | hội đồng | văn phòng | vp | thanh tra | phòng | trung
    tâm | viện | học viện | ub | thương vụ | trường | trạm | chi nhánh | khoa | tổ | đội | công ty | tổng công ty |
    tập đoàn | doanh nghiệp | xí nghiệp | nhà máy | ngân hàng | kho bạc | quỹ | bảo hiểm | hội | hiệp hội | liên
    minh | liên hiệp | đoàn | đoàn thanh niên | mặt trận | mttq | liên đoàn | công đoàn | công an | quân khu | quân
    đội | bộ đội | cảnh sát | bưu điện | tòa án | toà án | viện kiểm sát | đài | báo | tạp chí | thông tấn xã | nhà
    xuất bản | thư viện | bảo tàng | bệnh viện | cơ sở | cơ quan | đơn vị | tổ chức | địa phương | ngành | cấp |
    tỉnh | thành phố | quận | huyện | thị xã | xã | phường | đại lý | hợp tác xã | chủ đầu tư | chủ | cán bộ | công
    chức | nhân dân | cấp ủy | cấp uỷ | chính quyền | tỉnh ủy | tỉnh uỷ | thành ủy | thành uỷ | đảng ủy | đảng uỷ |
    văn thư | bộ phận | thành viên | các thành viên | tổ công tác | khách sạn | lực lượng | hải quan | kiểm lâm |
    biên phòng | đại sứ quán | cơ quan đại diện | tiểu ban | ban chỉ đạo | ban quản lý | nhà thầu | nhà trường |
    cộng đồng | đoàn thể | quý | trung ương hội | trung ương đoàn | tỉnh đoàn | thành đoàn | huyện ủy | huyện uỷ |
    quận ủy | hạt | tổng hội | toàn ngành | toàn hệ thống | đặc khu | chi bộ | đảng bộ | đảng đoàn | thường trực |
    vtv | vov | ttxvn | vườn quốc gia | khu bảo tồn | cảng vụ | cảng | ga | nhà mạng | đại học | đồn | hãng | tổng
    liên đoàn | cổng thông tin | kiểm toán | vùng cảnh sát | trại giam | nông trường | lâm trường | phân viện | phân
    hiệu | chi đoàn | nhóm | nhà hát | tổ trưởng | đội trưởng | phó thủ trưởng | kế toán | người dân | người đại
    diện theo pháp luật | người đại diện | người sử dụng lao động | hộ kinh doanh | cửa khẩu | ban tổ chức | nhà đầu
    tư | thời báo | nhật báo | khu quản lý | chủ bến | thuyền trưởng | thuyền viên | người lái | người điều khiển |
    người lao động | thôn | khu phố | ấp | thị trấn | buôn | văn phòng điều phối | nhà thầu thi công | bộ chỉ huy |
    ban chỉ huy | bộ tư lệnh | ban chấp hành | ban thường vụ | ban giám đốc | ban giám hiệu | trưởng thôn | tổ dân
    phố | hệ thống truyền thanh | thuế tỉnh | thuế thành phố | thuế cơ sở | ban cán sự đảng | đại biểu hội đồng nhân
    dân | đại biểu hđnd | đại biểu quốc hội | đoàn đại biểu quốc hội | chi cục thuế | cục thuế | ban thường trực |
    trung đoàn | sư đoàn | lữ đoàn | chủ rừng | chủ hồ | chủ hộ | liên hiệp hội | hội nông dân | trung tâm y tế |
    trạm y tế | hộ gia đình | hộ dân | hộ chăn nuôi | hộ | bản | xóm | khóm | làng | trưởng bản | trưởng xóm | già
    làng | chủ cơ sở | chủ phương tiện | phó trưởng | thư ký | tổng bí thư | chủ tịch nước | quốc hội | tổng công
    đoàn | bệnh xá | nhà văn hóa | đại biểu | hội liên hiệp | thống kê tỉnh | thống kê thành phố | thống kê cơ sở |
    khu di tích | khu du lịch | tòa soạn | toà soạn | làng văn hóa | làng văn hoá | báo và đài phát thanh | báo và
    phát thanh, truyền hình | báo và phát thanh truyền hình | ban quản trị | chủ tàu | chủ nuôi | chủ trang trại |
    người có uy tín | dân quân | bảo vệ dân phố | ban đại diện | đội dân phòng | cấp dưới | cấp trên | giáo viên chủ
    nhiệm | giáo viên bộ môn | thương nhân | nhà phân phối | nhà sản xuất | nhà cung cấp | tiểu thương | viên chức |
    giảng viên | giáo viên | nhân viên | chuyên viên | quản đốc | xưởng | phân xưởng | ca trưởng | tiểu đoàn | đại
    đội | hải đội | binh đoàn | quân chủng | binh chủng | chánh án | kiểm sát viên | chấp hành viên | phóng viên |
    nhà thuốc | siêu thị | cụm thi đua | khối thi đua | thị ủy | thị uỷ | quận uỷ | chi hội | liên chi hội | câu lạc
    bộ | chính trị viên | tỉnh đội | huyện đội | nhà hàng | phó hiệu trưởng | phó viện trưởng | điều dưỡng | bác sĩ
    | kỹ thuật viên | dược sĩ | chi, đảng bộ
    """
)
"""Nouns that a named actor begins with."""

ACRONYMS = (
    r"(?:Thầy|Cô|Anh|Chị)(?= [A-ZĐ])|GVCN|(?:Điện lực|Viễn thông|Thuế)(?= (?:tỉnh|thành phố|huyện|khu vực|[A-ZĐ]))|"
    r"CA(?= (?:xã|phường|tỉnh|thành|huyện|TP))|UBMTTQ|BCHQS|TT(?= HĐND)|UBKT|TTYT|"
    r"BHXH|BCH|BCĐ|BQL|HTX|CTCP|TCT|KBNN|NHNN|TAND|VKSND|BĐBP|CAND|CSGT|QLTT|LĐLĐ|MTTQVN|VPCP|VCCI|VNPT|EVN\w*|PVN|"
    r"TKV|BIDV|V[Ii][Ee][Tt]{1,2}[a-zA-Z]{2,}(?<!Viettnam)|V[Ii][Nn][Aa][a-zA-Z]{2,}|M[Oo][Bb][Ii][Ff]one|Agribank"
)
"""Short names of offices and firms, as a pattern that minds capitals."""

FIELD_LABEL = r"(?:cơ quan|đơn vị) (?:chủ trì|phối hợp|thực hiện|tham gia)(?: thực hiện)?\s*:"
"""What names follow in a field, no name itself: "đơn vị phối hợp: …"."""

NO_ACTORS = (
    "tổ chức,",
    "báo (?:cáo|động|chí|hiệu)",
    "đoàn kết",
    "hội (?:nghị|thảo|họp|nhập|viên|chợ|ý)",
    r"quý\b(?! (?:cơ|đơn|sở|bộ|ban|ủy|uỷ|vị|ngành|công|cục|vụ|phòng|trường|tổ|doanh|tỉnh|thành)\b)",
    "cấp (?!ủy|uỷ|tỉnh|huyện|xã|trên|dưới|có|cơ|trung|thành|quận|phường|mình|nào|hội|đoàn|chính|địa|sở|phòng|bộ|"
    "liên|ngành)",
    "chủ (?:trì|động|trương|yếu|nghĩa|đạo|đề|quyền|thể|chốt|quan)",
    "khu (?:vực|dân)",
    "trường hợp",
    "hợp tác(?! xã)",
    "tổ quốc",
    "ch[uủ] tr[iíì]",
    "đội (?:ngũ|hình)",
    "ban (?:hành|đầu)",
    "xã hội",
    "bộ (?:máy|luật|tiêu chí|chỉ (?:số|tiêu)|thủ tục|hồ sơ)",
    "viện (?:trợ|dẫn)",
    FIELD_LABEL,
    r"(?:cơ quan|đơn vị|tổ chức|bộ phận|người)\s*:",
    "hai bà",
    "quỹ đất",
    "quốc hội (?:và|về) (?:nghị|luật|quyết|chỉ)",
    "đại biểu (?!hội đồng|hđnd|quốc hội)",
    r"hộ (?:chiếu|khẩu|tịch|lý|sinh|tống|trợ|nghèo|cận)",
    r"bản\b(?! (?:[A-ZĐ]|có dịch|trên|vùng|biên giới|,|còn lại|phải|cần|chịu|tổ chức|làng\b))",
    r"bản (?:Báo|Kế|Quy|Đồ|Cam)",
    r"làng (?:nghề|xã|mạc)",
    "thư ký tòa",
    "ngành nghề",
    "cơ sở (?:dữ liệu|pháp|hạ tầng|vật chất|để|lý luận|thực tiễn)",
    "phòng(?:,(?! ban| đơn)| chống| cháy| ngừa| họp| dịch| bệnh| học| thủ| vệ)",
    "vụ (?:việc|án|vi phạm|đông|mùa|hè|cháy|tai)",
    "sở (?:hữu|thích|tại)",
    "đài thọ",
    "thanh tra(?:,| việc| các| đối)",
    r"lãnh đạo(?:,| chỉ đạo| thực hiện| toàn| các(?! (?:sở|bộ|cơ|đơn|ban|cục|vụ|phòng|địa|doanh|tập|trường|huyện|"
    r"tỉnh)\b))",
)
"""What begins like an actor and is none, as patterns: a verb, a thing, an event."""

PLURALS = ("các", "những", "toàn thể", "tất cả các", "mọi", "từng", "mỗi", "toàn bộ", "một số")

GENERIC = phrases(
    """
    bộ | ngành | sở | ban | cơ quan | đơn vị | tổ chức | địa phương | doanh nghiệp | đoàn thể | hội | phòng | cấp |
    tỉnh | thành phố | quận | huyện | thị xã | xã | phường | cá nhân | trường | quân đội | lực lượng | đoàn | viên
    chức | người lao động | thị trấn | thôn | bản | đặc khu | khu phố | ấp | tổ dân phố | đảng viên | công chức | hội
    viên | đoàn viên
    """
)
"""Heads that stand for a kind, which a verb-like word may go on to describe."""

PREDICATES = phrases(
    """
    có trách nhiệm | chịu trách nhiệm | có nhiệm vụ | có kế hoạch | có biện pháp | có văn bản | có ý kiến | có báo
    cáo | có hình thức | có giải pháp | cần | phải | nên | không | nghiêm cấm | được giao | chủ trì | chủ động |
    phối hợp | phối kết hợp | kết hợp | tiếp tục | khẩn trương | tăng cường | tập trung | nghiêm túc | nghiêm chỉnh
    | thường xuyên | kịp thời | tích cực | trực tiếp | sớm | ngay | đẩy mạnh | đẩy nhanh | triển khai | quán triệt |
    rà soát | tham mưu | xây dựng | ban hành | trình | hướng dẫn | chỉ đạo | báo cáo | đôn đốc | theo dõi | kiểm tra
    | giám sát | tổng hợp | bố trí | đảm bảo | bảo đảm | phân công | giao | cử | lập | gửi | căn cứ | thực hiện |
    nghiên cứu | tổ chức | cung cấp | hỗ trợ | tạo điều kiện | đề xuất | xem xét | thông báo | phổ biến | tuyên
    truyền | vận động | khai thác | xử lý | giải quyết | thành lập | củng cố | kiện toàn | hoàn thành | hoàn thiện |
    tiến hành | áp dụng | nâng cao | chấn chỉnh | chấp hành | tham gia | sử dụng | đề nghị | yêu cầu | ưu tiên | duy
    trì | phát huy | ký | công bố | công khai | đánh giá | tổng kết | sơ kết | thống kê | phát động | chuẩn bị |
    thẩm định | phê duyệt | cân đối | đăng ký | tuyển chọn | giúp | khắc phục | xác định | kiểm soát | ngăn chặn |
    phòng ngừa | đăng tải | phát hiện | mở rộng | thúc đẩy | dành | huy động | điều chỉnh | sửa đổi | bổ sung | cập
    nhật | kết nối | chuyển | tiếp nhận | thanh tra | đưa | trang bị | soạn thảo | in | mở | rút | tự | thống nhất |
    quy định | ra | nắm | tìm | thu thập | thu | phân bổ | lồng ghép | khuyến khích | động viên | bám sát | làm việc
    | làm | đề ra | tạo | xin | thẩm tra | quản lý | hợp tác | trao đổi | bàn giao | bàn | đào tạo | bồi dưỡng | tập
    huấn | đầu tư | cải tiến | cải thiện | đổi mới | tuân thủ | rà | khảo sát | điều tra | phân loại | phân tích |
    kê khai | công tác | vận hành | lựa chọn | thay đổi | sắp xếp | tăng | giảm | ghi | giới thiệu | định kỳ | can
    tập trung | can phải | quan tâm | chú trọng | chú ý | cho biết | xác nhận | hàng năm | hằng năm | hàng tháng |
    hằng tháng | hàng quý | hằng quý | đồng thời | vẫn | cùng | coi | đồng chủ trì | phụ trách | chỉ huy | thay mặt
    | đại diện | phản ánh | kiến nghị | liên hệ | thảo luận | góp ý | tham vấn | xem đây | lấy | đặt | nhận thức |
    khẳng định | phấn đấu | nỗ lực | quyết tâm | quyết liệt | hạn chế | chấm dứt | dừng | ngừng | cho phép | tiết
    kiệm | đấu tranh | phòng chống | chống | thu hồi | hoàn trả | cắt giảm | đơn giản hóa | đơn giản hoá | số hóa |
    số hoá | công nhận | chi trả | thanh toán | quyết toán | giải ngân | giải phóng | niêm yết | phát hành | dự trữ
    | cài đặt | lắp đặt | chăm sóc | cách ly | bổ nhiệm | luân chuyển | phát sóng | tôn vinh | trao tặng | thăm hỏi
    | lưu trữ | bảo quản | sửa chữa | nâng cấp | thiết kế | thi công | nghiệm thu | quan trắc | dự báo | cảnh báo |
    ứng phó | sơ tán | kêu gọi | khôi phục | túc trực | thu gom | phát triển | đề cao | nêu cao | gương mẫu | giữ |
    giữ vững | bảo tồn | biên soạn | biên tập | in ấn | xuất bản | phân cấp | uỷ quyền | ủy quyền | đàm phán | ký
    kết | đón tiếp | tiếp | trả lời | giải trình | giải đáp | tháo gỡ | khơi dậy | lãnh đạo | điều hành | điều phối
    | cụ thể hóa | cụ thể hoá | quy hoạch | phân bố | bám | dẫn | loại bỏ | xóa bỏ | xoá bỏ | khuyến cáo | vận dụng
    | tìm hiểu | rút kinh nghiệm | có phương án | có chính sách | có chương trình | có cơ chế | có hướng dẫn | có
    chỉ đạo | căn cứ vào | nghiêm | nhanh chóng | từng bước | thật sự | thực sự | cố gắng | tận dụng | gắn | kiểm kê
    | xét | xét duyệt | duyệt | chọn | bình xét | tổng rà soát | truy quét | truy tố | khởi tố | xử phạt | tuần tra
    | kiểm định | giám định | hiệp thương | hoàn chỉnh | sẵn sàng | trực ban | gia cố | di dời | bảo trì | bảo dưỡng
    | duy tu | tập hợp | xúc tiến | nhân rộng | tôn tạo | đăng cai | cung ứng | điều động | trưng dụng | thay thế |
    khoanh vùng | phong tỏa | phong toả | dập dịch | tiêm | xét nghiệm | tiêu hủy | tiêu huỷ | khử trùng | phun |
    theo sát | chia sẻ | tích hợp | đồng bộ | chuẩn hóa | chuẩn hoá | chia | tách | sáp nhập | giải thể | hợp nhất |
    chuyển đổi | cổ phần hóa | cổ phần hoá | bình ổn | kiềm chế | ổn định | tiếp cận | hưởng ứng | phối kết | nhắc
    nhở | phê bình | biểu dương | khen thưởng | kỷ luật | xem | tính toán | đối chiếu | chủ công | tiên phong | nhận
    | cùng phối hợp | liên kết | vào cuộc | thiết lập | thể chế hóa | kiểm điểm | khai báo | cách chức | thẩm duyệt
    | cho ý kiến | tiếp thu | hoàn tất | kết thúc | lên | trồng | phục hồi | khoanh nuôi | góp phần | tranh thủ |
    bình chọn | tuyển | khơi thông | quảng bá | giới hạn | cấm | trợ giúp | bảo lưu | quyết định | kiên quyết |
    tuyệt đối | đình chỉ | tạm dừng | cấp phát | lưu giữ | thi hành | thực thi | thí điểm | cứu trợ | khống chế | di
    chuyển | nắm bắt | trông coi | tự giác | diễn tập | tuyển dụng | điều tiết | kiểm đếm | tạm ứng | chốt chặn |
    canh gác | làm rõ | xác minh | truy thu | tịch thu | cưỡng chế | giải tỏa | giải toả | nạo vét | phát quang |
    phát dọn | chăm lo | đối thoại | lắng nghe | tiếp xúc | ban bố | vinh danh | tuyên dương | gieo trồng | chi viện
    | cập nhập | tinh giản | tôn trọng | chịu | cắt điện | đóng điện | nhắn tin | đưa tin | phát tin | bắn pháo |
    điều chuyển | neo đậu | xả lũ | tích nước | cấp phép | cấp kinh phí | cho nghỉ | cho học sinh | cam kết | gặp gỡ
    | lấy ý kiến | tham khảo | tạm giữ | đóng cửa | cắm mốc | gieo cấy | thu hoạch | tu sửa | tu bổ | dọn dẹp | khử
    khuẩn | tăng thời lượng | dành thời lượng | triệu tập | chịu trách | tự kiểm tra | tự rà soát | chấp thuận |
    tổng rà | đặt hàng | giao nhiệm vụ | giao trách nhiệm | giao chỉ tiêu | tổ chức lại | rà quét | tiếp công dân |
    đối soát | trực tiếp chỉ | tự chịu | cử cán bộ | tiết giảm | giải phóng mặt | rút ngắn | bù đắp | gia hạn | miễn
    giảm | khoanh nợ | phân luồng | phân làn | trực chốt | lập biên bản | xuất cấp | thu dung | cắm biển | cắm chốt
    | ra quân | treo | căng treo | họp | dàn dựng | biểu diễn | trưng bày | khám sức khỏe | khám sàng lọc | đóng góp
    | ủng hộ | quyên góp | lan tỏa | phủ sóng | tường thuật | khai trương | khánh thành | khởi công | niêm phong |
    trình bày | phát biểu | tham dự | truy vết | khuyến nghị | giữ gìn | giúp đỡ | bắt giữ | triệt phá | tấn công |
    trấn áp | kéo giảm | làm sạch | ôn tập | tặng quà | trao quà | ứng trực | trực chiến | làm tốt | hạch toán | tất
    toán | cơ cấu lại | tái cơ cấu | mua sắm | tiêu thụ | thu mua | truy tìm | đấu nối | bít | đón nhận | nghiêm trị
    | nộp | cho vay | định hướng | nêu gương | có mặt | cấp tài khoản | cấp bù | cấp đủ | cấp thẻ | cấp mã | cấp
    giấy | cấp quyền | cấp vốn | tạm hoãn | hoãn | bãi bỏ | hủy bỏ | huỷ bỏ | hủy | huỷ | buộc | mời | thuê | chấm
    điểm | xếp | xếp hạng | xếp loại | phân giao | phân khai | phân quyền | phân nhóm | phân định | nhập liệu | khởi
    động | kích hoạt | bắt buộc | chỉnh trang | chỉnh sửa | chỉnh lý | đăng | đáp ứng | đền bù | đi kiểm tra | đi
    thực tế | điểm danh | đo | dán | dọn vệ sinh | tháo dỡ | tháo | dựng | gặp | gọi điện | gỡ bỏ | hiến kế | hiệu
    chỉnh | hoạch định | kế thừa | kéo dài | kèm cặp | kiên trì | lắp | liệt kê | luân phiên | nâng | nhắc | nối |
    phản biện | phản hồi | phê chuẩn | quét dọn | rải | rào chắn | sao gửi | sao lưu | siết | siết chặt | xiết |
    soát xét | soạn | sửa | tặng | tập kết | thông xe | thuyết minh | thử nghiệm | thưởng | tích trữ | tinh gọn |
    tính | tố giác | tổng duyệt | tổng kiểm tra | tổng kiểm kê | tổng vệ sinh | trả | trang trí | trao | trích | tri
    ân | trực | truyền đạt | từ chối | tương trợ | ứng cứu | ứng trước | viết | vẽ | xả | xác lập | xác thực | xây |
    xuất kho | xuất trình | xử trí | bắt đầu | báo ngay | báo tin | bày tỏ | biểu quyết | bơm | can thiệp | cảm hóa
    | cân nhắc | cắt | chạy thử | chặn | chi tiết hóa | chụp | chung tay | chứng minh | có lịch | có thông báo | có
    công văn | có kết luận | có quy chế | chi hỗ trợ | dâng hương | dò tìm | dự thảo | đảm nhận | đảm nhiệm | đề cử
    | đón | đổi tên | đồng hành | tạm ngừng | tuyên bố | hoàn thuế | hồi đáp | khấu trừ | loại trừ | mô tả | phát
    lệnh | phát quà | phát tờ | phát phiếu | phát tài liệu | phát bản | rèn luyện | sàng lọc | tái lập | thị sát |
    thuyết phục | tra cứu | tránh | trấn an | vá | vét | xử | sơ cứu | hội chẩn | canh phòng | khám nghiệm | tống
    đạt | bắt | ấn định | khoán | xét tuyển | xóa | xoá | hiện đại hóa | hệ thống hóa | đa dạng hóa | tự động hóa |
    bảo mật | trục vớt | gia tăng | mua vật | mua bổ | mua trang | mua thuốc
    """
)
"""Verbs and adverbs that begin what an actor is told to do."""

DESCRIBING = phrases(
    """
    quản lý | nghiên cứu | thanh tra | bảo vệ | sản xuất | kinh doanh | cung cấp | điều tra | giám định | tư vấn |
    thông tin | đào tạo | khai thác | tiếp nhận | được giao | sử dụng | thi công | vận hành
    """
)
"""Verbs that after a kind of actor only say which ("cơ quan quản lý …", "doanh nghiệp khai thác …")."""

STOPS = phrases(
    """
    để | nhằm | trong việc | trong quá trình | trong thời gian | trong công tác | trong khi | trong đó | tại kỳ họp |
    tại phiên họp | tại Kỳ họp | tại Phiên họp | tại hội nghị | tại Hội nghị | tại buổi | trong tháng | trong năm |
    trong quý | trong phạm vi | theo | về | trên cơ sở | khi | nếu | trước | từ | mà | thì | do | đã | đang | sẽ | là
    | với | bằng | tại cuộc họp | chậm nhất | sau khi | qua đó | gồm | bao gồm | như | kể từ | vào | hoặc khi | đến
    ngày | cho | như sau | sau đây | gắn với | kết quả | những | việc | tình hình | dưới | nêu rõ | kèm | tiến độ |
    nơi | chịu sự | gây | đặc biệt | nhất là | trong vòng | tổ chức thực hiện | và gửi | và báo cáo | mọi | bị | chưa
    | đồng ý | đúng | trừ | ngoại trừ | hằng ngày | hàng ngày | hằng tuần | hàng tuần | trong thời hạn | trong ngày |
    trong tuần | trong buổi | trong các | trong từng | trong mùa | trong dịp | trong đợt | trong suốt | trong trường
    hợp | trong mọi | trong toàn | ngay khi | ngay sau | ngay từ | không bao gồm | không kể | ngoài | hạn cuối | hạn
    chót | xong | muộn nhất | không muộn hơn | quá |
    tỷ lệ | tỉ lệ | số lượng | số liệu | danh sách
    """
)
"""Words that end a name."""

ORDERS = phrases(
    """
    yêu cầu | yêu câu | đề nghị | đê nghị | kính đề nghị | trân trọng đề nghị | chỉ thị | chỉ thị cho | giao cho |
    giao | phân công | giao nhiệm vụ cho | giao trách nhiệm cho | giao trách nhiệm | yêu cầu đối với | quyết định giao
    | đồng ý giao | thống nhất giao | lưu ý | nhắc nhở | đề nghị với | ủy quyền cho | uỷ quyền cho | ủy quyền | uỷ
    quyền
    """
)
"""What an issuer says before the one it orders."""


def words_pattern(words: tuple[str, ...]) -> str:
    """Return an alternative of the words, the longest first."""
    return "|".join(sorted((re.escape(word).replace(r"\ ", " ") for word in set(words)), key=len, reverse=True))


_OWN_PEOPLE = (
    r"phân công (?:các |một |một số |\d+ )?(?:cán bộ|công chức|viên chức|lãnh đạo|nhân viên|giáo viên|cấp ủy viên|"
    r"lực lượng|đảng viên|bác sĩ|người)\b(?! (?-i:[A-ZĐ]))"
)
"""Whom an office sends, not whom the issuer charges: "phân công cán bộ trực"."""
ORDER_WORDS = rf"(?!giao (?:thông|dịch|lưu|tiếp|thừa)\b|(?-i:[Gg]iao ban)\b|{_OWN_PEOPLE})(?:{words_pattern(ORDERS)})"
"""The words of order as a pattern: "giao", not "Giao thông vận tải"."""
ORDER = re.compile(rf"{ORDER_WORDS} (?=\w)", re.IGNORECASE)
"""A word of order at a known place."""
ORDER_IN = re.compile(rf"\b{ORDER_WORDS} (?:đối với )?(?=\S)", re.IGNORECASE)
"""A word of order within a sentence, up to the one who is ordered."""


@lru_cache(maxsize=256)
def bare(text: str) -> str:
    """Return the text letter by letter without its marks, as long as before: "Đôn đốc" is "Don doc"."""
    return text.translate(_BARE)


def _bare_letters() -> dict[int, str]:
    letters = {ord("đ"): "d", ord("Đ"): "D"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        parts = unicodedata.normalize("NFD", chr(code))
        if len(parts) > 1 and parts[0].isalpha():
            letters[code] = parts[0]
    return letters


_BARE = _bare_letters()


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
