"""Names of actors: where a noun phrase that acts begins, and where it, or a list of them, ends."""

import re
from typing import NamedTuple

from workflows.intake.compounds import noun_end
from workflows.intake.vocabulary import (
    ACRONYMS,
    ACTOR_HEADS,
    DESCRIBING,
    GENERIC,
    NO_ACTORS,
    ORDER_WORDS,
    PLURALS,
    PREDICATES,
    STOPS,
    bare,
    words_pattern,
)

_PLURAL = rf"(?:(?:{words_pattern(PLURALS)}) )?"
HEAD = re.compile(rf"(?:{words_pattern(PLURALS)}) (?=\w)|(?:{words_pattern(ACTOR_HEADS)})\b", re.IGNORECASE)
_GENERIC = re.compile(rf"{_PLURAL}(?:{words_pattern(GENERIC)})\b", re.IGNORECASE)
_KIND_WORDS = ("cơ quan", "đơn vị", "tổ chức", "doanh nghiệp", "cá nhân", "cơ sở", "cán bộ", *PLURALS)
_ENDS_GENERIC = re.compile(
    rf"(?:^|[\s,(])(?:{words_pattern(_KIND_WORDS)}|[Bb]an|[Hh]ội đồng|[Tt]rung tâm|[Vv]iện|[Bb]ộ phận|lực lượng)$"
)
_COMMITTEE = re.compile(r"(?:^|[\s,(])(?:[Bb]an|[Đđ]oàn|[Tt]ổ|[Hh]ội đồng)$")
_AFTER_PLURAL = re.compile(rf"(?<!\w)(?:{words_pattern(PLURALS)}) $", re.IGNORECASE)
_COMPOUNDS = frozenset(word for word in PREDICATES if " " in word) | {"công lập", "dân lập", "độc lập", "ngoại giao"}
_VERBS = frozenset(word for word in PREDICATES if " " not in word) - {
    "cần",
    "phải",
    "nên",
    "không",
    "sớm",
    "ngay",
    "cùng",
}
_FIELD = re.compile(r"(?:đào tạo|sản xuất|kinh doanh|thông tin)\b")
_HOUSE_OF = re.compile(
    r"(?:quản lý|hỗ trợ|nghiên cứu|kiểm soát|giám sát|thẩm định|đánh giá|bồi dưỡng|xúc tiến)", re.IGNORECASE
)
_CLEARLY = re.compile(
    r"(?:chủ trì|phối hợp|có|chịu|chỉ đạo|tổ chức|thực hiện|triển khai|tham mưu|báo cáo|cần|phải|rà soát)\b"
)
_KIND_ONLY = re.compile(
    rf"(?:{words_pattern(PLURALS)}) (?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|xã|đơn vị|cơ quan|hội|tổng cục|công ty)"
    r"(?:(?:,| và) (?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|đơn vị|cơ quan|hội|đoàn thể))*(?: chức năng|"
    r" (?:có )?liên quan| sau)?",
    re.IGNORECASE,
)
_KIND_LAST = re.compile(
    r"(?:^|\s)(?:(?:các|những) )?(?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|xã|đơn vị|hội|tổng cục|công ty|thành phố)"
    r"(?: sau)?$",
    re.IGNORECASE,
)
_TWO_NAMES = re.compile(
    r"(?:[A-ZĐÁ-Ỹ]\w*|và|[-–&]|[a-zđá-ỹ]\w*)(?: (?:[^\W\d]\w*|[-–&])){0,8}(?:,| và|;) (?:[A-ZĐÁ-Ỹ]|các )"
)
_SEVERAL = re.compile(r"(?:các|những) ")
_PERIOD = re.compile(r"\d{1,2} (?:giờ|tháng|năm|lần|ngày|tuần|quý)\b")
_THROUGH = re.compile(r"(?:thông )?qua ")
_RANGE = re.compile(r"từ [A-ZĐ][\w ]{1,20} (?:đến|tới|trở) (?:[A-ZĐ]|ra\b|vào\b)")
_STEERS = re.compile(
    r"(?:chỉ đạo|vận động|tổ chức|công tác|giám sát|kiểm tra|thanh tra|thẩm định|xét duyệt|tư vấn|nghiệm thu|"
    r"điều hành)\b"
)
_SINGLE = re.compile(rf"(?:{words_pattern(tuple(word for word in PREDICATES if ' ' not in word))})\b")
_DOUBLE = re.compile(rf"(?:{words_pattern(tuple(bare(word) for word in PREDICATES if ' ' in word))})\b")
_STOP = re.compile(rf"(?:{words_pattern(STOPS)})\b")
_DESCRIBING = re.compile(rf"(?:{words_pattern(DESCRIBING)})\b")
_ORGANISES = re.compile(r"tổ chức\b", re.IGNORECASE)
_ORGANISED = re.compile(
    r"[Tt]ổ chức(?:, (?=đơn vị|doanh nghiệp|cá nhân|đoàn thể)| (?=chính trị|thành viên|xã hội|đoàn thể|"
    r"tín dụng|cá nhân|quốc tế|"
    r"có |liên quan|thuộc|trên địa bàn|hội\b(?! nghị| thảo| họp| chợ| thi| diễn| báo)|[đĐ]ảng|kinh tế|"
    r"khác\b|hành chính|"
    r"sự nghiệp|phi |khoa học|tôn giáo|trong (?:và|nước|ngành)))"
)
_RELATED = re.compile(
    r"xây dựng (?=[đĐ]ảng)|phụ trách(?=\W*$|[,.;:)]| về | lĩnh vực)|(?:có )?liên quan\b|khác\b|chức năng\b|trực thuộc\b"
    r"|thuộc\b|trên địa bàn\b|hữu quan\b|cùng cấp\b|còn lại\b"
)
_ROLE = re.compile(r"[-–] (?:cơ quan |đơn vị )?(?:thường trực|chủ trì|đầu mối)\b", re.IGNORECASE)
_WORKING = re.compile(r"hoạt động\b|kinh doanh\b|có vốn\b")
_WORD = re.compile(r"\w+(?:[./&–-]\w+)*|[^\w\s]")
_ORDER = re.compile(rf"{ORDER_WORDS} (?=\w)", re.IGNORECASE)
_LONGEST = 900
"""Characters beyond which nothing is a name."""

