"""Constructions of real documents, each with the sentence that its rule was made for."""

import pytest

from tests.intake.passages import duties, passage, values
from workflows.intake.duties.unnumbered import orders
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating, read_leads
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.read import read
from workflows.intake.times.days import make_day
from workflows.intake.times.deadlines import read_deadlines

ISSUED = make_day(7, 5, 2022)


def who(text: str) -> list[str]:
    return values(read_addressees(passage(text)))


def when(text: str) -> list[str]:
    found = read_deadlines(passage(text), ISSUED)
    return [f"{one.op} {one.day}" if one.day else f"{one.kind} {one.rule}" for one in found if one.kind != "none"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (  # names behind the colon of a kind
            "Các sở: Kế hoạch và Đầu tư, Xây dựng, Giao thông vận tải; Ủy ban nhân dân các huyện, thị xã rà soát "
            "quy hoạch",
            ["Các sở: Kế hoạch và Đầu tư, Xây dựng, Giao thông vận tải", "Ủy ban nhân dân các huyện, thị xã"],
        ),
        (
            "Chủ tịch UBND các huyện: Lục Ngạn, Sơn Động, Yên Thế chịu trách nhiệm trước Chủ tịch UBND tỉnh",
            ["Chủ tịch UBND các huyện: Lục Ngạn, Sơn Động, Yên Thế"],
        ),
        (  # a list of names that goes on behind a semicolon
            "Chủ tịch Ủy ban nhân dân các huyện; Giám đốc các Sở, Thủ trưởng các ban, ngành của tỉnh tiếp tục "
            "quán triệt",
            ["Chủ tịch Ủy ban nhân dân các huyện", "Giám đốc các Sở", "Thủ trưởng các ban, ngành của tỉnh"],
        ),
        (  # a heading with what the kind does
            "Các doanh nghiệp viễn thông và truyền hình cáp hoạt động kinh doanh trên địa bàn tỉnh:\na) Xây dựng "
            "kế hoạch;",
            ["Các doanh nghiệp viễn thông và truyền hình cáp hoạt động kinh doanh trên địa bàn tỉnh"],
        ),
        (  # the actor behind whom an item concerns
            "Đối với các dự án chậm tiến độ, Sở Xây dựng phải thành lập tổ kiểm tra, xong trước ngày 30/6/2022",
            ["Sở Xây dựng"],
        ),
        (  # a later sentence that charges somebody else
            "Cục Đường bộ chỉ đạo các nhà thầu thu dọn vật liệu. Giám đốc các Ban Quản lý dự án chịu trách nhiệm trước"
            " Bộ trưởng nếu để xảy ra tai nạn",
            ["Cục Đường bộ", "Giám đốc các Ban Quản lý dự án"],
        ),
        (
            "Giao Bộ trưởng Bộ Công nghiệp đôn đốc việc thực hiện. Các Bộ trưởng căn cứ nhiệm vụ được giao thực "
            "hiện nghiêm",
            ["Bộ trưởng Bộ Công nghiệp", "Các Bộ trưởng"],
        ),
        (  # two ordered in one breath
            "Yêu cầu các đơn vị thuộc Bộ, đề nghị Ủy ban nhân dân cấp tỉnh khẩn trương tổ chức thực hiện",
            ["các đơn vị thuộc Bộ", "Ủy ban nhân dân cấp tỉnh"],
        ),
        (  # a relative clause between the name and the order
            "Ủy ban nhân dân các tỉnh nơi có vàng, đá quý phải trực tiếp chỉ đạo",
            ["Ủy ban nhân dân các tỉnh nơi có vàng, đá quý"],
        ),
        (  # a bracket of its own behind the sentence
            "Rà soát quy hoạch mạng lưới trường lớp. (Phòng Kế hoạch - Tài chính).",
            ["Phòng Kế hoạch - Tài chính"],
        ),
        (  # a heading that says at which level
            "Cấp tỉnh\n- Ban chuyên môn hướng dẫn cơ sở triển khai.\n- Trung tâm Dạy nghề mở lớp.",
            ["Ban chuyên môn", "Trung tâm Dạy nghề"],
        ),
        (  # a topic before the order
            "Về biên chế cho Trung tâm Phát triển quỹ đất: Giao Sở Nội vụ nghiên cứu, tham mưu",
            ["Sở Nội vụ"],
        ),
        (  # an office's role behind a dash
            "Sở Lao động - Thương binh và Xã hội - thường trực kế hoạch:\n- Triển khai.",
            ["Sở Lao động - Thương binh và Xã hội"],
        ),
        (  # a range of provinces
            "Chủ tịch UBND các tỉnh, thành phố ven biển từ Quảng Ninh đến Thanh Hóa tổ chức kiểm đếm tàu thuyền",
            ["Chủ tịch UBND các tỉnh, thành phố ven biển từ Quảng Ninh đến Thanh Hóa"],
        ),
        ("Giao Ban Quản lý dự án tỉnh đôn đốc nhà thầu thi công", ["Ban Quản lý dự án tỉnh"]),  # no "giao ban"
    ],
)
def test_who_must_act(text: str, wanted: list[str]) -> None:
    assert who(text) == wanted


