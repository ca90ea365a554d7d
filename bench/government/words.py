"""The words of a government: ministries and what they are made of, provinces' services, names of people and places."""

MINISTRIES = {
    "BQP": ("Bộ Quốc phòng", "quốc phòng"),
    "BCA": ("Bộ Công an", "an ninh trật tự"),
    "BNG": ("Bộ Ngoại giao", "đối ngoại"),
    "BNV": ("Bộ Nội vụ", "tổ chức bộ máy"),
    "BTP": ("Bộ Tư pháp", "hành chính tư pháp"),
    "BKHDT": ("Bộ Kế hoạch và Đầu tư", "đầu tư công"),
    "BTC": ("Bộ Tài chính", "ngân sách nhà nước"),
    "BCT": ("Bộ Công Thương", "thị trường trong nước"),
    "BNNPTNT": ("Bộ Nông nghiệp và Phát triển nông thôn", "phòng, chống thiên tai"),
    "BGTVT": ("Bộ Giao thông vận tải", "an toàn giao thông"),
    "BXD": ("Bộ Xây dựng", "trật tự xây dựng"),
    "BTNMT": ("Bộ Tài nguyên và Môi trường", "bảo vệ môi trường"),
    "BTTTT": ("Bộ Thông tin và Truyền thông", "an toàn thông tin mạng"),
    "BLDTBXH": ("Bộ Lao động – Thương binh và Xã hội", "giảm nghèo bền vững"),
    "BVHTTDL": ("Bộ Văn hoá, Thể thao và Du lịch", "quản lý lễ hội"),
    "BKHCN": ("Bộ Khoa học và Công nghệ", "đổi mới sáng tạo"),
    "BGDDT": ("Bộ Giáo dục và Đào tạo", "thi và tuyển sinh"),
    "BYT": ("Bộ Y tế", "phòng, chống dịch bệnh"),
    "UBDT": ("Uỷ ban Dân tộc", "chính sách dân tộc"),
    "NHNN": ("Ngân hàng Nhà nước Việt Nam", "thanh toán không dùng tiền mặt"),
    "TTCP": ("Thanh tra Chính phủ", "tiếp công dân"),
    "VPCP": ("Văn phòng Chính phủ", "kiểm soát thủ tục hành chính"),
}
"""By code: the name and the field of work. The ministries and ministerial agencies of before 2025."""

DEPARTMENTS = (
    "Văn phòng",
    "Vụ Tổ chức cán bộ",
    "Vụ Pháp chế",
    "Thanh tra",
    "Vụ Kế hoạch – Tài chính",
    "Vụ Hợp tác quốc tế",
    "Vụ Khoa học, công nghệ",
    "Cục Công nghệ thông tin",
    "Vụ Thi đua – Khen thưởng",
    "Cục Quản lý chuyên ngành",
    "Vụ Chính sách",
    "Cục Kế hoạch và Giám sát",
    "Tổng cục Quản lý chuyên ngành",
    "Vụ Truyền thông",
    "Cục Công tác phía Nam",
    "Viện Chiến lược",
    "Trung tâm Thông tin",
    "Trường Bồi dưỡng cán bộ",
)
"""Of every ministry, the most needed first."""
FIRST_SUBORDINATE = 15
"""From this one on they are đơn vị sự nghiệp, not cơ quan tham mưu."""

SERVICES = {
    "SYT": ("Sở Y tế", "BYT"),
    "SGDDT": ("Sở Giáo dục và Đào tạo", "BGDDT"),
    "STC": ("Sở Tài chính", "BTC"),
    "SKHDT": ("Sở Kế hoạch và Đầu tư", "BKHDT"),
    "SNV": ("Sở Nội vụ", "BNV"),
    "STP": ("Sở Tư pháp", "BTP"),
    "SCT": ("Sở Công Thương", "BCT"),
    "SNNPTNT": ("Sở Nông nghiệp và Phát triển nông thôn", "BNNPTNT"),
    "SGTVT": ("Sở Giao thông vận tải", "BGTVT"),
    "SXD": ("Sở Xây dựng", "BXD"),
    "STNMT": ("Sở Tài nguyên và Môi trường", "BTNMT"),
    "STTTT": ("Sở Thông tin và Truyền thông", "BTTTT"),
    "SLDTBXH": ("Sở Lao động – Thương binh và Xã hội", "BLDTBXH"),
    "SVHTTDL": ("Sở Văn hoá, Thể thao và Du lịch", "BVHTTDL"),
    "SKHCN": ("Sở Khoa học và Công nghệ", "BKHCN"),
    "TTT": ("Thanh tra tỉnh", "TTCP"),
    "VPUB": ("Văn phòng Uỷ ban nhân dân tỉnh", "VPCP"),
    "BDT": ("Ban Dân tộc tỉnh", "UBDT"),
}
"""Of every province, with the ministry whose field it is."""

