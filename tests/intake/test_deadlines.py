"""Deadlines in every form, and the dates that are none."""

from datetime import date

import pytest

from tests.intake.passages import passage
from workflows.intake.read import read as read_document
from workflows.intake.text.reading import Deadline, ReadingReason
from workflows.intake.times.deadlines import read_deadlines

ISSUED = date(2022, 3, 1)

FIXED = [
    ("báo cáo trước ngày 30 tháng 5 năm 2022", "2022-05-30", "before"),
    ("trình UBND tỉnh trước 15/7/2022", "2022-07-15", "before"),
    ("hoàn thành trước 10 giờ ngày 07 tháng 8 năm 2022", "2022-08-07", "before"),
    ("xong trước ngày 25/5", "2022-05-25", "before"),
    ("báo cáo trước ngày 15/01", "2023-01-15", "before"),
    ("hoàn thành trước tháng 9/2022", "2022-09-01", "before"),
    ("gửi về Bộ chậm nhất vào ngày 17/02/2023", "2023-02-17", "within"),
    ("bàn giao mặt bằng chậm nhất là ngày 10/6/2022", "2022-06-10", "within"),
    ("trình Chính phủ ban hành Chỉ thị trong tháng 10 năm 2022.", "2022-10-31", "within"),
    ("trình Thủ tướng Chính phủ trong quý 1/2023.", "2023-03-31", "within"),
    ("Xây dựng kế hoạch (trong năm 2023).", "2023-12-31", "within"),
    ("Quán triệt Chỉ thị (Quý IV/2022, Quý I/2023 và thường xuyên).", "2023-03-31", "within"),
    ("phát động Tháng hành động vào tháng 12 năm 2022.", "2022-12-31", "within"),
    ("Từ nay đến 30/6/2022 phải hoàn thành công tác giải phóng mặt bằng", "2022-06-30", "within"),
    ("Quý II năm 2022 trình Chính phủ ban hành Nghị định", "2022-06-30", "within"),
    ("- Thời gian thực hiện: Ngày 26, 27/12/2022", "2022-12-27", "on"),
    ("- Thời gian dự kiến: Chiều ngày 28/12 và cả ngày 29/12/2022", "2022-12-29", "on"),
    ("- Thời gian thực hiện: Tháng 12/2022 và thường xuyên.", "2022-12-31", "within"),
    ("- Thời gian: Quý I, II/2022.", "2022-06-30", "within"),
    ("- Thời gian: Tháng 3 - 5/2022.", "2022-05-31", "within"),
    ("- Thời gian: Từ tháng 3 đến tháng 6/2022.", "2022-06-30", "within"),
    ("- Thời gian hoàn thành: 2022 - 2025", "2025-12-31", "within"),
    ("- Thời gian: 6 tháng đầu năm 2022", "2022-06-30", "within"),
    ("trước 10 giờ sáng thứ Năm ngày 18/8/2022", "2022-08-18", "before"),
    ("có mặt tại hiện trường trước 21h00 hôm nay (13/6/2022)", "2022-06-13", "before"),
    ("hoàn thành việc kiểm kê trong ngày hôm nay", "2022-03-01", "within"),
    ("Tăng cường cơ sở vật chất; đến năm 2025, các xã có trụ sở", "2025-12-31", "within"),
    ("sơ kết và tổng kết vào năm 2025 kết quả thực hiện", "2025-12-31", "within"),
    ("gửi danh sách về Phòng, hạn cuối 31/10/2022.", "2022-10-31", "within"),
    ("nộp báo cáo xong trong 17 giờ ngày 30/10/2022", "2022-10-30", "within"),
    ("báo cáo kết quả chậm nhất cuối tháng này", "2022-03-31", "within"),
]
RECURRING = [
    ("Định kỳ hàng năm gửi báo cáo về Bộ", "every year"),
    ("định kỳ 6 tháng, hàng năm báo cáo kết quả", "every 6 months; every year"),
    ("báo cáo về Bộ Y tế trước ngày 25 hàng tháng", "every month, before day 25"),
    ("báo cáo tình hình thực hiện Chỉ thị hàng tháng và quý gửi Văn phòng", "every month; every quarter"),
    ("Hàng năm, các bộ báo cáo kết quả", "every year"),
    ("Hằng tuần (trước 16 giờ thứ Sáu) báo cáo về Sở Nội vụ", "every week, on Friday, before 16:00"),
    ("hằng quý báo cáo Thủ tướng Chính phủ", "every quarter"),
    ("Sơ kết 6 tháng, 1 năm triển khai thực hiện", "every 6 months; every year"),
    ("trước ngày 25 tháng cuối quý báo cáo Bộ", "every quarter; last month of each quarter, before day 25"),
    (
        "định kỳ 6 tháng (trước ngày 15/6), năm (trước ngày 15/12) về Sở",
        "every 6 months; every year, before day 15/6 and 15/12",
    ),
    ("Định kỳ hằng năm, trước ngày 31 tháng 01, báo cáo Bộ", "every year, before day 31/01"),
    ("báo cáo Bộ trưởng trước ngày 20 tháng 12 hàng năm", "every year, before day 20/12"),
    ("báo cáo kết quả thực hiện hàng quý về Sở", "every quarter"),
    ("- Thời gian: Hàng năm, trước 15/12", "every year, before day 15/12"),
    ("3. Thời gian thực hiện: 6 tháng, hằng năm và định kỳ.".removeprefix("3. "), "every 6 months; every year"),
]
RELATIVE = [
    "trả lời trong vòng 15 ngày làm việc kể từ ngày nhận được văn bản này",
    "gửi về Phòng Nội vụ trước ngày kiểm tra ít nhất 05 ngày làm việc",
    "phê duyệt trước khi triển khai thực hiện.",
    "khi xảy ra cháy rừng phải báo cáo ngay Chi cục Kiểm lâm",
    "- Thời gian: Theo lịch công tác của lãnh đạo.",
    "báo cáo kết quả hỗ trợ khi kết thúc Chương trình về Bộ Xây dựng",
    "bàn giao mặt bằng 30 ngày trước khi khởi công",
]
NONE = [
    "khẩn trương, kịp thời triển khai ngay",
    "thực hiện Nghị quyết số 53/2013/QH13 ngày 11/11/2013 của Quốc hội",
    "xây dựng kế hoạch biên chế hàng năm",
    "cân đối kinh phí hằng năm",
    "Việc đánh giá kết quả hàng năm đối với các chương trình cần xem xét từ cơ sở",
    "những hồ sơ đã hoàn thiện đến trước ngày Nghị định có hiệu lực",
    "kiểm soát tốc độ tăng trưởng tín dụng trong năm 2022 phù hợp với chỉ tiêu",
    "triển khai kế hoạch thanh tra trong năm 2022 và các năm tiếp theo",
    "Báo cáo sơ kết 9 tháng gửi UBND tỉnh",
    "thực hiện từ ngày 01/01/2023",
    "tình hình giải ngân 8 tháng đầu năm 2022",
    "chi trả chế độ cho người được hưởng trước ngày 01/01/2020",
    "không được tái đàn trong vòng 30 ngày kể từ ngày tiêu hủy",
    "niêm yết công khai trong thời gian 15 ngày tại trụ sở",
    "Cấm đốt nương, đốt rác trong rừng từ ngày 14/6/2022 đến hết ngày 30/6/2022.",
    "nhắn tin trong 05 ngày liên tục",
]


