"""Who a clause is about: the actor that it begins with, if a predicate follows."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import lists_below, name_end
from workflows.intake.text.beginnings import TextPart, begins_actor, begins_predicate
from workflows.intake.text.sentences import sentences
from workflows.intake.text.shape import with_small_initial
from workflows.intake.text.vocabulary import ORDER, ORDER_IN, ORDER_WORDS, bare

_PASSED_ON = re.compile(r"(?:Kính chuyển|Chuyển) (?=\w)")
_ESPECIALLY = re.compile(r"(?:đặc biệt|nhất là|trước hết|trực tiếp là|bao gồm|kể cả|mà )", re.IGNORECASE)
_LINE = 4_000
"""Characters of a line beyond which nobody looks for who it is about."""
_NAMED_LINE = re.compile(r"([^:.\n]{3,200}): (?=\S)")
"""A line that names who does what it says: "Các phòng giáo dục và đào tạo: Xây dựng …"."""
_CLAUSE_WORD = re.compile(
    r"\b(?:(?:có|chịu) trách nhiệm|chủ trì|phối hợp|cần|phải|chỉ đạo|thực hiện|triển khai|yêu cầu|đề nghị|"
    r"theo|căn cứ|tiếp tục|tăng cường|tập trung|xây dựng|rà soát|báo cáo|nhiệm vụ|như sau|sau đây|gồm|về|khi|trong|để|"
    r"nghiên cứu|tham mưu|hướng dẫn|kiểm tra|các Bộ|với|là|chức năng|liên quan)\b"
)
_MODAL = re.compile(
    r"(?:là (?:cơ quan|đơn vị|đầu mối)|theo chức năng|trên cơ sở|căn cứ|theo |trong |khi |ngoài |nếu |"
    r"từ |tại |với |trước |sau khi |đang |lãnh đạo (?!và )|\()",
    re.I,
)
_WHERE = re.compile(
    r",? (?:nơi |có |chưa |còn )[^;:.\n]{2,80}?(?=,? (?:hoàn thành|bàn giao|bố trí|tiếp tục|tăng cường|khẩn trương|"
    r"phải|cần|(?:có|chịu) trách nhiệm|trực tiếp|chỉ đạo|chủ trì|chủ động|tập trung|tổ chức|rà soát)\b)"
)
"""Which of a kind: "các tỉnh nơi có vàng, đá quý phải …"."""
_MADE_OF = re.compile(r",? (?:bao )?gồm(?: có)?\s*: ?(?=\S)")
"""Behind a kind whose names follow: "các sở, ngành gồm: Sở Y tế, …"."""
EXCEPT = re.compile(r"(?:,|\s*\(|) ?(?:trừ|ngoại trừ|không bao gồm|không kể|ngoài) ")
"""Who of a kind is not meant: "Các đơn vị nêu trên, trừ Ban …, báo cáo …"."""
_EXCEPTED = re.compile(
    r"(?:\)|,),? |\)? (?=(?:phải|cần|nghiêm túc|khẩn trương|(?:có|chịu) trách nhiệm|báo cáo|gửi|thực hiện|tổ chức|"
    r"triển khai|chủ động|rà soát|lập|xây dựng|định kỳ|hoàn thành)\b)"
)
_FAR = 160
"""Characters that an exception may take."""
_STARTS_OR_OBJECTS = re.compile(
    rf"(?P<object>\b(?:v[ớơo]i|cùng|cho|giúp|gồm) )(?=\w)|[,;:.(–\n-] ?(?=\w)|\bchỉ đạo (?=\w)|\b{ORDER_WORDS} (?=\w)",
    re.IGNORECASE,
)


is_kind_word = re.compile(
    r"(?:huyện|quận|xã|phường|thị trấn|thị xã|thành phố|ngành|đoàn thể|ban|sở|phòng|cấp|đơn vị|địa phương|tổ chức|"
    r"cá nhân)(?:,|;| và )"
).match
"""Only a further word for a kind stands here, the rest of a name: "UBND quận, huyện, Sở Y tế"."""


def line_subject(text: str, at: int) -> TextPart | None:
    """Return the subject of the line that holds a position, whatever clause of it that is in."""
    start = text.rfind("\n", max(0, at - _LINE), at) + 1
    while start < at and not text[start].isalnum():
        start += 1
    return subject(text, start, max(at, start))


_HEADED = re.compile(r"\n[-–—+•*\s]{0,4}([^\n:]{3,160}):[ .]*(?=\n)")
"""A line of a folded list that only names who does what stands below it."""


def headed_by(text: str, at: int) -> TextPart | None:
    """Return the actor that the nearest line above names before its colon and nothing behind it."""
    start = max(0, at - _LINE)
    found = None
    for line in _HEADED.finditer(text, start, at):
        if begins_actor(text, line.start(1)) and name_end(text, line.start(1)) >= line.end(1) - 1:
            found = TextPart(*line.span(1))
    return found


def named_line(text: str, start: int, end: int) -> TextPart | None:
    """Return the actors that a line names before its colon: "Phòng A; Phòng B: Chuẩn bị …"."""
    line = _NAMED_LINE.match(text, start, end)
    if line is None or not begins_actor(text, start) or _CLAUSE_WORD.search(line.group(1)):
        return None
    if lists_below(text, start, line.end(1)):
        return None
    if not text[line.end()].isupper() and not begins_predicate(text, line.end()):
        return None
    return TextPart(start, line.end(1))


def subject(text: str, start: int = 0, end: int | None = None) -> TextPart | None:
    """Return the actor that a clause begins with, behind a word of order, if a predicate follows it; else None."""
    end = len(text) if end is None else end
    at = start
    if match := ORDER.match(text, at) or _PASSED_ON.match(text, at):
        at = match.end()
        ordered = True
    else:
        ordered = False
    if not begins_actor(text, at):
        return None
    if not ordered and (line := named_line(text, at, end)):
        return line
    last = min(name_end(text, at), end)
    follows = text[last:end].lstrip(" ,")
    if ordered or follows.startswith(":") or not follows or _ESPECIALLY.match(follows):
        return TextPart(at, last)
    if (listed := _MADE_OF.match(text, last, end)) and begins_actor(text, listed.end()):
        return TextPart(listed.end(), min(name_end(text, listed.end()), end))
    if begins_predicate(follows) or _MODAL.match(follows):
        return TextPart(at, last)
    if (but := EXCEPT.match(text, last, end)) and acts_behind(text, but.end(), end):
        return TextPart(at, last)
    placed = _WHERE.match(text, last, end)
    return TextPart(at, placed.end()) if placed else None


def acts_behind(text: str, at: int, end: int) -> bool:
    """Return whether behind those who are excepted it says what the others do."""
    excepted = _EXCEPTED.finditer(text, at, min(end, at + _FAR))
    return any(begins_predicate(text, one.end()) for one in excepted)


def ordered_from(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where, between two positions, an actor's name begins a clause or follows a word of order.

    The first first, and none that stands among the objects of "với", "cho", "giúp".
    """
    if begins_actor(text, start):
        yield start
    reached = start
    for match in _STARTS_OR_OBJECTS.finditer(text, start, end):
        at = match.end()
        if at < reached or not begins_actor(text, at) or is_kind_word(text, at):
            continue
        if match.group("object"):
            reached = name_end(text, at)
        elif at < end:
            yield at


