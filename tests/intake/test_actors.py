"""Where the names of actors begin and end, and how a list of them is cut."""

import pytest

from workflows.intake.names.actors import name_end, names
from workflows.intake.names.subjects import line_subject, subject
from workflows.intake.text.beginnings import begins_actor

SUBJECTS = [
    (
        "Các doanh nghiệp bưu chính, viễn thông và internet phối hợp với Công an địa phương xây dựng phương án",
        ["Các doanh nghiệp bưu chính, viễn thông và internet"],
    ),
    ("Vụ Kế hoạch – Tài chính nghiên cứu xây dựng cơ chế miễn, giảm giá cước", ["Vụ Kế hoạch – Tài chính"]),
    (
        "Thủ trưởng các cơ quan, đơn vị trực thuộc Bộ, các doanh nghiệp bưu chính chịu trách nhiệm tổ chức",
        ["Thủ trưởng các cơ quan, đơn vị trực thuộc Bộ", "các doanh nghiệp bưu chính"],
    ),
    (
        "Giám đốc Sở Văn hoá, Thể thao và Du lịch các tỉnh, thành phố trực thuộc Trung ương chỉ đạo",
        ["Giám đốc Sở Văn hoá, Thể thao và Du lịch các tỉnh, thành phố trực thuộc Trung ương"],
    ),
    (
        "Các Bộ, ngành chức năng, Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội tập trung tuyên truyền",
        ["Các Bộ, ngành chức năng", "Mặt trận Tổ quốc Việt Nam", "các tổ chức chính trị - xã hội"],
    ),
    ("Bộ Giáo dục và Đào tạo xây dựng và tổ chức thực hiện kế hoạch", ["Bộ Giáo dục và Đào tạo"]),
    ("Các sở giáo dục và đào tạo bồi dưỡng giáo viên", ["Các sở giáo dục và đào tạo"]),
    ("Các bộ, ngành coi đây là nhiệm vụ trọng tâm", ["Các bộ, ngành"]),
    ("Chuyển Phòng Nội vụ tham mưu", ["Phòng Nội vụ"]),
    ("Sở Nội vụ là cơ quan đầu mối, theo dõi, tổng hợp", ["Sở Nội vụ"]),
    ("Các sở, ban, ngành Tỉnh rà soát thủ tục", ["Các sở, ban, ngành Tỉnh"]),
    ("Bộ Ngoại giao chủ trì", ["Bộ Ngoại giao"]),
    ("Sở Xây dựng chủ trì, phối hợp", ["Sở Xây dựng"]),
    ("Ban Tổ chức - Cán bộ Chính phủ chủ trì", ["Ban Tổ chức - Cán bộ Chính phủ"]),
    ("Ban chỉ đạo 127 các tỉnh tăng cường kiểm tra", ["Ban chỉ đạo 127 các tỉnh"]),
    ("Giao Sở Tài chính tham mưu bố trí kinh phí", ["Sở Tài chính"]),
    ("Đề nghị các đồng chí Trưởng, Phó các phòng thực hiện", ["Trưởng, Phó các phòng"]),
    ("Ủy ban nhân dân các cấp, đặc biệt là những địa phương có tệ nạn, triển khai", ["Ủy ban nhân dân các cấp"]),
    ("các bộ, ngành can tập trung triển khai", ["các bộ, ngành"]),  # a scanner's "cần"
]


@pytest.mark.parametrize(("text", "wanted"), SUBJECTS, ids=[text[:30] for text, _ in SUBJECTS])
def test_a_sentence_begins_with_its_actors(text: str, wanted: list[str]) -> None:
    part = subject(text)
    assert part is not None and [text[one.start : one.end] for one in names(text, *part)] == wanted


OBJECTS = [
    (
        "với các đơn vị nghiệp vụ liên quan của Bộ Công an nghiên cứu giải pháp",
        ["các đơn vị nghiệp vụ liên quan của Bộ Công an"],
    ),
    ("với Bộ Tài chính và các bộ, ngành, liên quan triên khai việc", ["Bộ Tài chính", "các bộ, ngành, liên quan"]),
    ("với các bộ, cơ quan liên quan trên cơ sở ý kiến", ["các bộ, cơ quan liên quan"]),
    ("với các cơ quan chức năng: Sở Y tế, Bộ Chỉ huy quân sự tỉnh thực hiện", ["Sở Y tế", "Bộ Chỉ huy quân sự tỉnh"]),
    ("với các Sở, ngành có liên quan như Sở Công an tổ chức", ["các Sở, ngành có liên quan như Sở Công an"]),
    ("với Ngân hàng Nhà nước Việt Nam các khó khăn", ["Ngân hàng Nhà nước Việt Nam"]),
    ("với Phòng Quản lý đào tạo tổ chức lớp", ["Phòng Quản lý đào tạo"]),
]


@pytest.mark.parametrize(("text", "wanted"), OBJECTS, ids=[text[4:34] for text, _ in OBJECTS])
def test_a_name_ends_where_a_predicate_or_another_phrase_begins(text: str, wanted: list[str]) -> None:
    end = name_end(text, 4)
    assert [text[one.start : one.end] for one in names(text, 4, end)] == wanted


def test_a_name_does_not_reach_into_the_next_paragraph() -> None:
    text = "Thanh tra Sở\nĐơn vị phối hợp"
    assert text[: name_end(text, 0)] == "Thanh tra Sở"


@pytest.mark.parametrize(
    "text",
    [
        "Tổ chức triển khai các",
        "Tổ chức hội nghị",
        "Phòng, chống dịch",
        "chủ trương",
        "xã hội hoá",
        "Báo cáo kết quả",
        "hội nghị tập huấn",
        "một số nội dung",
    ],
)
def test_a_verb_or_a_thing_is_no_actor(text: str) -> None:
    assert not begins_actor(text)


def test_no_subject_is_seen_where_a_sentence_begins_with_its_verb() -> None:
    assert subject("Tăng cường thực hiện số hóa, làm giàu cơ sở dữ liệu của mỗi bộ, ngành") is None


def test_a_line_names_whom_it_is_about_before_its_colon() -> None:
    text = "Các phòng giáo dục và đào tạo: Xây dựng kế hoạch chi tiết"
    part = subject(text)
    assert part is not None and text[part.start : part.end] == "Các phòng giáo dục và đào tạo"


def test_a_line_may_name_several_before_its_colon() -> None:
    text = "Phòng Bưu chính, Viễn thông; Phòng Công nghệ thông tin: Chuẩn bị tham luận"
    part = subject(text)
    assert part is not None
    assert [text[one.start : one.end] for one in names(text, *part)] == [
        "Phòng Bưu chính, Viễn thông",
        "Phòng Công nghệ thông tin",
    ]


def test_a_later_clause_is_about_the_subject_of_its_line() -> None:
    text = "Tổ chức thực hiện\n- Văn phòng Sở: Tham mưu bố trí kinh phí; theo dõi việc thực hiện"
    part = line_subject(text, text.index("theo dõi"))
    assert part is not None and text[part.start : part.end] == "Văn phòng Sở"
