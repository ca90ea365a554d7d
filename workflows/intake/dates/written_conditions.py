"""What holds only in a certain case: "nếu có vướng mắc … báo cáo", "khi có yêu cầu"."""

import re

from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Finding, Reason

_CASES = re.compile(
    r"\b(?:nếu|trường hợp|khi|thực hiện,) (?:có |có gì |gặp |phát sinh |xảy ra )*(?:những |các )?(?:khó khăn|"
    r"vướng mắc|vấn đề|phát sinh)"
    r"[^.;\n]{0,160}|\bkhi (?:có|được) (?:yêu cầu|đề nghị)\b[^.;\n]{0,80}",
    re.IGNORECASE,
)


def read_conditions(passage: Passage) -> list[Finding]:
    """Return the conditional clauses of a passage."""
    found = []
    for match in _CASES.finditer(passage.text):
        if match.start() > 0 and passage.text[match.start() - 1] == "(":
            continue
        value = match.group().rstrip(" ,")
        found.append(Finding(value, passage.span(match.start(), match.start() + len(value)), 0.8, Reason.CONDITION))
    return found