ADJUNCT = re.compile(
    r"(?:can cu|tren co so|doi voi|de|nham|trong|theo|khi|neu|truong hop|thuc hien|hang|dinh ky|truoc|ngoai|tu|sau|"
    r"ke tu|song song|dong thoi|ben canh|cung voi|voi|ngay|cham nhat|thoi gian|qua|tai|den|vao|rieng|truoc mat|xet|"
    r"nhan duoc|ket thuc|het|cuoi|dau nam|moi (?:khi|nam|thang|quy|tuan|dot)|nhan dip|tren dia ban|ngay sau|tru|"
    r"khong ke|thua lenh|thua uy quyen|duoc su|noi dung (?:tren|nay)|lien quan|tiep theo)\b",
    re.IGNORECASE,
)
_CONCERNED = re.compile(r"(?:Đối với|Về phía) (?:([^:;.\n]{3,160}?)(?= ?: )|([^,:;.\n]{3,150}?)(?= thì\b|\s*,))")
_CONCERNS = re.compile(r"(?:Đối với|Về phía) (?=\S)")
_OF_WHOM = re.compile(
    r"(?: (?:chưa|còn|có|được|đang|đã|để|không|nằm|thuộc|ở|tại|do)\b[^,:;.\n]{2,100}?)?(?=,| ?:| thì\b)"
)
"""Which of a kind is meant: "Đối với các cơ quan, đơn vị chưa hoàn thành, …"."""
_LISTING = re.compile(r"\b(?:với|cùng|gồm|như|là|cho)\b", re.IGNORECASE)
_COMMA = re.compile(r"[,:] (?!thì )(?=\S)|\bthì (?=\S)")
_URGES = re.compile(r"Khuyến khích (?=các )")