def test_organisations_act_and_organising_is_done() -> None:
    assert who("Các cơ quan, tổ chức cần tiết kiệm điện") == ["Các cơ quan, tổ chức"]
    assert who("Các cơ quan, đơn vị tổ chức hội nghị") == ["Các cơ quan, đơn vị"]


def test_a_line_that_says_who_leads_is_no_addressee() -> None:
    text = "Khảo sát nhu cầu\n- Cơ quan chủ trì: Sở Tư pháp.\n- Cơ quan phối hợp: Tỉnh đoàn."
    found = duties(f"1. {text}\n2. Sở Y tế báo cáo.")["1"]
    assert values(found.addressees) == values(found.lead) == ["Sở Tư pháp"]
    assert values(found.coordinating) == ["Tỉnh đoàn"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bộ Công nghiệp chủ trì, cùng Bộ Tài chính và Bộ Tư pháp rà soát", ["Bộ Tài chính", "Bộ Tư pháp"]),
        ("Bộ chỉ huy quân sự tỉnh chủ trì cùng Công an tỉnh tổ chức lực lượng", ["Công an tỉnh"]),
        ("Chủ trì, cùng với Thanh tra tỉnh, Sở Xây dựng kiểm tra các tổ chức", ["Thanh tra tỉnh", "Sở Xây dựng"]),
        (
            "Cục Quản lý thị trường chủ trì, Công an tỉnh, Sở Giao thông vận tải phối hợp kiểm soát",
            ["Công an tỉnh", "Sở Giao thông vận tải"],
        ),
        (
            "Tăng cường phối hợp với các địa phương, đặc biệt là với các Sở Xây dựng",
            ["các địa phương", "các Sở Xây dựng"],
        ),
    ],
)
def test_who_takes_part(text: str, wanted: list[str]) -> None:
    assert values(read_coordinating(passage(text))) == wanted


def test_who_directs_another_to_lead_does_not_lead() -> None:
    text = "Thứ trưởng Lê Văn A chỉ đạo Vụ Pháp chế chủ trì xây dựng Thông tư"
    assert values(read_leads(passage(text), ())) == ["Vụ Pháp chế"]


def test_an_office_charged_with_drafting_leads_nothing_by_its_name() -> None:
    assert read_leads(passage("Cơ quan được giao chủ trì soạn thảo văn bản có trách nhiệm lấy ý kiến"), ()) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tham mưu ban hành Quy định. Thời gian hoàn thành: Quý III/2022.", ["within 2022-09-30"]),
        ("Thời hạn hoàn thành: 30/6/2022", ["within 2022-06-30"]),
        ("Tham mưu UBND tỉnh tổ chức diễn tập cấp tỉnh trong quý III/2022.", ["within 2022-09-30"]),
        ("Trình Chính phủ trong quý III năm 2022 Nghị định về xử lý nợ", ["within 2022-09-30"]),
        ("Báo cáo tình hình thu ngân sách trong quý III năm 2022.", []),
        ("Tập huấn\n- Thời gian: 1/2 ngày - Sáng: từ 8h30 - Chiều: từ 14h00", []),
        ("Kiểm tra điều kiện kinh doanh; báo cáo UBND tỉnh kết quả trong quý III/2022.", ["within 2022-09-30"]),
        ("Phải khẩn trương hoàn chỉnh để trình Thủ tướng Chính phủ chậm nhất là ngày 31/5/2022", ["within 2022-05-31"]),
        ("Hoàn thành việc giao dự toán để thực hiện Đề án trước ngày 27 tháng 6 năm 2022", ["before 2022-06-27"]),
        ("Tổ chức rà soát trước ngày Quốc khánh 02/9/2022", ["before 2022-09-02"]),
        (
            "Báo cáo tiến độ hằng quý, chậm nhất ngày 20 của tháng cuối quý",
            ["recurring every quarter; last month of each quarter, by day 20"],
        ),
        (
            "Báo cáo kết quả thực hiện 6 tháng (trước ngày 15/6), năm (trước ngày 15/12) về Sở",
            ["recurring every 6 months; every year, before day 15/6 and 15/12"],
        ),
        ("Tổng hợp, báo cáo Thủ tướng Chính phủ trước 16 giờ hằng ngày", ["recurring every day, before 16:00"]),
        ("Khi có bão gần phải báo cáo về Ban chỉ huy 3 giờ một lần", ["recurring every 3 hours"]),
        ("Định kỳ mỗi học kỳ một lần báo cáo Sở", ["recurring every 6 months"]),
        ("Chỉ thị này có hiệu lực thi hành sau 10 ngày kể từ ngày ký", []),
    ],
)
def test_until_when(text: str, wanted: list[str]) -> None:
    assert when(text) == wanted


