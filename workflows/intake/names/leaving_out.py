"""Recognise texts that order nobody: situation, aims, praise, effect, funding, outlines, and the issuer's own plans.

Each pattern's `match` says whether a text is of the kind that it is named after.
"""

import re

from workflows.intake.text.vocabulary import bare

_AIMS = re.compile(
    r"(?:danh gia chung|nhan xet|muc dich|yeu cau(?=\W*$|,| chung| va )|muc tieu|quan diem|tinh hinh|"
    r"danh gia tinh hinh|thuc trang|dac diem|ket qua|"
    r"can cu|co so phap ly|chi tieu|nguyen tac|pham vi|doi tuong|su can thiet|phuong cham|chu de|khau hieu|bo cuc|"
    r"nhan dinh|uu diem|ton tai|han che|nguyen nhan|kinh phi|nguon kinh phi|nguon von|noi nhan|y nghia|thanh phan|"
    r"dia diem|boi canh|thoi gian$|thoi gian va dia diem|thoi gian, dia diem|hieu luc)\b"
)
_OUTLINE = re.compile(r"(?:de cuong|mau bao cao|bieu mau|huong dan bao cao|noi dung bao cao)\b")
is_praise = re.compile(
    r"(?:[A-ZĐ][^,.;]{0,60}? )?(?:hoan nghênh|đánh giá cao|ghi nhận|nhiệt liệt|cảm ơn|chúc mừng|khen ngợi)\b|"
    r"(?:[A-ZĐ][^,.;]{0,60}? )?biểu dương (?:các|tinh thần|sự|những|cán bộ|nỗ lực|kết quả|tập thể|(?-i:[A-ZĐỦ]))",
    re.IGNORECASE,
).match
"""An item only thanks or praises: "Hoan nghênh các bộ …"."""
is_consent = re.compile(r"(?:[A-ZĐ][^,.;]{0,60}? )?(?:đồng ý|thống nhất|nhất trí|chấp thuận)\b", re.IGNORECASE).match
"""An item only agrees: "Đồng ý đề nghị của …"."""
is_effect = re.compile(
    r"(?:nay )?(?:ban hành|phê duyệt) kèm theo\b|[^.;]{0,90}?\b(?:(?:này|kèm theo)\b[^.;]{0,60}?\b(?:có hiệu lực|"
    r"hết hiệu lực)|được thay thế|bãi bỏ (?:chỉ thị|quyết định|điểm|khoản|điều)|"
    r"thay thế (?:chỉ thị|công văn|kế hoạch))\b",
    re.I,
).match
"""An item says from when the document holds: "Chỉ thị này có hiệu lực kể từ ngày ký"."""
informs = re.compile(
    r"[^.;]{0,160}?\bthông báo\b[^.;]{0,320}?\bbiết\b|[^.;]{0,160}?\btrả lời\b[^.;]{0,80}\bbiết\b|"
    r"[^.;]{0,60}\bmong nhận được\b|trên đây là|(?:xin )?trân trọng(?: (?:cảm ơn|cám ơn|"
    r"thông báo)|[./\s]*$)",
    re.IGNORECASE,
).match
"""A paragraph only makes something known: "… thông báo để các đơn vị biết, thực hiện"."""
is_own_plan = re.compile(
    r"(?:về [^:;.]{3,120}: )?(?:[^.;,]{0,120}, )?(?:bộ|sở|ủy ban nhân dân|uỷ ban nhân dân|ubnd|cục|tổng cục|ban|"
    r"văn phòng|chính phủ|"
    r"[^.;,]{0,60} bộ)\b"
    r"[^,.;]{0,60}?\bsẽ\b",
    re.IGNORECASE,
).match
"""A paragraph says what the issuer itself will do: "Bộ sẽ có văn bản hướng dẫn"."""
_PAST = re.compile(r"\b(?:đã|vừa qua|hiện nay|trong thời gian qua|thời gian qua|những năm qua|trong những năm)\b", re.I)
is_meeting = re.compile(r"ngày \d{1,2}[/ ][^,;.]{3,25}, (?:tại|ở)\b", re.IGNORECASE).match
"""A paragraph tells of a meeting: "Ngày 12/3/2024, tại Hà Nội, …"."""
_ENCOURAGES = re.compile(r"(?:khuyến khích|kêu gọi|mong muốn)\b", re.IGNORECASE)
is_cited = re.compile(
    r"(?:theo |tại |căn cứ )?(?:quy định tại )?(?:điều|khoản|điểm|mục) \d+[^;\n]{0,200}\bquy định(?: như sau|"
    r" rõ)?\s*:\s*$",
    re.IGNORECASE,
).match
"""The line above a list quotes a law: "Điều 23 Thông tư số … quy định:"."""
tells_the_past = re.compile(
    r"(?:về [^:.;]{3,60}: )?(?:trong )?(?:thời gian qua|những năm qua|thời gian vừa qua|vừa qua|hiện nay|"
    r"đến nay|năm qua)\b",
    re.IGNORECASE,
).match
"""An item begins with what was: "Về kết quả: Thời gian qua, các bộ đã …"."""
has_done = re.compile(r"[^,.;]{0,20}?\b(?:đã|đang|chưa)\b", re.IGNORECASE).match
"""A predicate tells what somebody did or is doing: "… đã ban hành"."""
is_event_field = re.compile(
    r"(?:thời gian(?:,| và) địa điểm|địa điểm|thành phần(?: tham dự| tham gia)?|nội dung chương trình|chương trình|"
    r"số lượng|khách mời|hình thức)"
    r"(?: (?:tổ chức|hội nghị|thực hiện|tham dự))?\s*:",
    re.IGNORECASE,
).match
"""An item only says where, who is invited or what is on the programme: "Địa điểm: Hội trường"."""
_MATTER = re.compile(
    r"(?:nội dung(?: kiểm tra| giám sát)?: )?(?:việc|tình hình|kết quả|số liệu|danh sách|thực trạng) ", re.IGNORECASE
)
_MUST_BE = re.compile(r"\b(?:phải|cần|tiếp tục|yêu cầu|đề nghị|giao|chủ trì|do [^.;]{2,60} thực hiện)\b", re.IGNORECASE)
_REPORT_OF = re.compile(
    r"\bbáo cáo\b[^.;:,]{0,160}\btheo\b[^.;:,]{0,40}\b(?:nội dung|hướng dẫn|đề cương|mẫu|biểu)\b[^.;:]{0,30}"
    r"(?:sau|dưới đây)\s*:?\W*$",
    re.IGNORECASE,
)
is_money = re.compile(
    r"(?:lồng ghép|bố trí|sử dụng|kết hợp|huy động) (?:từ )?(?:các )?nguồn (?:kinh phí|vốn)\b[^.;]{0,200}\b(?:theo|"
    r"từ) |(?:ngân sách (?:trung ương|địa phương|nhà nước|tỉnh|huyện|các cấp))\b|[^.;:,]{0,40}\b(?:nguồn kinh phí|"
    r"cơ chế tài chính)[^.;,]{0,30}:|(?:nguồn )?kinh phí (?:thực hiện|tổ chức|để|"
    r"do|được|từ|cho|chi|đảm bảo|bảo đảm|triển khai|hoạt động)\b",
    re.I,
).match
"""An item states where the money comes from: "Kinh phí thực hiện …"."""
_ENTITLES = re.compile(
    r"(?!(?:đảm bảo|bảo đảm|xét|thực hiện|cấp|hỗ trợ)\b)[^.;:\n]{0,120}?\b(?:được hưởng|có quyền lợi|có quyền|"
    r"được hỗ trợ|được áp dụng|được xét|được tính|được cấp|được trợ cấp|được miễn|được giảm)\b|(?:mức|định mức) (?:chi|"
    r"hỗ trợ|hưởng|trợ cấp|phụ cấp|thu|đóng|phạt)\b|(?:hồ sơ|đối tượng|điều kiện|thủ tục|"
    r"trình tự)\b[^.;\n]{0,60}\b(?:gồm|là|như sau|:)",
    re.IGNORECASE,
)
_DUTY = re.compile(r"\b(?:có trách nhiệm|phải|cần|yêu cầu|đề nghị|chủ trì|báo cáo)\b", re.IGNORECASE)
is_amendment = re.compile(
    r"(?:sửa đổi|bổ sung|bãi bỏ|thay thế)(?:, bổ sung)? (?:điểm|khoản|điều|cụm từ|một số)\b", re.I
).match
"""An item quotes how another document is amended: "Sửa đổi, bổ sung điểm c khoản 2 …"."""
is_basis = re.compile(
    r"(?:căn cứ|xét đề nghị|theo đề nghị|thực hiện (?:nghị|chỉ|quyết|công|luật|kế|thông|kết)|xét)\b", re.I
).match
"""A paragraph cites what the document rests on: "Căn cứ …"."""


