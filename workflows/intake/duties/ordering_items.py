"""Which items of a list order something, and which only head, tell, entitle or quote."""

import re
from collections.abc import Iterator

from workflows.intake.duties.sections import is_field, is_spelt_out
from workflows.intake.duties.unnumbered import ordered, orders
from workflows.intake.names.actors import name_end
from workflows.intake.names.addressees import heading_actor, later_subject, read_addressees
from workflows.intake.names.subjects import subject
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.no_order import NoOrder, is_aims, is_outline, no_order
from workflows.intake.text.outline import OutlineItem
from workflows.intake.text.reading import Passage
from workflows.intake.text.sentences import full_sentences
from workflows.intake.text.shape import with_small_initial

_LONG = 90
"""Characters from which the line above a list says enough to be an order itself."""
_ACTED = re.compile(r" (?:đã|vừa|đang) (?!được giao|được phân công|có tên)")
_OWN_ACT = re.compile(
    r"(?:Ban hành|Phê duyệt|Thành lập|Kiện toàn|Công nhận|Công bố|Bãi bỏ|Huỷ bỏ|Hủy bỏ|Thu hồi|Sửa đổi|Bổ sung|"
    r"Thay thế|Điều chỉnh|Bổ nhiệm|Miễn nhiệm|Điều động|Cho phép|Tặng|Thông qua|Quy định|Chấp thuận|Giao (?:chỉ tiêu|"
    r"dự toán|kế hoạch)|(?:Quyết định|Nghị quyết|Thông tư|Quy chế|Chỉ thị) này)\b"
)
"""What a decision itself does in an article: it orders nobody by that."""
_LISTS = re.compile(r"(?:như sau|sau đây|sau|cụ thể)\s*:?\W*$", re.IGNORECASE)
_ORDERS_BELOW = re.compile(r"\b(?:yêu cầu|đề nghị|chỉ thị)\s*:\s*\n")


def left_out(item: OutlineItem) -> NoOrder | None:
    """Return why the part that an item stands in orders nobody, or None."""
    above: OutlineItem | None = item
    while above is not None:
        heading = above.lead.text or (above.folded[0].text if above.folded else "")
        if is_outline(heading):
            return NoOrder.OUTLINE
        if above is not item and no_order(above.lead.text, (NoOrder.CITED,)):
            return NoOrder.CITED
        if (
            is_aims(heading)
            and _is_heading(above)
            and not _orders_all_the_same(item, heading)
            and not (above is not item and ordered(above.passage.text[:1200]))
        ):
            return NoOrder.AIMS
        above = above.above
    return None


_FUNDS = re.compile(r"\W*(?:về )?(?:kinh phí|nguồn)", re.IGNORECASE)
_CHARGES = re.compile(r"(?:[^.;:]{0,120}: )?(?:Giao|Yêu cầu|Đề nghị) (?=\S)")


def _orders_all_the_same(item: OutlineItem, heading: str) -> bool:
    """Return whether an item below a heading of funds or of what was charges somebody: "Giao Sở … thẩm định"."""
    if is_aims(item.lead.text) and _is_heading(item):
        return False
    text = item.passage.text
    return bool(_CHARGES.match(text)) or (
        bool(_FUNDS.match(heading)) and not no_order(text, (NoOrder.MONEY,)) and orders(item.passage)
    )


def _is_heading(item: OutlineItem) -> bool:
    text = item.lead.text
    return (
        len(text) < 130
        and not text.rstrip().endswith(".")
        and (item.label.level <= Level.ROMAN or len(text) < 80 or bool(item.items))
    )


_NEVER = (
    NoOrder.PRAISE,
    NoOrder.EFFECT,
    NoOrder.ENTITLEMENT,
    NoOrder.AMENDMENT,
    NoOrder.OWN_PLAN,
    NoOrder.PERMISSION,
    NoOrder.EVENT,
)
_UNLESS_ORDERED = (NoOrder.CONSENT, NoOrder.SITUATION)


def why_no_duty(item: OutlineItem) -> NoOrder | None:
    """Return why an item orders nobody as its words or its part say, or None."""
    text, whole = item.lead.text, item.passage.text
    if (kind := left_out(item) or no_order(text, _NEVER)) is not None:
        return kind
    if no_order(text, (NoOrder.MONEY,)) and not ordered(whole):
        return NoOrder.MONEY
    if no_order(text, (NoOrder.MATTER,)) and not item.items and not item.folded and not under_verb(item):
        return NoOrder.MATTER
    kind = no_order(text, _UNLESS_ORDERED) or (NoOrder.SITUATION if _has_acted(text) else None)
    if kind is not None and not (ordered(whole) or later_subject(item.lead) or _MUST_BY.search(whole)):
        return kind
    if item.label.level is Level.ARTICLE and _OWN_ACT.match(text) and not ordered(text):
        return NoOrder.OWN_ACT
    return None


