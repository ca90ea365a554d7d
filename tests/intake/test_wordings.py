"""Other wordings of what directives say: each rule with the sentence it was made for."""

import pytest

from tests.intake.passages import duties, passage, values
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating, read_leads
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.read import read
from workflows.intake.times.days import make_day
from workflows.intake.times.deadlines import read_deadlines

ISSUED = make_day(22, 5, 2024)


def when(text: str) -> list[str]:
    found = read_deadlines(passage(text), ISSUED)
    return [f"{one.op} {one.day}" if one.day else f"{one.kind} {one.rule}" for one in found if one.kind != "none"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tổ chức đợt cao điểm từ ngày 01/9 đến hết ngày 15/10/2024;", ["within 2024-10-15"]),  # a range of the work
        ("Thực hiện từ Quý III - IV/2024.", ["within 2024-12-31"]),
        ("số liệu tính từ ngày 01/9/2024 đến ngày 30/9/2024", []),  # a period that is only described
        ("có hiệu lực từ ngày 01/9/2024 đến hết ngày 31/12/2025", []),
        ("chính sách từ nay đến năm 2030", []),
        ("hoàn thành trong tuần 02 tháng 8/2024", ["within 2024-08-14"]),  # the second week ends on the 14th
        ("xong trong tuần cuối tháng 9/2024.", ["within 2024-09-30"]),
        ("hoàn thành giữa tháng 9/2024", ["within 2024-09-15"]),
        ("trong tháng này hoàn thành rà soát", ["within 2024-05-31"]),  # seen from the document's day
        ("gửi chậm nhất 17 giờ 00 thứ Sáu, ngày 30/8/2024", ["within 2024-08-30"]),  # hour and weekday before a day
        ("thông xe kỹ thuật đúng ngày 02/9/2024", ["on 2024-09-02"]),
        ("tập huấn trong 02 ngày 24 và 25/7/2024 tại tỉnh", ["on 2024-07-25"]),  # several days of an event
        ("trước ngày 30/8/2024 và ngày 30/11/2024", ["before 2024-08-30", "before 2024-11-30"]),
        ("đến ngày 30/10/2024 phải hoàn thành việc bàn giao", ["within 2024-10-30"]),
        ("báo cáo trước ngày 5/9/24", ["before 2024-09-05"]),
        ("trong quý 3, xác định ngay từng việc", ["within 2024-09-30"]),  # a clause begins with its period
        ("hàng năm tổ chức sơ kết vào tháng 12", ["recurring every year"]),  # no date of its own
        ("vào ngày 25 hàng tháng (tháng 6, 7 và 8)", ["recurring every month, by day 25"]),
        ("báo cáo hằng tháng, trước ngày 05 của tháng sau", ["recurring every month, before day 05 of the next month"]),
        ("vào thứ Hai và thứ Sáu hằng tuần", ["recurring every week, on Monday and Friday"]),
        ("Hằng tuần, vào thứ Sáu, báo cáo Sở", ["recurring every week, on Friday"]),
        ("cứ 5 ngày một lần báo cáo mực nước", ["recurring every 5 days"]),  # rates of action
        ("phát bản tin cảnh báo 30 phút/lần", ["recurring every 30 minutes"]),
        ("hai tuần một lần họp giao ban", ["recurring every 2 weeks"]),
        ("kiểm tra ít nhất 01 lần/quý", ["recurring every quarter"]),
        ("thanh tra không quá 01 lần/năm", []),  # a bound is no deadline
        ("báo cáo 02 lần/ngày, trước 06 giờ 30 và trước 17 giờ 30", ["recurring every day, before 06:30 and 17:30"]),
        ("có mặt trong vòng 60 phút", ["relative trong vòng 60 phút"]),
        ("hoàn thành ít nhất 12 giờ trước khi bão đổ bộ", ["relative ít nhất 12 giờ trước khi bão đổ bộ"]),
        (
            "phải báo cáo ngay Sở Y tế và khôi phục trong thời gian không quá 04 giờ",
            ["relative báo cáo ngay Sở Y tế và khôi phục", "relative trong thời gian không quá 04 giờ"],
        ),
        ("chi trả cho đối tượng trước Tết Nguyên đán", ["relative trước Tết Nguyên đán"]),
        ("- Thời gian: 7 giờ 30 ngày 15/6/2024.", ["on 2024-06-15"]),  # an hour is no length
        ("- Thời gian: 02 ngày", []),
    ],
)
def test_until_when(text: str, wanted: list[str]) -> None:
    assert when(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Việc cấp phát áo phao giao cho Ban Quản lý các dự án thực hiện", ["Ban Quản lý các dự án"]),
        ("Những diện tích thiếu nước do các Sở Thủy lợi hướng dẫn chuyển đổi", ["các Sở Thủy lợi"]),
        ("Các đơn vị nêu trên, trừ Ban Quản lý dự án, báo cáo kết quả về Bộ", ["Các đơn vị nêu trên"]),
        ("Ban Quản lý dự án số 2 yêu cầu nhà thầu tổ chức thi công ngay", ["Ban Quản lý dự án số 2"]),
        (
            "Sở Khoa học và Công nghệ chủ trì; các cơ quan có tên tại Phụ lục gửi số liệu về Sở",
            ["Sở Khoa học và Công nghệ", "các cơ quan có tên tại Phụ lục"],
        ),
        (
            "Các cơ quan nêu tại khoản 1, 2 và 3 Chỉ thị này báo cáo về Bộ",
            ["Các cơ quan nêu tại khoản 1, 2 và 3 Chỉ thị này"],
        ),
        ("Kết thúc đợt hè, các đơn vị gửi báo cáo tổng kết", ["các đơn vị"]),
        ("Các công ty khai thác công trình thủy lợi vận hành trạm bơm", ["Các công ty khai thác công trình thủy lợi"]),
        ("Ủy ban nhân dân xã Tân Hội bàn giao mặt bằng", ["Ủy ban nhân dân xã Tân Hội"]),
        ("Bộ trưởng yêu cầu: Cục Hàng hải khẩn trương rà soát", ["Cục Hàng hải"]),
        ("Bộ trưởng nêu rõ, Chủ tịch Hội Nông dân chỉ đạo xây dựng kế hoạch", ["Chủ tịch Hội Nông dân"]),
        (
            "Trách nhiệm thực hiện của Bộ\n- Vụ Pháp chế:\n+ Chủ trì lập dự toán;\n- Văn phòng Bộ:\nChuẩn bị.",
            ["Vụ Pháp chế", "Văn phòng Bộ"],
        ),
        (
            "Hiệu trưởng các trường đại học, cao đẳng, giám đốc các sở giáo dục và đào tạo xây dựng kế hoạch",
            ["Hiệu trưởng các trường đại học, cao đẳng", "giám đốc các sở giáo dục và đào tạo"],
        ),
    ],
)
def test_who_acts(text: str, wanted: list[str]) -> None:
    assert values(read_addressees(passage(text))) == wanted