TRADES = {
    "Công ty Cổ phần Vận tải": "BGTVT",
    "Công ty Cổ phần Viễn thông": "BTTTT",
    "Công ty TNHH Xây dựng": "BXD",
    "Công ty Cổ phần Dược phẩm": "BYT",
    "Tổng công ty Điện lực": "BCT",
    "Công ty Cổ phần Thuỷ sản": "BNNPTNT",
    "Công ty TNHH Môi trường đô thị": "BTNMT",
    "Công ty Cổ phần Du lịch": "BVHTTDL",
    "Quỹ Tín dụng nhân dân": "NHNN",
    "Công ty Cổ phần Phát hành sách": "BGDDT",
}
SCHOOLS = ("Trường Trung học phổ thông", "Trường Trung học cơ sở", "Trường Tiểu học", "Trường Cao đẳng Nghề")
HOSPITALS = ("Bệnh viện Đa khoa", "Bệnh viện Phụ sản", "Trung tâm Y tế", "Bệnh viện Y học cổ truyền")

PLACES = (
    "An Bình",
    "An Hoà",
    "Bình An",
    "Bình Minh",
    "Cẩm Sơn",
    "Châu Thành",
    "Đại Đồng",
    "Đông Hải",
    "Đồng Tâm",
    "Đức Thắng",
    "Hoà Bình",
    "Hoà Thuận",
    "Hồng Phong",
    "Hưng Thịnh",
    "Kim Sơn",
    "Lộc An",
    "Long Khánh",
    "Mỹ Đức",
    "Mỹ Hưng",
    "Nam Sơn",
    "Nghĩa Hưng",
    "Ngọc Sơn",
    "Ninh Phước",
    "Phú Cường",
    "Phú Lộc",
    "Phước Long",
    "Quang Trung",
    "Quảng Phú",
    "Tam Kỳ",
    "Tân Lập",
    "Tân Phú",
    "Thạch Hà",
    "Thanh Bình",
    "Thanh Sơn",
    "Thuận An",
    "Tiên Phước",
    "Trung Chính",
    "Vạn Thắng",
    "Việt Hùng",
    "Vĩnh Lộc",
    "Xuân Lộc",
    "Yên Định",
)
"""Of districts and communes; several of them bear the same one, as in life."""

SURNAMES = {
    "Nguyễn": 38,
    "Trần": 11,
    "Lê": 10,
    "Phạm": 7,
    "Hoàng": 4,
    "Huỳnh": 2,
    "Phan": 5,
    "Vũ": 4,
    "Võ": 3,
    "Đặng": 3,
    "Bùi": 3,
    "Đỗ": 2,
    "Hồ": 2,
    "Ngô": 2,
    "Dương": 1,
    "Lý": 1,
    "Đinh": 1,
    "Trịnh": 1,
    "Mai": 1,
    "Lương": 1,
}
"""Each with how many of a hundred people bear it, more or less."""
MEN = (
    "Văn Đức Hữu Quang Minh Thành Xuân Công Đình Anh".split(),
    "An Bình Cường Dũng Đạt Hải Hiếu Hùng Huy Khánh Khoa Long Mạnh Nam Phong Phúc Quân Sơn Tài Thắng Toàn Tuấn".split(),
)
WOMEN = (
    "Thị Ngọc Thanh Thu Bích Kim Mai Phương Hồng Diệu".split(),
    "Anh Chi Dung Giang Hà Hạnh Hằng Hoa Hương Lan Linh Loan Mai Ngân Nhung Phượng Quyên Thảo Thuỷ Trang Yến".split(),
)
"""Middle names and given names."""

WORKS = (
    "rà soát, thống kê hiện trạng {field}",
    "xây dựng kế hoạch về {field}",
    "tổ chức tập huấn nghiệp vụ {field}",
    "kiểm tra việc chấp hành quy định về {field}",
    "bố trí kinh phí cho công tác {field}",
    "hoàn thiện quy chế phối hợp về {field}",
    "công khai kết quả {field} trên cổng thông tin",
    "tổng kết, đánh giá công tác {field}",
)
"""What duties done once ask for."""
SUBJECTS = (
    "tăng cường công tác {field}",
    "chấn chỉnh công tác {field}",
    "một số giải pháp cấp bách về {field}",
    "nâng cao hiệu quả quản lý nhà nước về {field}",
    "bảo đảm công tác {field} dịp Tết Nguyên đán",
)
REASONS = (
    "Khối lượng công việc lớn, cần thêm thời gian tổng hợp",
    "Chờ số liệu của các đơn vị trực thuộc",
    "Chưa được bố trí kinh phí",
    "Chưa có hướng dẫn chuyên môn của cấp trên",
    "Thiếu số liệu của quý trước, đề nghị bổ sung",
)
