"""Find where the noun phrase of an actor begins, and where a predicate begins."""

import re
from typing import NamedTuple

from workflows.intake.text.vocabulary import (
    ACRONYMS,
    ACTOR_HEADS,
    NO_ACTORS,
    PLURALS,
    PREDICATES,
    bare,
    noun_end,
    words_pattern,
)


class TextPart(NamedTuple):
    """A stretch of a text, by its own positions."""

    start: int
    end: int


HEAD = re.compile(rf"(?:{words_pattern(PLURALS)}) (?=\w)|(?:{words_pattern(ACTOR_HEADS)})\b", re.IGNORECASE)
_ACTORS = re.compile(rf"(?:{words_pattern(ACTOR_HEADS)})\b", re.IGNORECASE)
_MANAGES_SEVERAL = re.compile(r" các (?=khu|dự án|công trình|cụm)")
_SPOILT_HEADS = re.compile(
    rf"(?:{words_pattern(tuple(bare(word) for word in ACTOR_HEADS if ' ' in word))})\b", re.IGNORECASE
)
"""Heads of several words as scanners read them, without their marks."""
_ACRONYM = re.compile(rf"(?:{ACRONYMS})\b")
_NO_ACTOR = re.compile(rf"(?:{'|'.join(NO_ACTORS)})", re.IGNORECASE)
_NO_ACTORS = re.compile(
    r"(?:vụ (?:việc|án|vi phạm|cháy|tai)|hội (?:nghị|thảo)|bộ (?:tiêu chí|chỉ số)|cơ sở dữ)", re.IGNORECASE
)
"""Of these, what stands behind "các" too: "các vụ việc"."""
_ORGANISES = re.compile(r"tổ chức\b", re.IGNORECASE)
ORGANISED = re.compile(
    r"[Tt]ổ chức(?:, (?=đơn vị|doanh nghiệp|cá nhân|đoàn thể)| (?=chính trị|thành viên|xã hội|đoàn thể|"
    r"tín dụng|tài chính|cung ứng dịch vụ|cung cấp dịch vụ|"
    r"cá nhân|quốc tế|Y tế|Lao động|Di cư|Thương mại|Hợp tác|Du lịch|"
    r"có |liên quan|thuộc|trên địa bàn|hội\b(?! nghị| thảo| họp| chợ| thi| diễn| báo|"
    r" trại| thao| xuân| đua| đàm| vật)|[đĐ]ảng|kinh tế|"
    r"khác\b|hành chính|sự nghiệp|pháp chế|phi |khoa học|tôn giáo|trong (?:và|nước|ngành)|tiếp tục|cần\b|phải\b|(?:có|"
    r"chịu) trách nhiệm|khẩn trương|nghiêm túc|chủ động|và cá nhân|đóng trên))"
)
_SINGLE = re.compile(rf"(?:{words_pattern(tuple(word for word in PREDICATES if ' ' not in word))})\b")
_DOUBLE = re.compile(rf"(?:{words_pattern(tuple(bare(word) for word in PREDICATES if ' ' in word))})\b")


_SENT_BY = words_pattern(tuple(word for word in ACTOR_HEADS if word not in ("quý", "chủ", "tổ chức")))
_DELEGATES = re.compile(
    rf"(?:đại diện (?:các |những |một số |lãnh đạo )?|lãnh đạo (?:các |những )?)"
    rf"(?=(?:{_SENT_BY})\b)",
    re.IGNORECASE,
)
"""Nouns that elsewhere are verbs: "đại diện các doanh nghiệp", "lãnh đạo Sở"."""


_COUNTED = re.compile(
    r"(?:cả hai|hai|ba|bốn|\d{2}) (?=(?:bộ|sở|ban|ngành|cơ quan|đơn vị|địa phương|xã|phường|tỉnh|thành phố|huyện|"
    r"doanh nghiệp|công ty|đồng chí|tổ|bản|thôn)\b)",
    re.IGNORECASE,
)
"""How many of a kind: "hai Sở nêu trên"."""


def begins_actor(text: str, at: int = 0) -> bool:
    if _ACRONYM.match(text, at) or _DELEGATES.match(text, at):
        return True
    if _NO_ACTOR.match(text, at) or (_ORGANISES.match(text, at) and not ORGANISED.match(text, at)):
        return False
    match = HEAD.match(text, at)
    if match is None:
        return bool(_COUNTED.match(text, at))
    plural = match.group().endswith(" ")
    if plural and _NO_ACTORS.match(text, match.end()):
        return False
    named = bool(_ACTORS.match(text, match.end())) and not text.startswith("quý", match.end())
    return not plural or named or text[match.end() : match.end() + 2].istitle()


def begins_predicate(text: str, at: int = 0) -> bool:
    """Return whether a word of doing begins here; one of two syllables also without marks, as scanners read it."""
    return (
        bool(_SINGLE.match(text, at) or _DOUBLE.match(bare(text), at))
        and not noun_end(text, at)
        and not _DELEGATES.match(text, at)
    )


def begins_double(text: str, at: int) -> bool:
    return bool(_DOUBLE.match(bare(text), at))


def head_end(text: str, start: int) -> int:
    """Return where the noun ends that a name begins with; it may hold a word of doing: "Nhà xuất bản"."""
    if delegates := _DELEGATES.match(text, start):
        start = delegates.end()
    match = _ACTORS.match(text, start)
    if match is None or " " not in match.group():
        spoilt = _SPOILT_HEADS.match(bare(text), start)
        match = match if text.startswith("bản ", start) else spoilt  # "các bản tổ chức" is no Ban Tổ chức
    if match is None:
        return noun_end(text, start) or start
    several = _MANAGES_SEVERAL.match(text, match.end()) if match.group().lower().endswith("quản lý") else None
    return max(noun_end(text, start), several.end() if several else match.end())