def test_who_is_only_advised_is_no_recipient_and_reports_himself() -> None:
    assert read_reports(passage("Tổng hợp kết quả, tham mưu UBND tỉnh báo cáo Bộ Tư pháp theo quy định")) == []


def test_what_the_issuer_will_pass_up_is_no_report() -> None:
    text = "Hoàn thành trước ngày 05/11; Bộ Nội vụ sẽ tổng hợp danh sách, báo cáo Thủ tướng Chính phủ"
    assert read_reports(passage(text)) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Thanh tra Bộ tổ chức các đoàn kiểm tra việc thực hiện Chỉ thị này tại các Sở", ["Thanh tra Bộ"]),
        (
            "Giao Phó Chủ tịch chỉ đạo, Văn phòng Chính phủ theo dõi, đôn đốc việc thực hiện Chỉ thị này",
            ["Văn phòng Chính phủ"],
        ),
        (
            "Giao Ban chỉ huy tỉnh giúp Ủy ban nhân dân tỉnh theo dõi, đôn đốc việc thực hiện Chỉ thị này",
            ["Ban chỉ huy tỉnh"],
        ),
        (
            "Phòng Nghiệp vụ Y phối hợp với các phòng chức năng kiểm tra, giám sát các đơn vị triển khai Kế hoạch này",
            ["Phòng Nghiệp vụ Y"],
        ),
        ("Ban Quản lý dự án đôn đốc các nhà thầu đẩy nhanh tiến độ", []),
        ("Mặt trận giám sát việc thực hiện văn bản quy phạm pháp luật của các cơ quan", []),
    ],
)
def test_who_presses(text: str, wanted: list[str]) -> None:
    assert values(read_supervisors(passage(text), ())) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Nguyên nhân: một số địa phương chủ quan, chưa tổ chức giám sát",
        "Ngày 21/4/2022, tại trụ sở UBND tỉnh, Chủ tịch UBND tỉnh chủ trì Hội nghị giao ban",
        "Thứ trưởng Nguyễn Văn A chủ trì hội nghị",
        "Bộ Nội vụ mong nhận được sự phối hợp của Quý cơ quan",
        "Trước yêu cầu đổi mới công tác thi đua trong giai đoạn hiện nay",
    ],
)
def test_what_tells_or_thanks_orders_nobody(text: str) -> None:
    assert not orders(passage(text))


def test_capital_letters_below_roman_parts() -> None:
    found = duties(
        "II. NỘI DUNG\nA. Giai đoạn chuẩn bị\n1. Sở Y tế khảo sát hạ tầng.\nB. Giai đoạn thí điểm\n1. Sở Y tế "
        "tập huấn.\n"
        "III. TỔ CHỨC THỰC HIỆN\n1. Sở Tài chính bố trí kinh phí."
    )
    assert list(found) == ["II.A.1", "II.B.1", "III.1"]


def test_lines_behind_the_last_item_hold_for_the_whole_section() -> None:
    found = duties(
        "I. NỘI DUNG\n1. Khảo sát hiện trạng.\n2. Tập huấn cán bộ.\nĐơn vị thực hiện: Các bệnh viện tuyến tỉnh.\n"
        "Đơn vị phối hợp: Phòng Nghiệp vụ Y.\nThời gian thực hiện: Từ tháng 6 đến hết tháng 9 năm 2022."
    )
    for path in ("I.1", "I.2"):
        assert values(found[path].addressees) == ["Các bệnh viện tuyến tỉnh"]
        assert values(found[path].coordinating) == ["Phòng Nghiệp vụ Y"]
        assert [str(one.day) for one in found[path].deadlines] == ["2022-09-30"]


def test_ordinals_begin_orders_and_what_follows_them_closes() -> None:
    found = duties(
        "Tổng cục Thuế yêu cầu các Cục Thuế triển khai ngay các giải pháp sau:\n"
        "Thứ nhất, khẩn trương rà soát nợ thuế trước ngày 15/12/2014.\n"
        "Thứ hai, Cục Thuế thành phố Hà Nội báo cáo Ủy ban nhân dân thành phố.\n"
        "Vụ Quản lý nợ có trách nhiệm theo dõi, đôn đốc các Cục Thuế thực hiện."
    )
    assert list(found) == ["body.1", "body.2", "closing.1"]
    assert values(found["body.1"].addressees) == ["các Cục Thuế"]
    assert values(found["body.2"].addressees) == ["Cục Thuế thành phố Hà Nội"]
    assert values(found["closing.1"].supervisor) == ["Vụ Quản lý nợ"]