def is_aims(heading: str) -> bool:
    """Return whether a heading announces aims, situation, funding or other parts that order nobody: "MỤC ĐÍCH"."""
    words = re.sub(r"^[\W\d]+|^\W*ve ", "", bare(heading).casefold())
    return len(words) < 130 and bool(_AIMS.match(words))


def is_outline(heading: str) -> bool:
    """Return whether an outline or a form of a report begins: "ĐỀ CƯƠNG BÁO CÁO"."""
    return bool(_OUTLINE.match(re.sub(r"^\W+", "", bare(heading).casefold())))


def is_entitlement(text: str) -> bool:
    """Return whether an item states what somebody is entitled to, or a rate: "… được hưởng …", "Mức hỗ trợ …"."""
    return bool(_ENTITLES.match(text)) and not _DUTY.search(text)


_PERMITS = re.compile(r"(?:cho phép|được phép)\b", re.IGNORECASE)
_IS_OF_KIND = re.compile(
    r"(?:kết quả|việc|mức độ|chỉ số) [^.;]{3,120}? (?:là|được coi là) (?:một trong|căn cứ|cơ sở|tiêu chí|tiêu chuẩn)|"
    r"là (?!cơ quan|đơn vị|đầu mối|thành viên)|đang (?:sinh sống|cư trú|làm việc|công tác|hưởng)\b|"
    r"đã (?:được|có|tham gia)\b",
    re.IGNORECASE,
)
"""What says who belongs to a kind: "Là người có tên trong danh sách", "Kết quả … là một trong các tiêu chí"."""


def is_permission(text: str) -> bool:
    """Return whether an item only permits, or says who belongs to a kind: "Cho phép …", "Là người có tên …"."""
    return bool(_PERMITS.match(text) or _IS_OF_KIND.match(text))


def is_matter(text: str) -> bool:
    """Return whether an item only names what will be looked at: "Việc thực hiện cơ chế một cửa"."""
    return bool(_MATTER.match(text)) and not _MUST_BE.search(text)


def asks_for_report(stem: str) -> bool:
    """Return whether the sentence before a list asks for a report of which the list is the outline."""
    return bool(_REPORT_OF.search(stem[-400:]))


def is_situation(text: str) -> bool:
    """Return whether a paragraph tells what is or was, or only encourages: "Khuyến khích các tổ chức …"."""
    return bool(_PAST.search(text[:200]) or is_meeting(text) or _ENCOURAGES.match(text))