def read(text: str, issued: date | None = ISSUED) -> tuple[Deadline, ...]:
    return read_deadlines(passage(text), issued)


@pytest.mark.parametrize(("text", "day", "op"), FIXED, ids=[text for text, *_ in FIXED])
def test_a_day_or_period_is_named(text: str, day: str, op: str) -> None:
    (found,) = read(text)
    assert (found.kind, str(found.day), found.op) == ("fixed", day, op)


@pytest.mark.parametrize(("text", "rule"), RECURRING, ids=[text for text, _ in RECURRING])
def test_a_deadline_comes_again(text: str, rule: str) -> None:
    (found,) = read(text)
    assert (found.kind, found.rule) == ("recurring", rule)


@pytest.mark.parametrize("text", RELATIVE)
def test_a_deadline_is_counted_from_an_event(text: str) -> None:
    (found,) = read(text)
    assert found.kind == "relative" and found.rule


@pytest.mark.parametrize("text", NONE)
def test_a_trap_is_no_deadline(text: str) -> None:
    assert read(text) == ()


def test_always_is_kept_as_none() -> None:
    (found,) = read("- Thời gian: Thường xuyên trong năm.")
    assert found.kind == "none"


def test_a_table_below_the_line_for_the_time_gives_its_first_and_last_day() -> None:
    found = read(
        "- Thời gian dự kiến:\n|Ngày 02/5/2022 |Văn phòng |\n|Ngày 03/5/2022 |Phòng A |\n|Ngày 05/5/2022 |Phòng B |"
    )
    assert [str(one.day) for one in found] == ["2022-05-02", "2022-05-05"]


def test_a_day_before_the_documents_own_is_flagged_and_not_corrected() -> None:
    (found,) = read("báo cáo trước ngày 30/5/2021")
    assert str(found.day) == "2021-05-30" and found.doubt is ReadingReason.BEFORE_ISSUE and found.confidence < 0.5


def test_a_day_whose_weekday_is_another_is_flagged() -> None:
    (found,) = read("- Thời gian: Ngày 02/01/2023 (thứ 4)")
    assert found.doubt is ReadingReason.OTHER_WEEKDAY


def test_a_missing_year_is_the_documents_and_less_sure() -> None:
    (found,) = read("xong trước ngày 25/5")
    assert found.reason is ReadingReason.NO_YEAR and found.confidence < 0.8
    assert read("xong trước ngày 25/5", None) == ()


@pytest.mark.parametrize(
    ("cell", "doubt"),
    [
        ("Trước ngày 15/01/2020", ReadingReason.BEFORE_ISSUE),
        ("Thứ Hai ngày 15/10/2024", ReadingReason.OTHER_WEEKDAY),
        ("Trước ngày 15/10/2024", None),
    ],
)
def test_a_day_in_the_row_of_a_table_is_doubted_as_any_other(cell: str, doubt: ReadingReason | None) -> None:
    text = (
        "KẾ HOẠCH\nTriển khai công tác\n\nHà Nội, ngày 05 tháng 3 năm 2024\n\n"
        "| TT | Nội dung | Cơ quan chủ trì | Thời gian |\n"
        f"| 1 | Xây dựng đề án | Sở Tài chính | {cell} |\n"
        "| 2 | Rà soát danh mục | Sở Y tế | Tháng 12/2024 |\n"
    )
    (first, *_rest) = read_document(text).duties
    (found,) = first.deadlines
    assert found.doubt is doubt and (found.confidence < 0.5) is (doubt is not None)