CUTS = re.compile(r"\s*;\s*(?:và )?|\s*,\s*(?:và )?|\s+và\s+|\s+cùng\s+(?:với\s+)?")
"""Where a list of names may be cut."""


class Part(NamedTuple):
    """A stretch of a text, by its own positions."""

    start: int
    end: int


def begins_actor(text: str, at: int = 0) -> bool:
    """Whether an actor's name may begin here."""
    if _ACRONYM.match(text, at):
        return True
    if _NO_ACTOR.match(text, at) or (_ORGANISES.match(text, at) and not _ORGANISED.match(text, at)):
        return False
    match = HEAD.match(text, at)
    if match is None:
        return False
    plural = match.group().endswith(" ")
    named = bool(_ACTORS.match(text, match.end())) and not text.startswith("quý", match.end())
    return not plural or named or text[match.end() : match.end() + 2].istitle()


_ACTORS = re.compile(rf"(?:{words_pattern(ACTOR_HEADS)})\b", re.IGNORECASE)
_MANAGES_SEVERAL = re.compile(r" các (?=khu|dự án|công trình|cụm)")
_SPOILT_HEADS = re.compile(
    rf"(?:{words_pattern(tuple(bare(word) for word in ACTOR_HEADS if ' ' in word))})\b", re.IGNORECASE
)
"""Heads of several words as scanners read them, without their marks."""
_ACRONYM = re.compile(rf"(?:{ACRONYMS})\b")
_NO_ACTOR = re.compile(rf"(?:{'|'.join(NO_ACTORS)})", re.IGNORECASE)


def begins_predicate(text: str, at: int = 0) -> bool:
    """Whether a word of doing begins here; words of two syllables also without their marks, as scanners read them."""
    return bool(_SINGLE.match(text, at) or _DOUBLE.match(bare(text), at)) and not noun_end(text, at)


