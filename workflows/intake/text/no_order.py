"""Why a passage orders nobody: it tells the situation, thanks, cites, permits, or says what the issuer will do."""

import re
from collections.abc import Collection

from models.i18n import Labelled, _
from workflows.intake.text.vocabulary import bare


class NoOrder(Labelled):
    """What a passage does instead of ordering."""

    AIMS = "aims", _("stands in a part on aims, the situation or funding")
    OUTLINE = "outline", _("is the outline or form of a report")
    CITED = "cited", _("quotes a rule")
    PRAISE = "praise", _("thanks or praises")
    CONSENT = "consent", _("agrees to something")
    EFFECT = "effect", _("says from when the document holds")
    INFORMS = "informs", _("only makes something known")
    OWN_PLAN = "own_plan", _("says what the issuer itself will do")
    OWN_ACT = "own_act", _("is what the document itself decides")
    MEETING = "meeting", _("tells of a meeting")
    SITUATION = "situation", _("tells what is or was")
    ENCOURAGES = "encourages", _("only encourages")
    EVENT = "event", _("says where, or who is invited")
    MATTER = "matter", _("only names what is looked at")
    MONEY = "money", _("says where the money comes from")
    ENTITLEMENT = "entitlement", _("says what somebody is entitled to, or a rate")
    AMENDMENT = "amendment", _("amends another document")
    PERMISSION = "permission", _("permits, or says who belongs to a kind")
    BASIS = "basis", _("cites what the document rests on")
    FOOTNOTE = "footnote", _("is a footnote")