_THIRD = re.compile(
    r"(?:các |từng )?(?:nhà thầu|đơn vị (?:thi công|tư vấn|cung ứng)|chủ phương tiện|chủ tàu|chủ hộ|hộ |"
    r"người dân|nhân dân|học sinh)",
    re.IGNORECASE,
)
"""Whom not the issuer but an office below it tells what to do: "Ban Quản lý … yêu cầu nhà thầu …"."""
_BELOW = re.compile(r"(?:Ban [Qq]uản lý|Chủ đầu tư|Trung tâm|Phòng|Công ty|Hạt|Trạm|Đội)\b")
_OUTSIDE = re.compile(r"(?:các |từng )?(?:chủ đầu tư|doanh nghiệp|tổ chức|cơ sở|cá nhân|đơn vị)\b", re.IGNORECASE)


def tells_a_third(text: str, at: int, told: int) -> bool:
    """Return whether it is no issuer that tells somebody what to do: "Ban Quản lý … yêu cầu nhà thầu …"."""
    return bool(_THIRD.match(text, told) or (_BELOW.match(text, at) and _OUTSIDE.match(text, told)))


_ONLY_SAYS = re.compile(
    r"yêu cầu|chỉ thị|đề nghị|giao |nhấn mạnh|phát biểu|nêu rõ|chỉ rõ|kết luận|khẳng định|cho rằng|đánh giá cao|lưu ý"
)
_IS_OFFICE = re.compile(r"(?:là|làm) (?:cơ quan|đơn vị|đầu mối)\b(?! phối hợp)")


def acts(text: str, at: int, end: int) -> bool:
    """Return whether behind a name it says what the named does or is: "Sở Tài chính là đầu mối, …"."""
    rest = text[at:end].lstrip(" ,")
    if _IS_OFFICE.match(rest):
        return True
    return begins_predicate(rest) and not _ONLY_SAYS.match(rest)


def main_subject(text: str, start: int, end: int) -> TextPart | None:
    """Return the subject of the first sentence, also behind an adjunct ("Để …, các bộ …"); else whom a later orders."""
    if line := named_line(text, start, end):
        return line
    for place, sentence in enumerate(sentences(text[start:end])):
        at, last = start + sentence.start, start + sentence.end
        if place == 0 and text.startswith(";", last) and begins_actor(text, at) and name_end(text, at) > last:
            last = end  # the list of names goes on behind the semicolon
        if found := _of_sentence(text, at, last, first=place == 0):
            return found
    return None