def name_end(text: str, start: int) -> int:
    """Where the name, or the list of names, that begins at `start` ends."""
    position = end = noun = _head_end(text, start)
    after_comma = False
    limit = min(len(text), start + _LONGEST)
    while position < limit:
        match = _WORD.search(text, position, limit)
        if match is None:
            break
        word, at = match.group(), match.start()
        if "\n" in text[position:at]:
            break
        behind = noun_end(text, at)
        if at > start and (after_comma or _AFTER_PLURAL.search(text, max(start, at - 14), at)):
            behind = max(behind, _head_end(text, at))
        if behind > at:
            position = end = noun = behind
            after_comma = False
            continue
        if word in "([":
            close = _closing(text, at, limit)
            if close is None:
                break
            position = end = close
            continue
        if word in ",;":
            if not _goes_on(text, match.end(), listed=word == ";") and not _lists_fields(text, start, at, match.end()):
                break
            position, after_comma = match.end(), True
            continue
        if word == ":" and lists_below(text, start, at):
            position = match.end()
            continue
        if not word[0].isalnum():
            if _ROLE.match(text, at):
                break
            if word in "-–&/":
                position = match.end()
                continue
            break
        joins = word == "và" and end > start
        if joins and noun_end(text, match.end() + 1):
            position = match.end()
            continue
        if joins and not _goes_on(text, match.end(), listed=False) and not _lists_fields(text, start, at, match.end()):
            break
        if end > start and _ends_here(text, start, at, after_comma=after_comma, after_noun=noun == end):
            break
        position = end = match.end()
        after_comma = False
    return end


def _head_end(text: str, start: int) -> int:
    """Behind the noun that a name begins with, which may hold a word of doing: "Nhà xuất bản", "Ban Quản lý các"."""
    match = _ACTORS.match(text, start)
    if match is None or " " not in match.group():
        match = _SPOILT_HEADS.match(bare(text), start)
    if match is None:
        return noun_end(text, start) or start
    several = _MANAGES_SEVERAL.match(text, match.end()) if match.group().lower().endswith("quản lý") else None
    return max(noun_end(text, start), several.end() if several else match.end())