_PATTERNS = {
    # "Hoan nghênh các bộ …"
    NoOrder.PRAISE: r"(?:[A-ZĐ][^,.;]{0,60}? )?(?:hoan nghênh|đánh giá cao|ghi nhận|nhiệt liệt|cảm ơn|chúc mừng|"
    r"khen ngợi)\b|(?:[A-ZĐ][^,.;]{0,60}? )?biểu dương (?:các|tinh thần|sự|những|cán bộ|nỗ lực|kết quả|tập thể|"
    r"(?-i:[A-ZĐỦ]))",
    # "Chỉ thị này có hiệu lực kể từ ngày ký"
    NoOrder.EFFECT: r"(?:nay )?(?:ban hành|phê duyệt) kèm theo\b|[^.;]{0,90}?\b(?:(?:này|kèm theo)\b[^.;]{0,60}?\b"
    r"(?:có hiệu lực|hết hiệu lực)|được thay thế|bãi bỏ (?:chỉ thị|quyết định|điểm|khoản|điều)|"
    r"thay thế (?:chỉ thị|công văn|kế hoạch))\b",
    # "Mức hỗ trợ …", "… được hưởng …"
    NoOrder.ENTITLEMENT: r"(?!(?:đảm bảo|bảo đảm|xét|thực hiện|cấp|hỗ trợ)\b)[^.;:\n]{0,120}?\b(?:được hưởng|"
    r"có quyền lợi|có quyền|được hỗ trợ|được áp dụng|được xét|được tính|được cấp|được trợ cấp|được miễn|được giảm)\b|"
    r"(?:mức|định mức) (?:chi|hỗ trợ|hưởng|trợ cấp|phụ cấp|thu|đóng|phạt)\b|(?:hồ sơ|đối tượng|điều kiện|thủ tục|"
    r"trình tự)\b[^.;\n]{0,60}\b(?:gồm|là|như sau|:)",
    # "Kinh phí thực hiện …"
    NoOrder.MONEY: r"(?:lồng ghép|bố trí|sử dụng|kết hợp|huy động) (?:từ )?(?:các )?nguồn (?:kinh phí|vốn)\b"
    r"[^.;]{0,200}\b(?:theo|từ) |(?:ngân sách (?:trung ương|địa phương|nhà nước|tỉnh|huyện|các cấp))\b|"
    r"[^.;:,]{0,40}\b(?:nguồn kinh phí|cơ chế tài chính)[^.;,]{0,30}:|(?:nguồn )?kinh phí (?:thực hiện|tổ chức|để|"
    r"do|được|từ|cho|chi|đảm bảo|bảo đảm|triển khai|hoạt động)\b",
    # "Sửa đổi, bổ sung điểm c khoản 2 …"
    NoOrder.AMENDMENT: r"(?:sửa đổi|bổ sung|bãi bỏ|thay thế)(?:, bổ sung)? (?:điểm|khoản|điều|cụm từ|một số)\b",
    # "Bộ sẽ có văn bản hướng dẫn"
    NoOrder.OWN_PLAN: r"(?:về [^:;.]{3,120}: )?(?:[^.;,]{0,120}, )?(?:bộ|sở|ủy ban nhân dân|uỷ ban nhân dân|ubnd|cục|"
    r"tổng cục|ban|văn phòng|chính phủ|[^.;,]{0,60} bộ)\b[^,.;]{0,60}?\bsẽ\b",
    # "Cho phép …"; "Là người có tên trong danh sách"; "Kết quả … là một trong các tiêu chí"
    NoOrder.PERMISSION: r"(?:cho phép|được phép)\b|(?:kết quả|việc|mức độ|chỉ số) [^.;]{3,120}? (?:là|được coi là) "
    r"(?:một trong|căn cứ|cơ sở|tiêu chí|tiêu chuẩn)|là (?!cơ quan|đơn vị|đầu mối|thành viên)|"
    r"đang (?:sinh sống|cư trú|làm việc|công tác|hưởng)\b|đã (?:được|có|tham gia)\b",
    # "Việc thực hiện cơ chế một cửa"
    NoOrder.MATTER: r"(?:nội dung(?: kiểm tra| giám sát)?: )?(?:việc|tình hình|kết quả|số liệu|danh sách|"
    r"thực trạng) ",
    # "Địa điểm: Hội trường"
    NoOrder.EVENT: r"(?:thời gian(?:,| và) địa điểm|địa điểm|thành phần(?: tham dự| tham gia)?|nội dung chương trình|"
    r"chương trình|số lượng|khách mời|hình thức)(?: (?:tổ chức|hội nghị|thực hiện|tham dự))?\s*:",
    # "Đồng ý đề nghị của …"
    NoOrder.CONSENT: r"(?:[A-ZĐ][^,.;]{0,60}? )?(?:đồng ý|thống nhất|nhất trí|chấp thuận)\b",
    # "Ngày 12/3/2024, tại Hà Nội, …"
    NoOrder.MEETING: r"ngày \d{1,2}[/ ][^,;.]{3,25}, (?:tại|ở)\b",
    # "… thông báo để các đơn vị biết, thực hiện"
    NoOrder.INFORMS: r"[^.;]{0,160}?\bthông báo\b[^.;]{0,320}?\bbiết\b|[^.;]{0,160}?\btrả lời\b[^.;]{0,80}\bbiết\b|"
    r"[^.;]{0,60}\bmong nhận được\b|trên đây là|(?:xin )?trân trọng(?: (?:cảm ơn|cám ơn|thông báo)|[./\s]*$)",
    # "Căn cứ …"
    NoOrder.BASIS: r"(?:căn cứ|xét đề nghị|theo đề nghị|thực hiện (?:nghị|chỉ|quyết|công|luật|kế|thông|kết)|xét)\b",
    # "Điều 23 Thông tư số … quy định:"
    NoOrder.CITED: r"(?:theo |tại |căn cứ )?(?:quy định tại )?(?:điều|khoản|điểm|mục) \d+[^;\n]{0,200}\bquy định"
    r"(?: như sau| rõ)?\s*:\s*$",
    NoOrder.FOOTNOTE: r"\[(?:\d{1,2}|[ivx]{1,5})\] ",
    # "Khuyến khích các tổ chức …"
    NoOrder.ENCOURAGES: r"(?:khuyến khích|kêu gọi|mong muốn)\b",
    # "Về kết quả: Thời gian qua, các bộ đã …"
    NoOrder.SITUATION: r"(?:về [^:.;]{3,60}: )?(?:trong )?(?:thời gian qua|những năm qua|thời gian vừa qua|vừa qua|"
    r"hiện nay|đến nay|năm qua)\b",
}
_MATCH = {kind: re.compile(pattern, re.IGNORECASE).match for kind, pattern in _PATTERNS.items()}
_UNLESS = {
    NoOrder.ENTITLEMENT: r"\b(?:có trách nhiệm|phải|cần|yêu cầu|đề nghị|chủ trì|báo cáo)\b",
    NoOrder.MATTER: r"\b(?:phải|cần|tiếp tục|yêu cầu|đề nghị|giao|chủ trì|do [^.;]{2,60} thực hiện)\b",
}
"""Words that make an order of a passage of the kind all the same."""
_EXCEPT = {kind: re.compile(pattern, re.IGNORECASE).search for kind, pattern in _UNLESS.items()}