_SAYS = re.compile(
    r"[^.;:\n]{3,200}?\b(?:nêu rõ|chỉ rõ|nhấn mạnh|cho rằng|khẳng định|đánh giá cao|cơ bản (?:nhất trí|thống nhất)|"
    r"lưu ý(?! các| đơn| thủ))\b(?:[,:] ?| rằng | là |(?= ))"
)
"""What the one who speaks says before the order itself: "Tổng Bí thư nêu rõ, …"."""
_WHOEVER = re.compile(
    r"(?:cơ quan|đơn vị|địa phương|tổ chức|cá nhân|nơi|sở|ngành|xã|phường)\b[^.;\n]{0,40}? nào\b[^.;\n]{3,160}?"
    r"(?:\bthì|,) (?=(?:người đứng đầu|thủ trưởng|lãnh đạo|chủ tịch|giám đốc|cơ quan|đơn vị)\b)",
    re.IGNORECASE,
)
"""Whomever a rule is about: "Đơn vị nào để xảy ra vi phạm thì người đứng đầu đơn vị đó …"."""
_ORDERS_COLON = re.compile(r"[^.;:\n]{3,200}?\b(?:yêu cầu|đề nghị|giao)\s*:\s*(?=[A-ZĐỦ])")


def _of_sentence(text: str, at: int, last: int, *, first: bool) -> TextPart | None:
    if first and text.startswith("Riêng ", at) and begins_actor(text, at + len("Riêng ")):
        at += len("Riêng ")
    if first and (whoever := _WHOEVER.match(text, at, last)) and begins_actor(text, whoever.end()):
        return TextPart(whoever.end(), min(name_end(text, whoever.end()), last))
    says = _SAYS.match(text, at, last) if begins_actor(text, at) or text.startswith(("Về ", "Tổng "), at) else None
    if says:
        return subject(text, says.end(), last) if begins_actor(text, says.end()) else None
    colon_order = _ORDERS_COLON.match(text, at, last) if first else None
    if colon_order and begins_actor(text, colon_order.end()) and (named := subject(text, colon_order.end(), last)):
        return named
    if first and (concerned := _concerned(text, at, last)):
        named = subject(text, concerned.end + 2, last) if text.startswith(", ", concerned.end) else None
        return named if named and acts(text, named.end, last) else concerned
    if first and (urged := _URGES.match(text, at, last)) and begins_actor(text, urged.end()):
        return TextPart(urged.end(), min(name_end(text, urged.end()), last))
    order = ORDER_IN.search(text, at, min(last, at + 160))
    if (
        order
        and _issuer_before(text, at, order.start())
        and begins_actor(text, order.end())
        and not (order.start() > at and (order.group() == "phân công " or tells_a_third(text, at, order.end())))
    ):
        return TextPart(order.end(), min(name_end(text, order.end()), last))
    if first and (found := subject(text, at, last)):
        return found
    topic = 260 if text.startswith("Về ", at) else 120
    colon = text.find(": ", at, min(last, at + topic)) if first else -1
    if (
        colon >= 0
        and (topic > 120 or not _LISTING.search(text[at:colon]))
        and (named := subject(text, colon + 2, last))
        and acts(text, named.end, last)
    ):
        return named
    if first and (given := _given_to(text, at, last)):
        return given
    if ADJUNCT.match(bare(text), at) and (first or order):
        return behind_adjunct(text, at, last, only_ordered=not first)
    return None


_GIVEN = re.compile(
    r"(?<!được )(?<!đã )(?<!có )(?<!theo )(?<!trong đó )\bgiao (?:cho |nhiệm vụ cho |trách nhiệm cho )?(?=\S)|"
    r"(?<!\w )\bdo (?=\S)|(?<=\w )do (?=\S)"
)
_DONE_BY = re.compile(
    r",? (?:chủ trì|thực hiện|đảm nhiệm|đảm nhận|phụ trách|chịu trách nhiệm|tổ chức|quản lý|hướng dẫn|"
    r"triển khai|xem xét|cân đối|bảo đảm|đảm bảo|chi trả|cung cấp|"
    r"nghiên cứu|tham mưu|xây dựng|lập|rà soát|kiểm tra|tổng hợp|bố trí|theo dõi|làm)\b"
)


