"""Who watches, presses or inspects the carrying out of the document, or of others' work."""

import re
from collections.abc import Iterable
from dataclasses import replace

from workflows.intake.names.actors import name_end
from workflows.intake.names.partners import distinct, of_part
from workflows.intake.names.subjects import headed_by, line_subject, ordered_from
from workflows.intake.text.beginnings import TextPart, begins_actor, begins_predicate
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import reach_back, sentences

_VERBS = (
    r"(?:theo [dđ][õo]i|[đd][ôo]n [đd][ốôo]c|ki[ểêe]m tra|giám sát|thanh tra|hướng dẫn|tổng hợp|đánh giá|"
    r"chỉ đạo|nhắc nhở)"
)
_CHAIN = re.compile(rf"\b{_VERBS}(?:(?:,| và|, và) {_VERBS})*", re.IGNORECASE)
_WATCHES = re.compile(r"theo [dđ][õo]i|[đd][ôo]n [đd][ốôo]c|ki[ểêe]m tra|giám sát", re.IGNORECASE)
_PRESSES = re.compile(r"[đd][ôo]n [đd][ốôo]c", re.IGNORECASE)
_THIS = re.compile(
    r"\s?(?:chặt chẽ |thường xuyên |sát |kịp thời |và )*(?:việc|tình hình|công tác|quá trình|kết quả|tiến độ)?"
    r"[^.;\n]{0,60}?(?:thực hiện|triển khai|thi hành|chấp hành)[^.;\n]{0,80}?\b"
    r"(?:chỉ thị|kế hoạch|công văn|công điện|thông báo|chương trình|kết luận|quyết định|đề án|nội dung|"
    r"nhiệm vụ|văn bản|nghị quyết|hướng dẫn|phương án|quy chế|quy định|phong trào|cuộc vận động)"
    r"[^.;,\n]{0,30}?\b(?:này|trên|nói trên|nêu trên)\b",
    re.IGNORECASE,
)
_THIS_ONE = re.compile(
    r"[^.;\n]{0,60}?(?:thực hiện|triển khai)(?: thực hiện)? (?:Chỉ thị|Kế hoạch|Công điện|Chương trình|Nghị quyết|"
    r"Phương án|Kết luận|Quyết định|Thông báo|Công văn|Đề án)(?=[,.;]|$)"
)
_OTHERS = re.compile(r"\s?(?:nhắc nhở |việc |tình hình |đối với |chặt chẽ )*", re.IGNORECASE)
_LAW = re.compile(
    r"\s?(?:việc )?(?:chấp hành|thực hiện)[^.;\n]{0,30}?\b(?:pháp luật|quy định|luật|kết luận|văn bản quy phạm)\b",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"\s?(?:việc|tình hình) (?:triển khai |tổ chức )*thực hiện (?:các )?(?:chính sách|nhiệm vụ|kế hoạch|"
    r"đề án|chương trình)\b",
    re.I,
)
_OF_OTHERS = re.compile(
    r"\s?(?:việc|tình hình|tiến độ|kết quả) (?:triển khai )?thực hiện [^.;,]{0,40}?của (?:các |từng )?"
    r"(?:đơn vị|sở|bộ|địa phương|cơ quan|chính quyền|cấp|ngành|doanh nghiệp|tổ chức|ủy ban)",
    re.IGNORECASE,
)
_WATCHES_WORK = re.compile(
    r"\s?(?:và [^\W\d]+ [^\W\d]+ )?(?:các |những )?[^.;,\n]{0,40}?\btrong (?:quá trình|"
    r"việc) (?:\w+ ){0,4}?(?:thực hiện|triển khai|xây dựng)"
    r"|\s?(?:ngay từ đầu|liên tục|thường xuyên|chặt chẽ|,|và|\s)*(?:suốt )?(?:quá trình|"
    r"tiến độ) (?:tổ chức )?(?:xây dựng|thực hiện|triển khai|giải ngân)"
    r"|\s?(?:việc|tình hình|quá trình) (?:tổ chức )?(?:triển khai|thực hiện)(?: thực hiện)?\s*(?:[;,.]|$)"
    r"|\s?để (?:các |những )[^.;,\n]{3,60}\b(?:sử dụng|thực hiện|chấp hành)",
    re.IGNORECASE,
)
"""The work of others that is watched: "giám sát các hộ trong quá trình xây dựng", "theo dõi tiến độ thực hiện"."""
_PRESSED = re.compile(
    r"\s?(?:chặt chẽ |thường xuyên |kịp thời |sát sao )*(?:(?:việc|công tác|tiến độ|tình hình|quá trình|"
    r"kết quả) (?!thu\b|nộp\b|nợ\b|chấp hành|thi công)\w+"
    r"| theo (?:quy định|thẩm quyền|chức năng)|,? (?:và )?(?:kịp thời|thường xuyên|định kỳ|hằng|hàng|sơ kết|tổng kết|"
    r"nhắc nhở))",
    re.IGNORECASE,
)
"""The work that others are pressed to do: "đôn đốc tiến độ giải ngân", "đôn đốc, kịp thời báo cáo"."""
_AND_REPORT = re.compile(
    r"\s?(?:,|và|, và|;) (?:kịp thời |thường xuyên )?(?:tổng hợp|báo cáo|định kỳ|tham mưu|đề xuất)\b", re.IGNORECASE
)
_THINGS = re.compile(r"\s?(?:các )?(?:nhà thầu|hộ|người dân|nhân dân|học sinh|chủ phương tiện|chủ hộ)\b", re.IGNORECASE)
"""Whom to press is a duty's own subject."""
_HELPS = re.compile(r" giúp [^,;.]{3,60} ")
_NOUN = re.compile(
    r"(?:công tác|hoạt động|khung|hệ thống|công cụ|(?<!phòng )(?<!quan )(?<!ngành )chức năng|đoàn|kế hoạch|"
    r"biện pháp|được|kết quả|để|nhằm|cho) $",
    re.IGNORECASE,
)
_GOES_OUT = re.compile(
    r"(?:tổ chức|thành lập|chủ trì|cử|lập|xây dựng)\b[^;.\n]{0,40}(?:đoàn|kế hoạch|công tác) $|"
    r"\b(?:có mặt|xuống|đi|đến|về|trực tiếp)\b[^;.\n]{0,100} để $",
    re.IGNORECASE,
)