def test_who_takes_another_ones_place_leads() -> None:
    found = passage("Giao Sở Tài chính thay Sở Xây dựng làm cơ quan chủ trì, hoàn thành phương án")
    assert values(read_addressees(found)) == ["Sở Tài chính"]
    assert values(read_leads(found, ())) == ["Sở Tài chính"]


def test_a_dash_below_a_name_leads_for_that_name_alone() -> None:
    found = passage("Bộ Nội vụ\n- Vụ Pháp chế:\n+ Chủ trì lập dự toán;\n+ Theo dõi, đôn đốc các tỉnh triển khai.")
    assert values(read_leads(found, ())) == ["Vụ Pháp chế"]
    assert values(read_supervisors(found, ())) == ["Vụ Pháp chế"]


def test_taking_part_is_also_said_as_a_noun() -> None:
    text = "Vụ Pháp chế chủ trì, với sự tham gia của Cục Viễn thông và đại diện các doanh nghiệp, xây dựng dự thảo"
    assert values(read_coordinating(passage(text))) == ["Cục Viễn thông", "đại diện các doanh nghiệp"]


def test_a_report_goes_to_one_or_the_other() -> None:
    text = "hiệu trưởng báo cáo ngay cho lãnh đạo Phòng Giáo dục hoặc lãnh đạo Sở"
    assert values(read_reports(passage(text))) == ["lãnh đạo Phòng Giáo dục", "lãnh đạo Sở"]


