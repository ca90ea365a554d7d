"""Words that the measured installation is made of: enough of them that a search finds some and not all."""

PROVINCES = (
    "An Giang, Bà Rịa – Vũng Tàu, Bạc Liêu, Bắc Giang, Bắc Kạn, Bắc Ninh, Bến Tre, Bình Dương, Bình Định, Bình Phước,"
    " Bình Thuận, Cà Mau, Cao Bằng, Cần Thơ, Đà Nẵng, Đắk Lắk, Đắk Nông, Điện Biên, Đồng Nai, Đồng Tháp, Gia Lai,"
    " Hà Giang, Hà Nam, Hà Nội, Hà Tĩnh, Hải Dương, Hải Phòng, Hậu Giang, Hoà Bình, Hưng Yên, Khánh Hoà, Kiên Giang,"
    " Kon Tum, Lai Châu, Lạng Sơn, Lào Cai, Lâm Đồng, Long An, Nam Định, Nghệ An, Ninh Bình, Ninh Thuận, Phú Thọ,"
    " Phú Yên, Quảng Bình, Quảng Nam, Quảng Ngãi, Quảng Ninh, Quảng Trị, Sóc Trăng, Sơn La, Tây Ninh, Thái Bình,"
    " Thái Nguyên, Thanh Hoá, Thừa Thiên Huế, Tiền Giang, Thành phố Hồ Chí Minh, Trà Vinh, Tuyên Quang, Vĩnh Long,"
    " Vĩnh Phúc, Yên Bái"
).split(", ")

TRADES = {
    "BD": "Bưu điện",
    "VT": "Viễn thông",
    "DD": "Công ty Thông tin di động",
    "IN": "Công ty Internet",
    "CPN": "Công ty Chuyển phát nhanh",
    "TS": "Trung tâm Kiểm soát tần số",
    "CNTT": "Trung tâm Công nghệ thông tin",
    "CAP": "Công ty Truyền dẫn cáp",
    "VTDL": "Công ty Viễn thông điện lực",
    "VS": "Trạm Thông tin vệ tinh",
    "DL": "Công ty Đại lý bưu chính",
    "HC": "Công ty Phát hành báo chí",
    "KT": "Trung tâm Kỹ thuật thông tin",
    "XL": "Công ty Xây lắp bưu điện",
    "TB": "Công ty Thiết bị viễn thông",
    "PM": "Công ty Phần mềm và nội dung số",
    "DC": "Trung tâm Dịch vụ đường dài",
    "TN": "Trung tâm Tin học và tính cước",
    "BV": "Trung tâm Bảo vệ mạng lưới",
    "DT": "Trường Đào tạo nghiệp vụ",
}
"""By the part of a code that says it; each exists in every province."""

DEPARTMENTS = {
    "VP": "Văn phòng Bộ",
    "VU-VT": "Vụ Viễn thông",
    "VU-BC": "Vụ Bưu chính",
    "VU-KHTC": "Vụ Kế hoạch – Tài chính",
    "VU-PC": "Vụ Pháp chế",
    "VU-KHCN": "Vụ Khoa học – Công nghệ",
    "VU-HTQT": "Vụ Hợp tác quốc tế",
    "CUC-TS": "Cục Tần số vô tuyến điện",
    "CUC-QLCL": "Cục Quản lý chất lượng",
    "TTRA": "Thanh tra Bộ",
}
"""The ministry's own; the first is the issuer's office, the others follow directives."""

SURNAMES = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý".split()
MIDDLE_NAMES = "Văn Thị Đức Thành Minh Quang Thanh Ngọc Hữu Xuân".split()
GIVEN_NAMES = (
    "An Bình Châu Dũng Giang Hà Hải Hạnh Hùng Hương Khánh Lan Long Mai Nam Phúc Quân Sơn Thảo Tuấn Yến".split()
)

SUBJECTS = (
    "tăng cường bảo đảm an toàn, an ninh thông tin",
    "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "phát triển hạ tầng viễn thông nông thôn",
    "quản lý thuê bao di động trả trước",
    "chống tin nhắn rác",
    "thực hành tiết kiệm, chống lãng phí",
    "nâng cao chất lượng bưu chính công ích",
    "cải cách thủ tục hành chính",
    "bảo đảm thông tin liên lạc dịp Tết Nguyên đán",
    "chuyển đổi sang địa chỉ Internet thế hệ mới",
    "quy hoạch băng tần số vô tuyến điện",
    "phòng cháy, chữa cháy tại các nhà trạm",
)

WORKS = (
    "rà soát, báo cáo hiện trạng",
    "xây dựng kế hoạch triển khai",
    "tập huấn cán bộ",
    "kiểm tra đại lý",
    "bố trí lực lượng ứng cứu",
    "tổng hợp số liệu thuê bao",
    "diễn tập bảo vệ mạng lưới",
    "hoàn thiện quy trình nội bộ",
    "công khai thủ tục trên trang thông tin",
    "báo cáo kết quả thực hiện",
)
"""What a directive's duties ask for, in their order."""
