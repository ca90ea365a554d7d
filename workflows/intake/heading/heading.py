"""Read the head of a document: number, date, issuer, title, stamps, addressees, and the beginning of its body."""

import re
from datetime import date

from workflows.intake.heading.issuer import read_issuer
from workflows.intake.heading.title import Title, read_title
from workflows.intake.names.actors import name_end, names
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import DocumentHeading, Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import between
from workflows.intake.text.shape import is_capitals
from workflows.intake.times.days import DAY, make_day, read_day

MAX_HEAD = 60
"""The most paragraphs of a head."""

_CODE = r"[A-ZĐƠƯÔÊÂĂ][\wĐđ&.]*(?:\s?[-–/]\s?[A-ZĐƠƯÔÊÂĂ][\wĐđ&.]*)*"
_NUMBER = re.compile(rf"(\d{{1,5}}[a-zA-Z]?\s?[/-]\s?(?:(?:19|20)\d\d\s?[/-]\s?)?{_CODE})")
_BEGINS_NUMBER = re.compile(r"(?:S[ốồổỗộôo6óò]|SỐ|SÓ|SO)\b[^\w]{0,4}(?=[\d/_…. ])")
_PROPERTY = re.compile(r"(?:Số hiệu|Số, ký hiệu|Số ký hiệu)\s*:\s*")
_TYPED_NUMBER = re.compile(rf"(?:SỐ|Số|số)\s*:?\s*{_NUMBER.pattern}")
_ABOUT = re.compile(r"\b(?:về|v/v|thực hiện|triển khai|kết luận|ban hành)\b", re.IGNORECASE)
_HOUR = r"(?:(?:hồi |lúc |vào hồi )?\d{1,2}\s?(?:giờ|h|g)\s?(?:\d{2})?(?:\s?phút)?,? )?"
_PLACE_DATE = re.compile(rf"(?:^|[|;] ?|\w, ?|^(?-i:(?:[A-ZĐ][^\W\d_]*\.? ){{1,5}})){_HOUR}{DAY}", re.IGNORECASE)
_BLANK_DAY = re.compile(r"\bngày[\s.…_/]{0,20}tháng\s*(\d{1,2})?[\s.…_/]{0,20}năm\s*(\d{4})\b", re.IGNORECASE)
"""A date whose day was left blank: "ngày … tháng 9 năm 2023"."""
_ISSUED = re.compile(rf"Ngày (?:ban hành|ký)\s*:?\s*\|?\s*{DAY}", re.IGNORECASE)
_DIRECTS = re.compile(
    r"\W*(?:chỉ thị|kế hoạch|công điện|chương trình|phương án|danh mục|phân công|phiếu giao việc|phụ lục)"
    r"\b",
    re.IGNORECASE,
)
"""Kinds of documents whose every item is an order; in others an item must say so."""
_URGENT = re.compile(r"\W*(hoả tốc|hỏa tốc|thượng khẩn|khẩn)\b[\w\s]{0,20}\W*$", re.IGNORECASE)


def read_heading(paragraphs: list[TextParagraph]) -> DocumentHeading:
    head = paragraphs[:MAX_HEAD]
    title = read_title(head)
    addressees, end = read_address(head)
    body = max(title.end, end, _letterhead_end(head[: title.start or len(head)]))
    pieces = _pieces(head[: max(body, 1)])
    number = _number(pieces) or _typed_number(title)
    issued = _issued(pieces, title) or _dated_below(paragraphs, body)
    return DocumentHeading(
        number=number,
        issued=issued,
        issued_on=read_day(issued.value) if issued else None,
        issued_about=_issued_about(pieces) if issued is None else None,
        issuer=read_issuer(head, body, title, paragraphs, number),
        title=title.finding,
        urgency=_urgency(pieces),
        addressees=addressees,
        directs=any(_DIRECTS.match(one.text) for one in head[:body] if not one.cells),
        body=body,
    )