def is_duty(item: OutlineItem, *, directs: bool) -> bool:
    """Return whether an item orders something; in a document that `directs`, every item does that is not left out."""
    text = item.lead.text
    if not item.label.value or not item.passage.text:
        return False
    if (
        item.label.level <= Level.ROMAN
        and not lists_orders(item)
        and not (len(text) > _LONG and not item.items and text.rstrip()[-1:] in ".;:")
    ):
        return False
    if is_field(item) or any(is_field(one) for one in above_it(item)) or why_no_duty(item) is not None:
        return False
    if item.items:
        return _orders_above_list(item)
    directs = directs or under_verb(item) or bool(_is_dated_step(text) or _MUST_BY.search(item.passage.text))
    return directs or is_spelt_out(item) or _directs(item.passage) or _orders_later(item)


_MUST_BY = re.compile(
    r"\bphải (?:được )?(?:hoàn thành|hoàn tất|xong|kết thúc)\b[^.;]{0,40}\b(?:trước|chậm nhất|trong)\b", re.IGNORECASE
)
_is_dated_step = re.compile(r"[^:;.\n]{3,90}: (?:từ |vào )?ngày \d{1,2}[/.\- ]", re.IGNORECASE).match
"""An item is a step of a calendar: "Khai giảng năm học mới: Ngày 05/9/2024"."""


def under_verb(item: OutlineItem) -> bool:
    """Return whether the line above says what is done with each ("Thực hiện các chính sách:"), or charges somebody."""
    above = item.above
    if above is None or not above.lead.text.rstrip().endswith(":") or item.label.level < Level.NUMBER:
        return False
    text = above.lead.text
    if _CHARGES.match(text) and text.rstrip(" :").endswith(tuple(name.value for name in read_addressees(above.lead))):
        return True
    verb = begins_predicate(with_small_initial(text)) and not begins_actor(text)
    return verb and len(text) < _LONG and not _LISTS.search(text)


def _has_acted(text: str) -> bool:
    """Return whether an item tells what an office did: "Bộ đã cử 3 đoàn công tác"."""
    return begins_actor(text) and bool(_ACTED.match(text, name_end(text, 0)))


def _orders_later(item: OutlineItem) -> bool:
    """Return whether a later sentence of an item orders: "Tổng công ty đã …. Tổng công ty sớm hoàn chỉnh …"."""
    whole = item.passage
    return any(orders(whole.cut(part.start, part.end)) for part in list(full_sentences(whole.text))[1:])


def lists_orders(item: OutlineItem) -> bool:
    """Return whether a part has no items but dashes that order: they are folded into it."""
    if item.items or not item.folded:
        return False
    lines = [one.passage.cut(label.size) for one in item.folded if (label := read_label(one.text)) is not None]
    return len(lines) * 2 > len(item.folded) and any(_directs(line) for line in lines)


def above_it(item: OutlineItem) -> Iterator[OutlineItem]:
    while item.above is not None:
        item = item.above
        yield item


def _orders_above_list(item: OutlineItem) -> bool:
    """Return whether the line above a list is an order of its own and no mere heading or stem."""
    text = item.lead.text
    if heading_actor(item.lead) or says_who_leads(text):
        return False
    named = subject(text)
    if _LISTS.search(text):
        return named is not None and bool(re.search(r"\b(?:chỉ đạo|phối hợp|chủ trì)\b", text))
    if named is not None:
        return begins_predicate(text[named.end :].lstrip(" ,")) and len(text) - named.end > 40
    return begins_predicate(with_small_initial(text)) and len(text) > _LONG and text.rstrip()[-1:] in (".", ";", ":")


_LEADS_WITH = re.compile(r"\bchủ trì(?:,? (?:và )?(?:phối hợp(?: chặt chẽ)?|cùng)(?: với| cùng)?:? (?=\S)|\s*:$)")


def says_who_leads(text: str) -> bool:
    """Return whether a line above a list says only who leads and who takes part: "Sở … chủ trì, phối hợp với …:"."""
    text = text.rstrip()
    match = _LEADS_WITH.search(text) if text.endswith(":") else None
    return match is not None and (match.end() == len(text) or name_end(text, match.end()) >= len(text) - 1)


def _directs(passage: Passage) -> bool:
    text = passage.text
    verb = begins_predicate(with_small_initial(text)) and not begins_actor(text)
    return verb or orders(passage) or bool(_ORDERS_BELOW.search(text))