def _closing(text: str, at: int, limit: int) -> int | None:
    """Behind the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, min(limit, at + 200)):
        depth += (text[index] in "([") - (text[index] in ")]")
        if depth == 0:
            return index + 1
    return None


def _ends_here(text: str, start: int, at: int, *, after_comma: bool, after_noun: bool) -> bool:
    """Whether a word ends the name before it: a predicate or a preposition."""
    if _RELATED.match(text, at) or _ORGANISED.match(text, at) or _AFTER_PLURAL.search(text, max(start, at - 14), at):
        return False
    if text.startswith("như ", at) and begins_actor(text, at + 4):
        return False
    if _PERIOD.match(text, at):
        return True
    if (through := _THROUGH.match(text, at)) and not begins_actor(text, through.end()):
        return True
    if _RANGE.match(text, at):
        return False
    if _SEVERAL.match(text, at) and text[start:at].strip() and not begins_actor(text, at):
        return True
    if _STOP.match(text, at):
        return not (text.startswith(("từ ", "với "), at) and text[at - 2 : at - 1] == "(")
    if not begins_predicate(text, at):
        return False
    before = text[max(start, at - 60) : at - 1]
    if _describes_to_the_end(text, at) or before.endswith(" được"):
        return False
    if _STEERS.match(text, at) and _COMMITTEE.search(before):
        return False
    if not after_noun and _in_a_word(text, before, at):
        return False
    describing = None if after_comma else _DESCRIBING.match(text, at)
    return not (describing and _ENDS_GENERIC.search(before) and not _first_of_several(text, describing.end()))


def _first_of_several(text: str, at: int) -> bool:
    """Whether behind a verb another follows: "nghiên cứu, đề xuất …" is done, not said of the one who does it."""
    return text.startswith(", ", at) and begins_predicate(text, at + 2)


def _describes_to_the_end(text: str, at: int) -> bool:
    """Whether a describing verb ends a name, nothing being left for it to do: "các sở giáo dục và đào tạo"."""
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
    """Whether a word of doing belongs to a name: the end of "Đào tạo", or what "Quản lý …" manages."""
    last = before.rsplit(" ", 2)
    word = _WORD.match(text, at)
    if word and f"{last[-1]} {word.group()}".casefold() in _COMPOUNDS:
        return True
    if word and last[-1][:1].isupper() and word.group() in _VERBS and _ends_a_name(text, word.end()):
        return True
    named = " ".join(last[-2:])
    return named[:1].isupper() and bool(_HOUSE_OF.fullmatch(named)) and not _CLEARLY.match(text, at)


def _ends_a_name(text: str, at: int) -> bool:
    """Whether behind a single syllable the name is over: "Bộ Ngoại giao chủ trì", "Bộ Ngoại giao:"."""
    rest = text[at : at + 60]
    return not rest.strip(" ,.;:\n") or rest[0] in ",.;:\n" or rest.startswith(" và ") or begins_predicate(text, at + 1)


def lists_below(text: str, start: int, at: int) -> bool:
    """Whether a colon opens the names of a kind: "các Bộ: Tư pháp, Công an", "các cơ quan chức năng: Sở Y tế"."""
    if not text[at + 1 : at + 3].strip().istitle():
        return False
    last = text[max(text.rfind(",", start, at) + 1, text.rfind(" và ", start, at) + 1, start) : at].strip()
    if begins_predicate(text[at + 2 : at + 40].lower()):
        return False
    return bool(_KIND_ONLY.fullmatch(last) or (_KIND_LAST.search(last) and _names_follow(text, at + 2)))


def _names_follow(text: str, at: int) -> bool:
    """Whether two capitalised names follow, parted by a comma: "các huyện: Lục Ngạn, Sơn Động"."""
    return bool(_TWO_NAMES.match(text, at))


def _goes_on(text: str, at: int, *, listed: bool) -> bool:
    """Whether after a comma or "và" the list of names goes on."""
    while at < len(text) and text[at] == " ":
        at += 1
    if text.startswith("và ", at):
        at += 3
    if at >= len(text):
        return False
    if _RELATED.match(text, at):
        return True
    if begins_predicate(text, at) and not _ORGANISED.match(text, at):
        return _describes_to_the_end(text, at)
    if begins_actor(text, at) or _GENERIC.match(text, at):
        return not _STOP.match(text, at)
    return not listed and text[at].isupper() and not _ORDER.match(text, at)


def _lists_fields(text: str, start: int, at: int, after: int) -> bool:
    """Whether a kind of actor is only described further: "các doanh nghiệp bưu chính, viễn thông và internet"."""
    name = text[_last_name(text, start, at) : at]
    several = _plural_kind(name)
    if not (several or _HOUSE.match(name)):
        return False
    if _RELATED_END.search(name):
        return False
    while after < len(text) and text[after] == " ":
        after += 1
    if after >= len(text) or not text[after].islower() or begins_predicate(text, after) or _STOP.match(text, after):
        return False
    for size, match in enumerate(_WORD.finditer(text, after, min(len(text), after + 60))):
        if begins_predicate(text, match.start()) or match.group() in ",:;.(" or match.group() == "và":
            return size > 0
        if _RELATED.match(text, match.start()) or _WORKING.match(text, match.start()):
            return several and size > 0
        if _STOP.match(text, match.start()):
            return several and size > 1
        if size >= 7:
            return False
    return False


def _last_name(text: str, start: int, at: int) -> int:
    """Where the last single name of a list begins."""
    found = start
    for match in CUTS.finditer(text, max(start, at - 200), at):
        if match.end() < at and begins_actor(text, match.end()):
            found = match.end()
    return found


def _plural_kind(name: str) -> bool:
    match = HEAD.match(name)
    return bool(match and match.group().endswith(" ")) and name[1:].islower()


_HOUSE = re.compile(
    r"(?:Ban|Chi cục|Cục|Vụ|Trung tâm|Viện|Phòng|Trường|Tổng cục|Công ty|Hội đồng|Tiểu ban|Chi nhánh)(?: [A-ZĐÁ-Ỹ]\w*)+ "
    r"[a-zđá-ỹ]"
)
"""An office named by its field: "Trung tâm Xúc tiến đầu tư, thương mại và du lịch"."""
_RELATED_END = re.compile(r"(?:liên quan|chức năng|hữu quan|nêu trên|khác)$")