def _pieces(head: list[TextParagraph]) -> list[Passage]:
    return [cell for paragraph in head for cell in (paragraph.cells or (paragraph.passage,)) if cell.text]


def _letterhead_end(head: list[TextParagraph]) -> int:
    """Return the index after the last line of the letterhead: the number's, or "Độc lập – Tự do – Hạnh phúc"."""
    end = 0
    for index, paragraph in enumerate(head):
        if (
            _BEGINS_NUMBER.match(paragraph.text.lstrip("| "))
            or "Hạnh phúc" in paragraph.text
            or (_PLACE_DATE.search(paragraph.text) and len(paragraph.text) < 120 and index <= end + 2)
        ):
            end = index + 1
        elif index > end + 8:
            break
    return end


def _number(pieces: list[Passage]) -> TextFinding | None:
    """Return the number behind "Số:" in a line or cell of its own; none where it was left blank."""
    for index, piece in enumerate(pieces):
        if (match := _PROPERTY.match(piece.text)) and (match_of_number := _NUMBER.match(piece.text, match.end())):
            return _number_finding(piece, match_of_number)
        if match := _BEGINS_NUMBER.match(piece.text):
            if match_of_number := _NUMBER.match(piece.text, match.end()):
                return _number_finding(piece, match_of_number)
            return None
        if re.match(r"Số hiệu|Số, ký hiệu|Số ký hiệu", piece.text):
            for cell in pieces[index : index + 2]:
                if match_of_number := _NUMBER.search(cell.text):
                    return _number_finding(cell, match_of_number)
    return None


def _typed_number(title: Title) -> TextFinding | None:
    """Return the number in the lines of the kind of document: "CHỈ THỊ CỦA … SỐ 10/2006/CT-BBCVT NGÀY …"."""
    if title.kind is None:
        return None
    match = _TYPED_NUMBER.search(_before_title(title.kind.text))
    return (
        _number_finding(title.kind, re.compile(_NUMBER.pattern).search(title.kind.text, match.start()))
        if match
        else None
    )


def _before_title(kind: str) -> str:
    """Return the part of the lines of the kind of document that speaks of the document itself."""
    about = _ABOUT.search(kind, 5)
    return kind[: about.start()] if about else kind


def _number_finding(piece: Passage, match_of_number: re.Match[str] | None) -> TextFinding | None:
    if match_of_number is None:
        return None
    value = re.sub(r"\s*([/–-])\s*", r"\1", match_of_number.group(1)).replace("–", "-").rstrip(".")
    return TextFinding(value, piece.span(match_of_number.start(1), match_of_number.end(1)), 0.99, ReadingReason.LABEL)


def _issued(pieces: list[Passage], title: Title) -> TextFinding | None:
    """Return the day behind the place's name, else behind "Ngày ban hành", else below the kind of document."""
    row = Passage.joined(pieces, " ")
    if match := _ISSUED.search(row.text):
        return _date_finding(row, match, 0.95)
    for piece in pieces:
        if (
            len(piece.text) < 200
            and (match := _PLACE_DATE.search(piece.text))
            and not _cites(piece.text[: match.start()])
        ):
            return _date_finding(piece, match, 0.97)
    if title.kind is not None and (match := re.search(DAY, _before_title(title.kind.text), re.IGNORECASE)):
        return _date_finding(title.kind, match, 0.9)
    return None


_DATE_LINE = re.compile(rf"(?:[A-ZĐ][^\W\d_]*\.?(?:[ -][^\W\d_]+\.?){{0,5}}|TP\.? ?[\w ]{{2,20}})\s?,\s*(?i:{DAY})\W*$")