_MATTER = re.compile(
    r"(?:Riêng )?(?:[Vv]iệc|[Nn]hiệm vụ|[Nn]ội dung|[Cc]ông tác|[Cc]ác (?:nội dung|nhiệm vụ|công việc|việc))\b"
)
"""What a sentence begins with that gives a matter to somebody, and need not say that it is done."""


def _given_to(text: str, at: int, last: int) -> TextPart | None:
    """Return to whom a matter is given that the sentence begins with: "Việc … giao cho Ban … thực hiện"."""
    matter = _MATTER.match(text, at)
    if begins_actor(text, at) or (not matter and begins_predicate(with_small_initial(text[at : at + 40]))):
        return None
    for given in _GIVEN.finditer(text, at, min(last, at + 260)):
        if not begins_actor(text, given.end()):
            continue
        end = min(name_end(text, given.end()), last)
        end -= len(" phụ trách") * text.endswith(" phụ trách", given.end(), end)
        if _DONE_BY.match(text, end) or (matter and given.group().startswith("giao")):
            return TextPart(given.end(), end)
    return None


def _concerned(text: str, at: int, last: int) -> TextPart | None:
    """Return the actors that a sentence begins with as its topic: "Đối với các xã, phường chưa hoàn thành, …"."""
    begin = _CONCERNS.match(text, at, last)
    if begin is None or not begins_actor(text, begin.end()):
        return None
    if which := _OF_WHOM.match(text, min(name_end(text, begin.end()), last), last):
        return TextPart(begin.end(), which.end())
    whole = _CONCERNED.match(text, at, last)
    return TextPart(*whole.span(whole.lastindex or 1)) if whole else None


def _issuer_before(text: str, start: int, at: int) -> bool:
    """Return whether what stands before a word of order is the one who orders: "Bộ trưởng … yêu cầu"."""
    if text[start:at].endswith(": ") and text[at].isupper():
        return True
    if text[start:at].strip(" ,").casefold() in ("", "vì vậy", "do đó", "do vậy", "vì thế"):
        return True
    return begins_actor(text, start) and not text[name_end(text, start) : at].removesuffix("cũng ").strip()


def behind_adjunct(text: str, start: int, end: int, *, only_ordered: bool) -> TextPart | None:
    """Return the subject behind the comma that ends an adjunct."""
    for comma in _COMMA.finditer(text, start, end):
        if is_kind_word(text, comma.end()):
            continue
        found = None if only_ordered else subject(text, comma.end(), end)
        if found and acts(text, found.end, end):
            return found
        order = ORDER_IN.search(text, comma.end(), min(end, comma.end() + 160))
        if order and _issuer_before(text, comma.end(), order.start()) and begins_actor(text, order.end()):
            return TextPart(order.end(), min(name_end(text, order.end()), end))
    for order in ORDER_IN.finditer(text, start, end):
        told = text.endswith("đã ", start, order.start())
        if not told and begins_actor(text, order.end()) and name_end(text, order.end()) - order.end() > 3:
            return TextPart(order.end(), min(name_end(text, order.end()), end))
    return None


def of_line(text: str, part: TextPart) -> TextPart | None:
    """Return the subject of a line, also behind an adjunct: "Trên cơ sở …, Sở Tài chính thẩm định …"."""
    if named := subject(text, part.start, part.end):
        return named
    first = next(iter(sentences(text[part.start : part.end])), None)
    if first is None or not ADJUNCT.match(bare(text[part.start : part.start + 40])):
        return None
    return behind_adjunct(text, part.start + first.start, part.start + first.end, only_ordered=False)
