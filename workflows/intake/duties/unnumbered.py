"""Orders without a number: before the list (body.N) and after it (closing.N)."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import name_end
from workflows.intake.names.addressees import read_addressees, read_stem
from workflows.intake.names.subjects import EXCEPT, acts_behind, subject
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.no_order import NoOrder, has_done, is_situation, no_order
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage
from workflows.intake.text.sentences import full_sentences
from workflows.intake.text.shape import with_small_initial
from workflows.intake.text.vocabulary import ORDER_IN

_ORDINAL = re.compile(
    r"(?:Thứ (?:nhất|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười)|(?:Một|Hai|Ba|Bốn|Năm|Sáu|Bảy|Tám|Chín|"
    r"Mười) là)\s*[,:]\s*"
)
_CHAIRS = re.compile(r"[^.;,]{3,80} chủ trì (?:hội nghị|cuộc họp|buổi|phiên)", re.IGNORECASE)
_CAUSES = re.compile(r"(?:nguyên nhân|tuy nhiên|bên cạnh đó còn|kết quả|hạn chế|tồn tại)\b[^.;]{0,40}[:,]", re.I)
_ON_THIS = re.compile(r"[^,.;]{0,120}\b(?:này|được giao|chức năng)\b[^;]*[^:;]\W*$", re.IGNORECASE)
_CONTACT = re.compile(r"(?:liên hệ|trao đổi|xem|tham khảo|truy cập|tải)\b", re.IGNORECASE)
_NOT_SAID = re.compile(
    r"(?:^|\s)(?:trước|đáp ứng|một số|nhiều|đúng|theo|đã|được|các|những|theo sự|khi có|của|có|và|xét|thủ tục|"
    r"văn bản|ý kiến)$"
)
_DID = re.compile(r"\bđã (?:có|ban hành|gửi|giao|yêu cầu|đề nghị|chỉ đạo|ký|nhận)\b[^.;]*$")
_ORDERED_HERE = re.compile(r"trên đây là (?!ý kiến|nội dung trả lời|hướng dẫn|một số ý kiến)", re.IGNORECASE)
_MUST = re.compile(r"\s*,?\s*(?:\([^)]*\)\s*)?(?:(?:có|chịu) trách nhiệm|cần|phải|có nhiệm vụ)\b")
is_sent = re.compile(
    r"(?:báo cáo|văn bản|ý kiến|kết quả|danh sách|hồ sơ|kế hoạch|số liệu|tài liệu|công văn)\b[^.;]{0,90}?"
    r"\b(?:xin|đề nghị|phải|cần|được)?\s?gửi (?:về|đến|tới|cho)\b",
    re.IGNORECASE,
).match
"""Words say where a report or paper is to be sent: "Báo cáo xin gửi về Văn phòng Bộ"."""
_RAISE = re.compile(
    r"\b(?:khó khăn|vướng mắc|phát sinh)\b[^.\n]*\b(?:báo cáo|phản ánh|kiến nghị|gửi|thông báo)\b", re.I
)
_THIS = re.compile(
    r"\b(?:chỉ thị|kế hoạch|công văn|công điện|thông báo|văn bản|chương trình|kết luận)\b[^.;]{0,25}\b(?:này|trên)\b",
    re.I,
)


def grouped(paragraphs: list[TextParagraph]) -> Iterator[list[TextParagraph]]:
    """Yield each paragraph with the dashes and rows that belong to it."""
    group: list[TextParagraph] = []
    for paragraph in paragraphs:
        label = read_label(paragraph.text)
        belongs = bool(paragraph.cells) or (label is not None and label.level is Level.DASH)
        if group and not belongs:
            yield group
            group = []
        group.append(paragraph)
    if group:
        yield group


def ordinal(text: str) -> int:
    """Return how many characters an ordinal takes that a paragraph begins with ("Thứ nhất,", "Hai là:"); 0 for none."""
    match = _ORDINAL.match(text)
    return match.end() if match else 0


def is_stem(paragraph: TextParagraph) -> bool:
    """Return whether a paragraph only introduces the list below it."""
    text = paragraph.text
    return text.rstrip().endswith(":") or bool(re.search(r"(?:như sau|sau đây)\W*$", text[-40:]))


_WOULD = re.compile(r"[^.;:]{3,120}? (?:thì )?sẽ (?:bị|không được|không|coi như|được)\b", re.IGNORECASE)
"""What befalls whoever does not do it."""
_OPENS_LIST = re.compile(
    r"\b(?:yêu cầu|đề nghị|chỉ thị|giao|chỉ đạo|thực hiện|triển khai|lưu ý|phân công)\b[^.]{0,200}"
    r"(?:sau|sau đây|như sau|nội dung|nhiệm vụ|công việc|giải pháp|biện pháp|việc)\s*:\W*$|"
    r"\b(?:yêu cầu|đề nghị|chỉ thị)\s*:\W*$",
    re.IGNORECASE,
)


def opening(groups: list[list[TextParagraph]]) -> int | None:
    """Return which paragraph opens a list whose items have no labels: "… đề nghị thực hiện một số nội dung sau:"."""
    for place, group in enumerate(groups[:-1]):
        if len(group) == 1 and is_stem(group[0]) and _OPENS_LIST.search(group[0].text[-300:]):
            return place
    return None


_NEVER = (NoOrder.INFORMS, NoOrder.BASIS, NoOrder.MONEY, NoOrder.OWN_PLAN)


def begins_order(text: str) -> bool:
    """Return whether a paragraph below such an opening says at once what to do."""
    return begins_predicate(with_small_initial(text)) and not no_order(text, _NEVER)


_ANNOUNCES = re.compile(
    r"[^.;]*\b(?:bảng|biểu|phụ lục|danh mục)\b[^.;]{0,30}(?:đây|sau|kèm theo)\s*[:.]?\W*$", re.IGNORECASE
)
"""What only says where the tasks stand: "Nhiệm vụ của các đơn vị được phân giao tại bảng dưới đây:"."""
_SOME = re.compile(r"(?:Một số|Nhiều|Không ít) [^,;.]{3,80} (?:còn|vẫn|có lúc|có nơi|chậm|thiếu)\b")
"""What is told of some: "Một số hộ còn giấu dịch, …"."""


def orders(passage: Passage) -> bool:
    """Return whether a paragraph directs somebody: an order and whom, or an actor with what it must do."""
    text = passage.text
    if _RAISE.search(text) and re.search(r"\b(?:đề nghị|nếu|khi|trường hợp|có)\b", text, re.I):
        return True
    if _CAUSES.match(text) or no_order(text, (NoOrder.MEETING,)) or _CHAIRS.match(text):
        return False
    if no_order(text, (NoOrder.INFORMS,)) and not (_ORDERED_HERE.match(text) and ordered(text)):
        return False
    rests = (
        no_order(text, (NoOrder.BASIS,))
        and not ordered(text)
        and (not _ON_THIS.match(text) or not read_addressees(passage))
    )
    if rests or no_order(text, (NoOrder.OWN_PLAN, NoOrder.MONEY)):
        return False
    if ordered(text):
        return not re.match(
            r"[^,.;]{0,80}\b(?:nhận được|trả lời|phúc đáp)\b[^.]*\b(?:công văn|đề nghị của)\b[^.]*$", text, re.I
        )
    if _WOULD.match(text) or _ANNOUNCES.match(text) or (_SOME.match(text) and not _MUST.search(text)):
        return False
    named = subject(text)
    if begins_actor(text) and not text[name_end(text, 0) :].strip(" .;,"):
        return False  # names alone: who was there, whom it goes to
    if named is None:
        return bool(is_sent(text)) or (bool(read_addressees(passage)) and not is_situation(_BRACKETS.sub("", text)))
    if has_done(text[named.end :]) and not _MUST.match(text, named.end):
        return False
    return not no_order(_behind(text, named.end), (NoOrder.PRAISE,)) and says_who_acts(text)


def says_who_acts(text: str) -> bool:
    """Return whether a passage names somebody and says what to do: "Sở A chủ trì rà soát …"."""
    named = subject(text)
    if named is None:
        return False
    rest, but = _behind(text, named.end), EXCEPT.match(text, named.end)
    return (
        bool(_MUST.match(text, named.end))
        or begins_predicate(rest)
        or _acts_behind_adjunct(rest)
        or (but is not None and acts_behind(text, but.end(), len(text)))
    )


def _behind(text: str, at: int) -> str:
    return with_small_initial(re.sub(r"^[\W_]+", "", text[at : at + 200]))


_BRACKETS = re.compile(r"\([^()]{0,200}\)")
_BY_OFFICE = re.compile(
    r"(?:theo|căn cứ|trên cơ sở|trong phạm vi) [^.;:,]{0,60}?\b(?:chức năng|nhiệm vụ|thẩm quyền|lĩnh vực|"
    r"phạm vi|phân công)"
    r"(?:,? (?:nhiệm vụ|quyền hạn|thẩm quyền|quản lý|phụ trách|của mình|được giao|được phân công|"
    r"chuyên ngành))*,? (?=\w)",
    re.IGNORECASE,
)


def _acts_behind_adjunct(rest: str) -> bool:
    """Return whether a predicate stands behind "theo chức năng, nhiệm vụ được giao"."""
    adjunct = _BY_OFFICE.match(rest)
    return adjunct is not None and begins_predicate(rest, adjunct.end())


def ordered(text: str) -> bool:
    """Return whether a word of order stands before an actor, not told as what somebody did."""
    return any(_orders_now(text, match) for match in ORDER_IN.finditer(text))


def _orders_now(text: str, match: re.Match[str]) -> bool:
    word = match.group().strip().casefold()
    before = text[max(0, match.start() - 300) : match.start()].rstrip().casefold()
    speaks = word.startswith(("đề nghị", "yêu cầu"))
    if speaks and before.endswith(" và") and _AT_ONCE.match(text, match.end()):
        return True  # "… và yêu cầu khẩn trương hoàn thiện …"
    if _DID.search(before) or _NOT_SAID.search(before):
        return False
    begins_clause = match.group()[0].isupper() or before[-1:] in ("", ",", ";", ":", ".")
    if word.startswith("giao") and not begins_clause and not _said_by(text, match.start()):
        return False
    if begins_actor(text, match.end()):
        return True
    if _CONTACT.match(text, match.end()):
        return False
    during = _DURING.match(text, match.end())
    return speaks and begins_predicate(text, during.end() if during else match.end())


_AT_ONCE = re.compile(r"(?:khẩn trương|tập trung|chủ động|nghiêm túc|sớm|tiếp tục) ")
_DURING = re.compile(r"(?:trong|khi|sau khi|trước khi) [^.;:,]{3,60}, ")


def _said_by(text: str, at: int) -> bool:
    """Return whether the words of the clause before an order are the one who gives it: "Chủ tịch UBND tỉnh giao …"."""
    back = max(0, at - 160)
    start = max(back - 1, *(text.rfind(mark, back, at) for mark in ",;:.\n")) + 1
    while start < at and text[start] == " ":
        start += 1
    return begins_actor(text, start) and name_end(text, start) >= at - 1


_PRINCIPLES = re.compile(r"\b(?:quan điểm|nguyên tắc|phương châm)\b[^.:;]{0,60}:", re.IGNORECASE)
"""What a speaker lays down before he charges anybody: "nhấn mạnh một số quan điểm có tính nguyên tắc: …"."""


def order_pieces(group: list[TextParagraph]) -> list[Passage]:
    """Return the orders of a paragraph with its dashes: from the sentence that begins each, one for each actor."""
    first, *below = [one.passage for one in group]
    if _PRINCIPLES.search(first.text) and not ordered(first.text):
        return []
    starts: list[int] = []
    for part in full_sentences(first.text):
        sentence = first.cut(part.start, part.end)
        if orders(sentence) and (not starts or _charges_another(sentence.text)):
            starts.append(part.start)
    if not starts:
        whole = Passage.joined([first, *below])
        return [whole] if orders(whole) else []
    ends = [*starts[1:], len(first.text)]
    pieces = [first.cut(start, end) for start, end in zip(starts, ends, strict=True)]
    return [*pieces[:-1], Passage.joined([pieces[-1], *below])]


def _charges_another(text: str) -> bool:
    named = subject(text)
    if named is None:
        return False
    if _MUST.match(text, named.end) or text.startswith("Giao "):
        return True
    return named.start == 0 and bool(_HEAD_OF.match(text)) and bool(_STEERS.match(text, named.end))


_HEAD_OF = re.compile(
    r"(?:Thủ tướng|Phó Thủ tướng|Bộ trưởng|Chủ tịch|Trưởng|Ban cán sự|Thống đốc|Giám đốc|Chủ nhiệm|Chính phủ|"
    r"Thường trực|Viện trưởng|Tổng (?:Thanh tra|Giám đốc|cục trưởng))\b"
)
_STEERS = re.compile(r",? (?:chỉ đạo|chủ trì|trình|khẩn trương|tập trung|tổ chức|rà soát|xây dựng|hoàn thiện)\b")
"""What the head of another office is told in a sentence of its own: "Bộ trưởng Bộ … chỉ đạo …"."""


def is_closing(passage: Passage) -> bool:
    """Return whether a paragraph below the last item orders somebody, or speaks of the whole document."""
    closes = speaks_of_document(passage.text) or read_addressees(passage) or read_stem(passage)
    return orders(passage) and bool(closes)


def speaks_of_document(text: str) -> bool:
    """Return whether an order is of the whole document: "… Chỉ thị này", where reports go, who raises difficulties."""
    return bool(_THIS.search(text) or is_sent(text) or _RAISE.search(text) or ORDER_IN.match(text))
