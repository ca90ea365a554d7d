"""Whether a word ends the name before it: a predicate, a preposition, a period."""

import re

from workflows.intake.text.beginnings import ORGANISED, begins_actor, begins_double, begins_predicate
from workflows.intake.text.vocabulary import DESCRIBING, PLURALS, PREDICATES, STOPS, phrases, words_pattern

_KIND_WORDS = (
    *phrases("cơ quan | đơn vị | tổ chức | doanh nghiệp | cá nhân | cơ sở | cán bộ | hợp tác xã | xí nghiệp | nhà máy"),
    *PLURALS,
)
_ENDS_GENERIC = re.compile(
    rf"(?:^|[\s,(])(?:{words_pattern(_KIND_WORDS)}|[Cc]ông ty|[Bb]an|[Hh]ội đồng|[Tt]rung tâm|[Vv]iện|"
    rf"[Bb]ộ phận|lực lượng)$"
)
_COMMITTEE = re.compile(r"(?:^|[\s,(])(?<!ỉnh )(?<!ành )(?<!uyện )(?<!ã )(?:[Bb]an|[Đđ]oàn|[Tt]ổ|[Hh]ội đồng)$")
AFTER_PLURAL = re.compile(rf"(?<!\w)(?:{words_pattern(PLURALS)}) $", re.IGNORECASE)
_COMPOUNDS = frozenset(word for word in PREDICATES if " " in word)
_VERBS = {word for word in PREDICATES if " " not in word} - set("cần phải nên không sớm ngay cùng".split())
_FIELD = re.compile(r"(?:đào tạo|sản xuất|kinh doanh|thông tin)\b")
_HOUSE_OF = re.compile(
    r"(?:quản lý|hỗ trợ|nghiên cứu|kiểm soát|giám sát|thẩm định|đánh giá|bồi dưỡng|xúc tiến)", re.IGNORECASE
)
_CLEARLY = re.compile(
    r"(?:chủ trì|phối hợp|có|chịu|chỉ đạo|tổ chức|thực hiện|triển khai|tham mưu|báo cáo|cần|phải|rà soát)\b"
)
_SEVERAL = re.compile(r"(?:các|những) ")
_INSTEAD = re.compile(r"thay (?:cho |thế )?(?=[A-ZĐ])")
"""Whom another replaces: "Giao Sở A thay Sở B"."""
_ACTS_NOW = re.compile(
    r" (?:chặt chẽ|chặt|tốt|nghiêm|hiệu quả|kịp thời|đầy đủ|thống nhất|toàn diện|ngay|việc|số liệu|các thông tin)\b"
)
_LEADERS = re.compile(r"(?:chí|diện|cán bộ|các|của|quản|chức|và|hoặc|là|ban)$", re.IGNORECASE)
"""Behind which "lãnh đạo" is a noun: "các đồng chí lãnh đạo Sở"; else it is done: "Đảng ủy xã lãnh đạo …"."""
_COMPLETE = re.compile(
    r"\b(?:(?:UBND|HĐND|[ỦU][yỷ] ban nhân dân|Uỷ ban nhân dân|Hội đồng nhân dân|Công an|Thanh tra|Văn phòng|"
    r"Sở(?: (?:[A-ZĐ]\w*|và|-|[a-zà-ỹ]+)){1,5}) (?:tỉnh|thành phố|huyện|xã|phường)|Thủ tướng Chính phủ|trên địa bàn)$"
)
"""What is a whole name, so that another noun behind it is what is done with it: "báo cáo UBND tỉnh phương án …"."""
_GOES_ON = re.compile(
    r"[A-ZĐÀ-Ỹ\d\W]|(?:tỉnh|thành|huyện|xã|phường|quận|thị|thôn|bản|đặc|trực|thuộc|nơi|có|và|hoặc|khác|còn|liên|nêu|trên|"
    r"được|phụ|quản|vùng|miền|biên|đảo|ven|nghèo|trọng|giáp|qua|cùng|khu|ngoài|trong|các|này|đó|mình|bạn|toàn|dân|đóng|"
    r"chưa|không|thông qua|sáp|sau|mới|cấp|theo|về)\b"
)
_SEVERAL_OF = re.compile(r"các (?:dân tộc|nhà|nước|tôn giáo)\b")
"""What a name itself counts: "Làng Văn hóa - Du lịch các dân tộc Việt Nam"."""
_KINDS_ALONE = frozenset({"Bộ", "Sở", "Cục", "Vụ", "Ban", "Tỉnh", "Viện", "Trường", "Phòng", "Ngành", "Xã", "Phường"})
_HEAD_ALONE = 6
_PERIOD = re.compile(r"(?:trong )?\d{1,2} (?:giờ|tháng|năm|lần|ngày|tuần|quý)\b")
_CARRIES_OUT = re.compile(r"(?:thực hiện|triển khai|xây dựng)(?: thực hiện)? (?=[A-ZĐ])")
_SEES_TO = re.compile(
    r"(?:thực hiện|triển khai|xây dựng|phòng, chống|phòng chống|giải quyết|đổi mới)(?: [a-zà-ỹđ]+){2,14}?"
    r"(?= (?:tổ chức|chủ trì|có trách nhiệm|chịu trách nhiệm|tham mưu|báo cáo) )"
)
_STEERING = re.compile(
    r"(?:ban chỉ đạo|ban điều hành|tổ công tác|hội đồng|tổ giúp việc|ban vận động|tiểu ban)$", re.IGNORECASE
)
"""A committee that is named by what it sees to: "Ban Chỉ đạo thực hiện Chương trình …"."""
_PERSON = re.compile(
    r"(?:^|[\s,(])(?:chủ đầu tư|trưởng|thủ trưởng|tổ trưởng|đội trưởng|giám đốc|chủ tịch|bí thư|hiệu trưởng|"
    r"người đứng đầu|lãnh đạo|chủ nhiệm|cục trưởng|vụ trưởng|chánh văn phòng|đại diện|chỉ huy trưởng|viện trưởng|"
    r"đồn trưởng|trạm trưởng|gvcn|giáo viên chủ nhiệm)$",
    re.IGNORECASE,
)
"""The head of an office, which names whose head it is: "Trưởng các bản"."""
_THROUGH = re.compile(r"(?:thông |(?<!đi ))qua ")
_AFTER = re.compile(r"sau (?:\d|(?:mỗi|khi|hội nghị|cuộc|diễn tập|kỳ|đợt|buổi|thời|ngày|lễ)\b)(?! sáp| sắp)")
_RANGE = re.compile(r"từ [A-ZĐ][\w ]{1,20} (?:đến|tới|trở) (?:[A-ZĐ]|ra\b|vào\b)")
_STEERS = re.compile(
    r"(?:chỉ đạo|vận động|tổ chức|công tác|giám sát|kiểm tra|thanh tra|thẩm định|xét duyệt|tư vấn|nghiệm thu|"
    r"điều hành)\b"
)
STOP = re.compile(rf"(?:{words_pattern(STOPS)})\b")
_DESCRIBING = re.compile(rf"(?:{words_pattern(DESCRIBING)})\b")
RELATED = re.compile(
    r"xây dựng (?=[đĐ]ảng)|"
    r"phụ trách(?=\W*$|[,.;:)]| về | lĩnh vực| địa bàn| chuyên môn| khối| kỹ thuật| sản xuất| tài chính| những | các |"
    r" để | trước | chậm | muộn | trong | vào | kết quả)|(?:có )?liên quan\b|khác\b|chức năng\b|trực thuộc\b|thuộc\b|"
    r"trên địa bàn\b|hữu quan\b|cùng cấp\b|còn lại\b|trong và ngoài (?:nước|tỉnh|ngành)\b"
)
WORD = re.compile(r"\w+(?:[./&–-]\w+)*|[^\w\s]")