def test_what_the_ministry_reports_onward_is_no_report_of_the_duty() -> None:
    assert read_reports(passage("trình Bộ trong quý I/1999 để Bộ báo cáo Thủ tướng Chính phủ")) == []


def test_those_who_help_the_head_to_watch_all_do() -> None:
    text = "Vụ Tổ chức cán bộ, Thanh tra Bộ giúp Bộ trưởng kiểm tra việc thi hành Quyết định này."
    assert values(read_supervisors(passage(text), ())) == ["Vụ Tổ chức cán bộ", "Thanh tra Bộ"]


DECISION = """BỘ XÂY DỰNG
Số: 12/QĐ-BXD

Hà Nội, ngày 12 tháng 6 năm 2024

QUYẾT ĐỊNH
Ban hành Kế hoạch kiểm tra văn bản

BỘ TRƯỞNG BỘ XÂY DỰNG

Căn cứ Luật Tổ chức Chính phủ;

QUYẾT ĐỊNH:

Điều 1. Phê duyệt Kế hoạch kiểm tra văn bản năm 2024.

Điều 2. Giao Vụ Pháp chế chủ trì tổ chức triển khai kế hoạch này.

Văn phòng Bộ có trách nhiệm bố trí kinh phí cho công tác kiểm tra.

Điều 3. Quyết định này có hiệu lực kể từ ngày ký.

Chánh Văn phòng Bộ, Vụ trưởng Vụ Pháp chế chịu trách nhiệm thi hành Quyết định này.

Điều 4. Tổ chức thực hiện

Giao Thanh tra Bộ theo dõi, đôn đốc việc thực hiện Quyết định này.

Nơi nhận:
"""


def test_articles_are_paths_and_their_paragraphs_too() -> None:
    found = read(DECISION)
    assert [one.path for one in found.duties] == ["Điều 2", "Điều 2.body.1", "Điều 3", "Điều 4.body.1"]
    assert found.heading.title is not None and found.heading.title.value == "Ban hành Kế hoạch kiểm tra văn bản"


def test_a_task_spelt_out_below_an_article_is_one_duty() -> None:
    found = read(
        "NGHỊ QUYẾT\nVề việc A\n\nĐiều 2. Điều chỉnh nhiệm vụ như sau:\n1. Tên nhiệm vụ: Xây dựng Đề án B.\n"
        "2. Cơ quan chủ trì: Bộ Tư pháp.\n3. Cơ quan phối hợp: Các bộ, ngành.\n4. Kết quả: Quyết định.\n"
        "5. Thời gian hoàn thành: Quý IV/2026."
    ).duties
    assert [(one.path, values(one.lead), str(one.deadlines[0].day)) for one in found] == [
        ("Điều 2.1", ["Bộ Tư pháp"], "2026-12-31")
    ]


def test_paragraphs_below_a_sentence_that_opens_a_list_are_orders() -> None:
    found = read(
        "Kính gửi: Các trường trung học\n\nThực hiện Công văn số 1/UBND, trong đó giao Sở Giáo dục báo cáo trước ngày "
        "15/9/2018, Sở đề nghị thực hiện một số nội dung sau:\n\n"
        "Tổ chức bàn giao học sinh xong trước ngày 31/5/2018.\n\n"
        "Đơn vị không báo cáo sẽ bị trừ điểm thi đua.\n\nTrân trọng./."
    ).duties
    assert [(one.path, str(one.deadlines[0].day)) for one in found] == [("body.1", "2018-05-31")]


def test_what_an_office_did_and_will_do_is_no_duty() -> None:
    found = duties("1. Rà soát hồ sơ.\n\n2. Bộ đã cử 3 đoàn công tác.\n\n3. Kinh phí cho việc này được cân đối từ "
                   "ngân sách. Giao Phòng Tài chính thẩm định dự toán.\n")  # fmt: skip
    assert list(found) == ["1", "3"]