def no_order(text: str, kinds: Collection[NoOrder] = tuple(_MATCH)) -> NoOrder | None:
    """Return the first of these kinds that a passage begins as, or None."""
    for kind in kinds:
        if _MATCH[kind](text) and not (kind in _EXCEPT and _EXCEPT[kind](text)):
            return kind
    return None


_PAST = re.compile(r"\b(?:đã|vừa qua|hiện nay|trong thời gian qua|thời gian qua|những năm qua|trong những năm)\b", re.I)
has_done = re.compile(r"[^,.;]{0,20}?\b(?:đã|đang|chưa)\b", re.IGNORECASE).match
"""A predicate tells what somebody did or is doing: "… đã ban hành"."""


def is_situation(text: str) -> bool:
    """Return whether a paragraph tells what is or was, or only encourages."""
    return bool(_PAST.search(text[:200]) or no_order(text, (NoOrder.MEETING, NoOrder.ENCOURAGES)))


_AIMS = re.compile(
    r"(?:danh gia chung|nhan xet|muc dich|yeu cau(?=\W*$|,| chung| va )|muc tieu|quan diem|tinh hinh|"
    r"danh gia tinh hinh|thuc trang|dac diem|ket qua|"
    r"can cu|co so phap ly|chi tieu|nguyen tac|pham vi|doi tuong|su can thiet|phuong cham|chu de|khau hieu|bo cuc|"
    r"nhan dinh|uu diem|ton tai|han che|nguyen nhan|kinh phi|nguon kinh phi|nguon von|noi nhan|y nghia|thanh phan|"
    r"dia diem|boi canh|thoi gian$|thoi gian va dia diem|thoi gian, dia diem|hieu luc)\b"
)
_OUTLINE = re.compile(r"(?:de cuong|mau bao cao|bieu mau|huong dan bao cao|noi dung bao cao)\b")
_REPORT_OF = re.compile(
    r"\bbáo cáo\b[^.;:,]{0,160}\btheo\b[^.;:,]{0,40}\b(?:nội dung|hướng dẫn|đề cương|mẫu|biểu)\b[^.;:]{0,30}"
    r"(?:sau|dưới đây)\s*:?\W*$",
    re.IGNORECASE,
)


def is_aims(heading: str) -> bool:
    """Return whether a heading announces aims, situation, funding or other parts that order nobody: "MỤC ĐÍCH"."""
    words = re.sub(r"^[\W\d]+|^\W*ve ", "", bare(heading).casefold())
    return len(words) < 130 and bool(_AIMS.match(words))


def is_outline(heading: str) -> bool:
    """Return whether an outline or a form of a report begins: "ĐỀ CƯƠNG BÁO CÁO"."""
    return bool(_OUTLINE.match(re.sub(r"^\W+", "", bare(heading).casefold())))


def asks_for_report(stem: str) -> bool:
    """Return whether the sentence before a list asks for a report of which the list is the outline."""
    return bool(_REPORT_OF.search(stem[-400:]))