def seen_to_end(text: str, start: int, at: int) -> int:
    """Return where the work ends that names a committee, if a word of doing follows it; else 0."""
    named = _SEES_TO.match(text, at)
    return named.end() if named and _STEERING.search(text, max(start, at - 60), at - 1) else 0


def ends_here(text: str, start: int, at: int, *, after_comma: bool, after_noun: bool) -> bool:
    """Return whether a word ends the name before it: a predicate or a preposition."""
    if RELATED.match(text, at) or ORGANISED.match(text, at) or AFTER_PLURAL.search(text, max(start, at - 14), at):
        return False
    if text.startswith("như ", at) and begins_actor(text, at + 4):
        return False
    if _PERIOD.match(text, at):
        return True
    if (through := _THROUGH.match(text, at)) and not begins_actor(text, through.end()):
        return True
    if _AFTER.match(text, at):
        return True
    if _RANGE.match(text, at):
        return False
    if _INSTEAD.match(text, at):
        return True
    if not after_comma and _COMPLETE.search(text, max(start, at - 70), at - 1) and not _GOES_ON.match(text, at):
        return True
    if _SEVERAL_OF.match(text, at) and text[start].isupper():
        return False
    if _SEVERAL.match(text, at) and _PERSON.search(text, max(start, at - 30), at - 1):
        return False
    if _SEVERAL.match(text, at) and text[start:at].strip() and not begins_actor(text, at):
        return True
    if STOP.match(text, at):
        return not (text.startswith(("từ ", "với "), at) and text[at - 2 : at - 1] == "(")
    if text.startswith("lãnh đạo ", at) and not after_comma and not _LEADERS.search(text, max(start, at - 12), at - 1):
        return not after_noun and at - start > _HEAD_ALONE
    if not begins_predicate(text, at):
        return False
    before = text[max(start, at - 60) : at - 1]
    if describes_to_the_end(text, at) or before.endswith(" được"):
        return False
    if _STEERS.match(text, at) and _COMMITTEE.search(before):
        return False
    if _CARRIES_OUT.match(text, at) and _STEERING.search(before):
        return False
    if not after_noun and _in_a_word(text, before, at):
        return False
    describing = None if after_comma else _DESCRIBING.match(text, at)
    if describing and _ACTS_NOW.match(text, describing.end()):
        return True
    return not (describing and _ENDS_GENERIC.search(before) and not _first_of_several(text, describing.end()))