def test_lettered_orders_below_a_heading_of_funds_count() -> None:
    found = duties("1. Về nguồn vốn\n\na) Bộ Tài chính rà soát phương án.\n\n2. Xong việc này.\n")
    assert "1.a" in found


def test_the_day_below_the_title_is_the_documents() -> None:
    found = read("UBND HUYỆN A\nSố: 05/CT-UBND\n\nCHỈ THỊ\nVề việc B\n\nMường Khoa, ngày 07 tháng 11 năm 2011\n\n1. C.")
    assert str(found.heading.issued_on) == "2011-11-07"


PLAN = "KẾ HOẠCH\nThực hiện Đề án A\n\n"


def test_columns_may_stand_in_any_order_and_parts_head_their_rows() -> None:
    found = read(
        f"{PLAN}| STT | Cơ quan chủ trì | Nội dung | Trình trước | Cơ quan phối hợp |\n"
        "| I | | TUYÊN TRUYỀN | | |\n"
        "| 1 | Sở Y tế | Xây dựng chuyên trang về y tế cơ sở | Tháng 9/2024 | Sở Tài chính |\n"
        "| 2 | UBND các huyện | Rà soát danh mục trạm y tế xã | 2026 và hằng năm | |\n"
    ).duties
    assert [(one.path, values(one.lead), values(one.coordinating)) for one in found] == [
        ("I.1", ["Sở Y tế"], ["Sở Tài chính"]),
        ("I.2", ["UBND các huyện"], []),
    ]
    assert [[one.kind for one in duty.deadlines] for duty in found] == [["fixed"], ["fixed", "recurring"]]
    first = found[0].deadlines[0]
    assert (str(first.day), first.op) == ("2024-09-01", "before")


def test_rows_of_a_drawn_table_stand_on_several_lines() -> None:
    found = read(
        PLAN + "|TT  |Nội dung                 |Thời gian      |Cơ quan chủ trì|\n"
        "|1.  |Điều tra xã hội học về   |Tháng 4 - tháng|Bộ Nội vụ (Vụ  |\n"
        "|    |mức độ hài lòng của dân  |5/2024         |Pháp chế)      |\n"
        "|2.  |Tổ chức đánh giá tại các |Gửi báo cáo về |Các bộ, các    |\n"
        "|    |bộ, các tỉnh             |Bộ Nội vụ trước|tỉnh           |\n"
        "|    |                         |ngày 31/3/2024 |               |\n"
    ).duties
    assert [one.text for one in found] == [
        "Điều tra xã hội học về mức độ hài lòng của dân",
        "Tổ chức đánh giá tại các bộ, các tỉnh",
    ]
    assert [(str(one.deadlines[0].day), one.deadlines[0].op) for one in found] == [
        ("2024-05-31", "within"),
        ("2024-03-31", "before"),
    ]
    assert values(found[0].lead) == ["Bộ Nội vụ (Vụ Pháp chế)"] and values(found[1].reports_to) == ["Bộ Nội vụ"]


def test_a_table_whose_bars_were_lost_is_read_less_surely() -> None:
    found = read(
        "DANH MỤC\nNHIỆM VỤ BỔ SUNG\n\nTT\nTên nhiệm vụ\nCơ quan\nchủ trì\nCơ quan\nphối hợp\n"
        "Thời gian\nhoàn thành\n1\n"
        "Thực hiện nghiêm quy định về cơ cấu\nlãnh đạo có chuyên môn\nCác bộ,\ncơ quan ngang bộ\nBộ Nội vụ\n"
        "Tháng\n3/2026\n"
        "2\nXây dựng cơ sở dữ liệu quốc gia\nBộ Tư pháp\nCác bộ\nThường\nxuyên\n"
    ).duties
    assert [(one.path, values(one.lead), values(one.coordinating)) for one in found] == [
        ("1", ["Các bộ, cơ quan ngang bộ"], ["Bộ Nội vụ"]),
        ("2", ["Bộ Tư pháp"], ["Các bộ"]),
    ]
    assert str(found[0].deadlines[0].day) == "2026-03-31" and found[1].deadlines[0].kind == "none"
    assert all(one.confidence < 0.9 for one in found)