def read_supervisors(passage: Passage, addressees: Iterable[TextFinding]) -> list[TextFinding]:
    """Return those told to follow, press or inspect; the addressees where the sentence names nobody itself."""
    text = passage.text
    found: list[TextFinding] = []
    for sentence in sentences(text):
        for match in _CHAIN.finditer(text, sentence.start, sentence.end):
            if text[match.start()].isupper() and text[match.start() - 2 : match.start()].rstrip().isalpha():
                continue  # the end of a name: "Ủy ban Kiểm tra"
            if not _oversees(text, match, sentence):
                continue
            at = match.start()
            found += (
                of_part(passage, _watcher(text, reach_back(text, sentence.start, at), at), 0.85, ReadingReason.OVERSEES)
                or of_part(passage, headed_by(text, at), 0.85, ReadingReason.OVERSEES)
                or of_part(passage, line_subject(text, at), 0.8, ReadingReason.OVERSEES)
                or [replace(one, confidence=0.8, reason=ReadingReason.OVERSEES) for one in addressees]
            )
            break
    return distinct(found)


def _oversees(text: str, match: re.Match[str], sentence: TextPart) -> bool:
    """Return whether what is watched is this document's work, or pressing others to work."""
    verbs = match.group()
    before = text[max(sentence.start, match.start() - 120) : match.start()]
    rest = text[match.end() : sentence.end]
    if not _WATCHES.search(verbs):
        return False
    if _NOUN.search(before[-40:]):
        return bool(_GOES_OUT.search(before) and _THIS.match(rest))
    if _THIS.match(rest) or _THIS_ONE.match(rest):
        return True
    if _LAW.match(rest) or _THINGS.match(rest):
        return False
    if (
        _POLICY.match(rest)
        or _OF_OTHERS.match(rest)
        or (_PRESSES.search(verbs) and (_AND_REPORT.match(rest) or not rest.strip(" .,")))
    ):
        return True
    if _WATCHES_WORK.match(rest):
        return True
    if not _PRESSES.search(verbs):
        return False
    if _PRESSED.match(rest):
        return True
    other = _OTHERS.match(rest)
    at = match.end() + (other.end() if other else 0)
    if begins_actor(text, at):
        after = text[name_end(text, at) : sentence.end].lstrip(" ,")
        return not after.strip(" .") or begins_predicate(after) or after.startswith(("trong", "và "))
    return bool(
        re.match(r"\s?(?:việc|tình hình|công tác|quá trình|tiến độ)?\s?(?:\w+ ){0,3}?(?:thực hiện|triển khai)\b", rest)
    )


def _watcher(text: str, start: int, at: int) -> TextPart | None:
    """Return the actor that begins the sentence or a clause of it and is told to watch."""
    begins = list(ordered_from(text, start, at))
    together = name_end(text, begins[0]) if begins else 0
    for begin in begins[1:]:
        if begin < together:
            continue  # one of a list that the first begins
        if at - 1 <= name_end(text, begin) <= at or _HELPS.fullmatch(text, name_end(text, begin), at):
            return TextPart(begin, name_end(text, begin))
    for begin in begins:
        end = name_end(text, begin)
        if _HELPS.fullmatch(text, end, at):
            return TextPart(begin, end)
        if end < at and not re.search(r"^[^:].*:|;|\b(?:cho|giúp)\b [^,]*$", text[end:at]):
            return TextPart(begin, end)
    return None