def _first_of_several(text: str, at: int) -> bool:
    """Return whether behind a verb another follows: "nghiên cứu, đề xuất …" is done, not said of the doer."""
    return text.startswith(", ", at) and begins_predicate(text, at + 2)


def describes_to_the_end(text: str, at: int) -> bool:
    """Return whether a describing verb ends a name, nothing being left for it to do: "các sở giáo dục và đào tạo"."""
    match = _DESCRIBING.match(text, at)
    if match is None:
        return False
    rest = text[match.end() : match.end() + 2]
    if rest[:1] in (":", "\n"):
        return True
    if not _FIELD.match(text, at):
        return False
    joined = text.startswith("và ", at - 3)
    return not rest or rest == ", " or (joined and begins_predicate(text, match.end() + 1))


def _in_a_word(text: str, before: str, at: int) -> bool:
    """Return whether a word of doing belongs to a name: the end of "Đào tạo", or what "Quản lý …" manages."""
    last = before.rsplit(" ", 2)
    word = WORD.match(text, at)
    if word and f"{last[-1]} {word.group()}".casefold() in _COMPOUNDS:
        return True
    if (
        word
        and not begins_double(text, at)
        and last[-1][:1].isupper()
        and last[-1] not in _KINDS_ALONE
        and word.group() in _VERBS
        and _ends_a_name(text, word.end())
    ):
        return True
    named = " ".join(last[-2:])
    return named[:1].isupper() and bool(_HOUSE_OF.fullmatch(named)) and not _CLEARLY.match(text, at)


def _ends_a_name(text: str, at: int) -> bool:
    """Return whether behind a single syllable the name is over: "Bộ Ngoại giao chủ trì", "Bộ Ngoại giao:"."""
    rest = text[at : at + 60]
    return not rest.strip(" ,.;:\n") or rest[0] in ",.;:\n" or rest.startswith(" và ") or begins_predicate(text, at + 1)
