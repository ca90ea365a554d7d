"""Who leads ("chủ trì") and who takes part ("phối hợp với …")."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from workflows.intake.names.actors import name_end, names, sure_of
from workflows.intake.names.subjects import headed_by, is_kind_word, line_subject, ordered_from
from workflows.intake.text.beginnings import TextPart, begins_actor, begins_predicate
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import reach_back, sentences
from workflows.intake.text.vocabulary import bare

_LEADS = re.compile(r"\bch[ủu] tr[ìií]\b", re.IGNORECASE)
_NO_LEAD = re.compile(r"(?:(?:cơ quan|đơn vị)(?: được giao)?|đã|được|người|vai trò) $", re.IGNORECASE)
_WITH = re.compile(
    r"\b(?:ph[ốôoổ]i h[ợơo]p|phối kết hợp|kết hợp|hiệp đồng)\b(?P<how>(?: [^\s,;:.()]{1,12}){0,9}?"
    r"(?:, (?:chặt chẽ|kịp thời|đồng bộ|thường xuyên|hiệu quả|nhịp nhàng|toàn diện)){0,3})"
    r"(?:,? (?:với|cùng)(?: với)?):? (?=\S)",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"(?<!kế hoạch )(?<!quy chế )(?<!chương trình )(?<!văn bản )(?<!cơ chế )\bph[ốôoổ]i h[ợơo]p (?:của |(?=\S))|"
    r"\bphối hợp(?:,| và) (?:hỗ trợ|giúp) (?=\S)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"(?<![\w,] )\bcùng với (?=\S)|(?<=hủ trì, )cùng (?:với )?(?=\S)|(?<=hủ trì )cùng (?:với )?(?=\S)|"
    r"(?:(?<=\w )|(?<=\w, ))cùng (?:với )?(?=(?:các )?[A-ZĐỦỨ])|(?<=\w )cùng (?:với )?(?=các )|\bhọp với (?=\S)"
)
_WITH_THEIR_PART = re.compile(
    r"\b(?:có|với|mời) sự (?:tham gia|phối hợp|hỗ trợ|cộng tác|tham dự|hợp tác)(?:, (?:tham gia|phối hợp|hỗ trợ))?"
    r"(?: (?:tích cực|thực hiện|chặt chẽ))? của (?=\S)",
    re.IGNORECASE,
)
_WITH_AGAIN = re.compile(r"[^,;.\n]{1,80}[,;] (?:và )?với (?=\S)")
"""A further partner of the same work: "phối hợp với A để …, với B để …"."""
_WITH_ANYBODY = re.compile(
    r"\b[Pp]hối hợp(?: chặt chẽ| tốt| thường xuyên| chủ động| đồng bộ)? với (?!các |những |nhau|việc |công tác |"
    r"nội dung |hoạt động |chương trình |kế hoạch |quy |tình hình |yêu cầu |thực |điều kiện |phong trào |nhiệm vụ |"
    r"mục tiêu |dự án |nguồn |kết quả |tiến độ |biện pháp |phương |chính sách |đề án |cuộc |lịch |đặc |thời |"
    r"truyền thống |tinh thần )"
    r"(?=[a-zà-ỹđ])"
)
"""Before a partner who is no office: "phối hợp với gia đình", "phối hợp với đội ngũ cộng tác viên"."""
_IS_PARTNER = re.compile(r" (?:là|làm) (?:các )?(?:cơ quan|đơn vị) (?:tham gia )?phối hợp\b(?!\s*:)")
_ACRONYM = re.compile(r"[A-ZĐ]{2,}[\w-]*\b")
_BY = re.compile(r"[^,;:.()]{3,80}? do (?=\S)")
_SETS_UP = re.compile(r"(?:Thành lập|Kiện toàn|Tổ chức) (?:các )?(?:đoàn|tổ|ban|hội nghị|cuộc họp)\b", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:(?:^|\n|[;.•] ?)[-+* ]{0,3}|\b(?:cơ quan|đơn vị|"
    r"các (?:cơ quan, )?đơn vị) )(?:tham gia )?phối hợp(?: thực hiện)?(?: (?:là|gồm))?\s*: ?",
    re.IGNORECASE,
)
_LED_BY = re.compile(
    r"(?:(?:^|\n|[;.•] ?)[-+* ]{0,3}chủ trì|\b(?:cơ quan|đơn vị) (?:chủ trì|thường trực))(?: thực hiện)?(?: là)?\s*: ?",
    re.IGNORECASE,
)
_ESPECIALLY = re.compile(r"\b(?:đặc biệt|nhất) là với (?=\S)")
_AMONG = re.compile(r"\bgiữa\b")
_CLAUSE = re.compile(r"[,;:.(\n–-] ?$|\bvà $|\bđể $|\d $|^$")


def read_leads(passage: Passage, addressees: Iterable[TextFinding]) -> list[TextFinding]:
    """Return those of whom "chủ trì" is said; where the sentence only says it, the addressees."""
    text = passage.text
    found = [one for led in _LED_BY.finditer(text) for one in named_at(passage, led.end(), 0.95, ReadingReason.LEADS)]
    for part in sentences(text):
        said = part.start
        for match in _LEADS.finditer(text, part.start, part.end):
            start, said = max(said, reach_back(text, part.start, match.start())), match.end()  # no name goes across two
            before, of_line = text[start : match.start()], line_subject(text, match.start())
            if _IS_LEAD.search(before[-60:]):
                found += _of_clause(passage, start, match.start()) or of_part(
                    passage, of_line, 0.88, ReadingReason.LEADS
                )
                continue
            if _NO_LEAD.search(before[-40:]):
                continue
            if named := _named_before(text, start, match.start()):
                found += of_part(passage, named, 0.95, ReadingReason.LEADS)
            elif by := _done_by(text, part.start, match.start()):
                found += of_part(passage, by, 0.85, ReadingReason.LEADS)
            elif _CLAUSE.search(before[-40:]) and not re.search(r"\b(?:do|cho|đã)\b", before[-40:]):
                found += (
                    of_part(passage, headed_by(text, match.start()), 0.88, ReadingReason.LEADS)
                    or of_part(passage, of_line, 0.88, ReadingReason.LEADS)
                    or [
                        replace(one, confidence=min(one.confidence, 0.88), reason=ReadingReason.LEADS)
                        for one in addressees
                    ]
                )
    return distinct(found)


_IS_LEAD = re.compile(r"\b(?:là|làm|với vai trò) (?:cơ quan|đơn vị|đầu mối)(?: đầu mối,?)? $")


def _of_clause(passage: Passage, start: int, at: int) -> list[TextFinding]:
    """Return the last actor that begins a clause or is ordered before "làm cơ quan chủ trì"."""
    named = list(ordered_from(passage.text, start, at))
    if not named:
        return []
    return findings(passage, named[-1], min(name_end(passage.text, named[-1]), at), 0.88, ReadingReason.LEADS)


def _done_by(text: str, start: int, at: int) -> TextPart | None:
    """Return the leader of a sentence about a thing: "Nhiệm vụ này do Sở Xây dựng chủ trì"."""
    match = _BY.match(text, start, at)
    if match is None or begins_actor(text, start):
        return None
    if begins_predicate(text[start : start + 40].lower()) and not _SETS_UP.match(text, start):
        return None
    return (
        TextPart(match.end(), at - 1)
        if begins_actor(text, match.end()) and name_end(text, match.end()) >= at - 1
        else None
    )


def _named_before(text: str, start: int, at: int) -> TextPart | None:
    """Return the actors whose name ends where "chủ trì" stands, from where a clause or an order begins."""
    for begin in ordered_from(text, start, at):
        end = name_end(text, begin)
        if end >= at - 1 or _only_adverbs(text[end:at]):
            return TextPart(begin, min(end, at))
    return None


def _only_adverbs(words: str) -> bool:
    words = words.strip(" ,")
    return len(words) < 60 and bool(
        re.fullmatch(
            r"(?:đồng|cùng|có trách nhiệm|chịu trách nhiệm|chủ động|khẩn trương|tiếp tục|cần|phải|là|làm|và|"
            r"theo chức năng[\w\s,]*|trực tiếp|thực hiện|có nhiệm vụ|được giao|sớm|ngay|nghiêm túc|tích cực|[\s,:])+",
            words,
        )
    )


def read_coordinating(passage: Passage) -> list[TextFinding]:
    """Return the objects of "phối hợp với", "cùng với", and lists behind "cơ quan phối hợp"."""
    found: list[TextFinding] = []
    for start in sorted(set(_partners(passage.text))):
        found += findings(passage, start, name_end(passage.text, start), 0.9, ReadingReason.PARTNER)
    for match in _WITH_ANYBODY.finditer(passage.text):
        if not begins_actor(passage.text, match.end()):
            found += findings(passage, match.end(), name_end(passage.text, match.end()), 0.75, ReadingReason.PARTNER)
    for part in _taking_part(passage.text):
        found += of_part(passage, part, 0.85, ReadingReason.PARTNER)
    return distinct(found)


_BESIDE_LEAD = re.compile(r"\bchủ trì(?:[,;]| [-–]) (?:còn )?(?=\S)")
_JOINS = re.compile(r" (?:cùng |tham gia )?phối hợp\b")
_TAKES_PART = re.compile(r"\bphối hợp(?: thực hiện| tham gia)?\s*(?=[;.)]|$)")


_HELPS_DO = re.compile(
    r"(?<=\w )phối hợp (?!với\b|cùng\b|các\b|chặt|tốt\b|đồng bộ|thường xuyên|kịp thời|"
    r"hiệu quả|của\b|giữa\b|[A-ZĐ])(?=\w)"
)
"""A verb of a clause of its own: "…, Công ty Điện lực phối hợp bảo đảm điện"."""


def _taking_part(text: str) -> Iterator[TextPart]:
    """Yield those who "phối hợp" in a clause of their own behind the one who leads: "A chủ trì; B, C phối hợp"."""
    for match in _TAKES_PART.finditer(text):
        back = reach_back(text, 0, match.start())
        start = max(back - 1, *(text.rfind(mark, back, match.start()) for mark in ";(.:\n")) + 1
        while start < match.start() and text[start] == " ":
            start += 1
        if begins_actor(text, start) and name_end(text, start) >= match.start() - 1:
            yield TextPart(start, match.start())
    for match in _HELPS_DO.finditer(text):
        back = reach_back(text, 0, match.start(), 300)
        if (acting := line_subject(text, match.start())) and acting.end >= match.start() - 1:
            continue  # one list of all who act
        for begin in re.finditer(r"[,;] (?:còn |và )?(?=\w)", text[back : match.start()]):
            start = back + begin.end()
            if (
                begins_actor(text, start)
                and not is_kind_word(text, start)
                and (text[start].isupper() or text.startswith("các ", start))
                and match.start() - 1 <= name_end(text, start) <= match.start()
            ):
                yield TextPart(start, match.start())
                break
    for match in _BESIDE_LEAD.finditer(text):
        end = name_end(text, match.end()) if begins_actor(text, match.end()) else 0
        if end and _JOINS.match(text, end):
            yield TextPart(match.end(), end)
    for match in _IS_PARTNER.finditer(text):
        back = reach_back(text, 0, match.start(), 300)
        for start in ordered_from(text, back, match.start()):
            if name_end(text, start) >= match.start():
                yield TextPart(start, match.start())
                break


def _partners(text: str) -> Iterator[int]:
    for match in _WITH.finditer(text):
        if _AMONG.search(match.group("how")):
            continue
        if begins_actor(text, match.end()) or _ACRONYM.match(text, match.end()):
            yield match.end()
            again = _WITH_AGAIN.match(text, name_end(text, match.end()))
            if again and begins_actor(text, again.end()):
                yield again.end()
    for match in _DIRECT.finditer(text):
        if begins_actor(text, match.end()) and not begins_predicate(text, match.end()):
            yield match.end()
    for pattern in (_TOGETHER, _LISTED, _ESPECIALLY, _WITH_THEIR_PART):
        for match in pattern.finditer(text):
            if begins_actor(text, match.end()):
                yield match.end()


def findings(passage: Passage, start: int, end: int, confidence: float, reason: ReadingReason) -> list[TextFinding]:
    return [
        TextFinding(
            passage.text[part.start : part.end].replace("\n", " "),
            passage.span(part.start, part.end),
            sure_of(passage.text[part.start : part.end], confidence),
            reason,
        )
        for part in names(passage.text, start, end)
    ]


def of_part(passage: Passage, part: TextPart | None, confidence: float, reason: ReadingReason) -> list[TextFinding]:
    """Return the single names of a part; none where there is no part."""
    return findings(passage, part.start, part.end, confidence, reason) if part else []


def named_at(passage: Passage, start: int, confidence: float, reason: ReadingReason) -> list[TextFinding]:
    """Return the single names of the list that begins at a position; none where no actor does."""
    text = passage.text
    return findings(passage, start, name_end(text, start), confidence, reason) if begins_actor(text, start) else []


def distinct(found: Iterable[TextFinding]) -> list[TextFinding]:
    """Return each name once, compared without marks, capitals and "các". A long name that begins a longer one goes."""
    kept: dict[str, TextFinding] = {}
    for one in found:
        key = re.sub(r"^(?:cac|quy|nhung|toan the) ", "", bare(one.value).casefold())
        kept.setdefault(re.sub(r"\W+", " ", key).strip(), one)
    keys = sorted(kept)
    return [one for key, one in kept.items() if not (key.count(" ") > 2 and _longer(keys, f"{key} "))]


def _longer(keys: list[str], beginning: str) -> bool:
    place = bisect_left(keys, beginning)
    return place < len(keys) and keys[place].startswith(beginning)