def test_a_part_whose_heading_stands_on_the_next_line_orders_nobody_by_its_aims() -> None:
    found = duties(
        "PHẦN THỨ NHẤT\nMỤC TIÊU\n1. Nâng cao chất lượng phổ cập giáo dục.\nPHẦN THỨ HAI\nNHIỆM VỤ\n1. Văn phòng "
        "Sở mở chuyên mục."
    )
    assert list(found) == ["2.1"]


def test_a_quoted_law_orders_nobody() -> None:
    text = (
        "1. Điều 23 Thông tư số 59/2015/TT-BLĐTBXH quy định:\na) Cơ quan quản lý người lao động có trách "
        "nhiệm lập hồ sơ.\n"
    )
    assert list(duties(text + "2. Sở Nội vụ báo cáo.")) == ["2"]


def test_a_number_whose_point_a_scanner_lost() -> None:
    found = duties("2. Nhiệm vụ\n2.1. Sở Tài chính rà soát.\n2.2. Sở Xây dựng công bố giá.\n23. Sở Y tế báo cáo.\n")
    assert list(found) == ["2.1", "2.2", "2.3"]


def test_who_directs_others_leaves_the_list_below_to_them() -> None:
    found = duties(
        "1. Sở Y tế chỉ đạo các bệnh viện:\na) Trực cấp cứu.\n2. Cục Quản lý giá có nhiệm vụ:\na) Bình ổn giá."
    )
    assert values(found["1.a"].addressees) == ["các bệnh viện"]
    assert values(found["2.a"].addressees) == ["Cục Quản lý giá"]


def test_a_table_bears_the_number_of_the_part_it_stands_in() -> None:
    found = duties(
        "I. MỤC TIÊU\nTăng chỉ số.\nII. PHÂN CÔNG\n| STT | Nội dung công việc | Cơ quan chủ trì | Thời gian |\n"
        "|---|---|---|---|\n| 1 | Công khai quy hoạch | Sở Xây dựng | Quý III/2022 |\n"
        "III. TỔ CHỨC THỰC HIỆN\n1. Sở Nội vụ báo cáo.\n"
    )
    assert list(found) == ["II.1", "III.1"]


def test_what_goes_on_below_the_last_item_is_no_order_of_the_whole_document() -> None:
    found = duties(
        "1. Sở Y tế báo cáo.\n2. Phát động thi đua\nNăm 2010 có nhiều sự kiện.\n"
        "Các Sở phát động cụ thể trong từng đơn vị.\nChánh Văn phòng chịu trách nhiệm thi hành Chỉ thị này."
    )
    assert list(found) == ["1", "2", "closing.1"]


def test_one_paragraph_that_charges_two_is_two_orders() -> None:
    found = duties(
        "1. Sở Y tế báo cáo.\nYêu cầu Thủ trưởng các cơ quan nghiêm túc thực hiện Chỉ thị này. Giao Sở Nội vụ "
        "theo dõi, đôn đốc,"
        " tổng hợp, báo cáo Ủy ban nhân dân tỉnh."
    )
    assert values(found["closing.1"].addressees) == ["Thủ trưởng các cơ quan"]
    assert values(found["closing.2"].supervisor) == ["Sở Nội vụ"]


def test_a_conclusion_may_order_in_a_later_sentence() -> None:
    text = (
        "THÔNG BÁO\nKết luận của Phó Thủ tướng về kế hoạch\n\n1. Về kế hoạch năm 2005: Tổng công ty đã đạt nhiều "
        "kết quả."
        " Tổng công ty Hàng hải cần sớm hoàn chỉnh báo cáo.\n2. Bộ Tài chính có trách nhiệm bố trí vốn."
    )
    assert [one.path for one in read(text).duties] == ["1", "2"]


def test_a_portals_line_of_properties_names_the_number() -> None:
    text = (
        "Số hiệu: 17/CT-BTTTT | Loại văn bản: Chỉ thị\nCHỈ THỊ\nVề việc ngăn chặn SIM rác\n1. Cục Viễn thông báo cáo."
    )
    number = read(text).heading.number
    assert number is not None and number.value == "17/CT-BTTTT"


def test_an_issuer_in_small_letters_beside_the_name_of_the_state() -> None:
    text = (
        "Uỷ ban nhân dân          Cộng hoà xã hội chủ nghĩa Việt Nam\nTỉnh Bến Tre         Độc lập - Tự do - "
        "Hạnh phúc\n"
        "Số: 21/1998/CT-UB\nCHỈ THỊ\nVề phòng, chống lụt bão\n1. Sở Thuỷ sản báo cáo."
    )
    issuer = read(text).heading.issuer
    assert issuer is not None and issuer.value == "Uỷ ban nhân dân Tỉnh Bến Tre"