def _dated_below(paragraphs: list[TextParagraph], body: int) -> TextFinding | None:
    """Return the day of a line that holds only a place and a day: below the title, else before the signature."""
    for paragraph in (*paragraphs[body : body + 4], *paragraphs[: body - 1 : -1]):
        for piece in paragraph.cells or (paragraph.passage,):
            if len(piece.text) < 90 and (match := _DATE_LINE.match(piece.text)):
                day = re.search(DAY, match.group(), re.IGNORECASE)
                if day is not None:
                    return _date_finding(piece, day, 0.9)
    return None


def _issued_about(pieces: list[Passage]) -> date | None:
    """Return the first day of the month or year of a date whose day was left blank."""
    for piece in pieces:
        match = _BLANK_DAY.search(piece.text) if len(piece.text) < 200 else None
        if match is not None:
            return make_day(1, int(match.group(1) or 1), int(match.group(2)))
    return None


def _cites(words: str) -> bool:
    """Return whether words before a date speak of another document or meeting."""
    return bool(
        re.search(
            r"\b(?:quyết định|nghị định|nghị quyết|kèm theo|luật|cuộc họp|hội nghị|công văn|v/v|về)\b", words, re.I
        )
    )


def _date_finding(piece: Passage, match: re.Match[str], confidence: float) -> TextFinding | None:
    day = re.search(DAY + "$", match.group(), re.IGNORECASE)
    start = match.start() + (day.start() if day else next(re.finditer(r"ng[àa]y|\d", match.group(), re.I)).start())
    value = piece.text[start : match.end()]
    if read_day(value) is None:
        return None
    return TextFinding(value, piece.span(start, match.end()), confidence, ReadingReason.LETTERHEAD)


def _urgency(pieces: list[Passage]) -> TextFinding | None:
    """Return a stamp that stands alone in the head: khẩn, thượng khẩn, hoả tốc."""
    for piece in pieces:
        match = _URGENT.match(piece.text)
        if match and (is_capitals(piece.text) or piece.text[:1].isupper()):
            return TextFinding(
                match.group(1).lower(), piece.span(match.start(1), match.end(1)), 0.9, ReadingReason.STAMP
            )
    return None


_KINH_GUI = re.compile(r"\W*k[íi]nh g[ửu]i\s*[:.]?\s*|[^.;:|]{3,90}\bđiện\s*:\s*", re.IGNORECASE)
_NAME_SEPARATOR = re.compile(r"\s*[;:]?\s+[-+–•]\s*|\s*;\s*")


def read_address(head: list[TextParagraph]) -> tuple[tuple[TextFinding, ...], int]:
    """Return the names behind "Kính gửi", and the index of the paragraph behind them; 0 where there are none."""
    for index, paragraph in enumerate(head):
        row = Passage.joined(paragraph.cells, " ") if paragraph.cells else paragraph.passage
        match = _KINH_GUI.match(row.text)
        if match is None:
            continue
        lines = [row.cut(match.end())]
        end = index + 1
        while end < len(head) and _is_listed(head[end], lines):
            lines.append(head[end].passage)
            end += 1
        return tuple(name for line in lines for name in _names(line)), end
    return (), 0


def _is_listed(paragraph: TextParagraph, lines: list[Passage]) -> bool:
    """Return whether a line goes on with the list: a dash, or a name alone where none came yet."""
    text = paragraph.text
    if paragraph.cells or len(text) > 300:
        return False
    label = read_label(text)
    if label is not None:
        return label.level is Level.DASH and text[label.size :][:1].isupper()
    open_list = not lines[-1].text or lines[-1].text[-1:] in ",;"
    return open_list and begins_actor(text) and name_end(text, 0) >= len(text) - 2


def _names(line: Passage) -> list[TextFinding]:
    cuts = [match for match in _NAME_SEPARATOR.finditer(line.text) if begins_actor(line.text, match.end())]
    return [
        TextFinding(line.text[name.start : name.end], line.span(name.start, name.end), 0.85, ReadingReason.ADDRESS)
        for part in between(line.text, cuts)
        for name in names(line.text, part.start, part.end)
    ]
