"""What people read is written in one way: one spelling, one name for each notion, nothing left untranslated."""

import ast
import re
import unicodedata
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from models.i18n import LOCALE
from notifications.composing.letter_templates import LETTERS

HOUSE = LOCALE.parent.parent
TEMPLATES = HOUSE / "web" / "templates"
VIETNAMESE = LOCALE / "vi" / "LC_MESSAGES" / "dondoc.po"
READ = [
    *(one for one in LETTERS.rglob("*") if one.suffix in (".txt", ".html", ".jinja", ".toml")),
    *TEMPLATES.rglob("*.html"),
    *(HOUSE / "docs").rglob("*.md"),
]
"""Files of which people read all or most; the catalogue comes beside them."""
VIETNAMESE_LETTER = re.compile(r"[ăâđêôơưà-ãè-êìíò-õùúýĩũạ-ỹ]", re.IGNORECASE)
OLD_TONE = re.compile(r"\b\w*(?:[òóỏõọ][ae]|[ùúủũụ]y)\b", re.IGNORECASE)
"""The mark on the first vowel of an open oa, oe, uy ("khóa"); the house writes it on the second ("khoá")."""
AS_THE_DECREE_PRINTS_IT = "CỘNG HÒA"
ONE_NAME = {
    "cấp phó phụ trách": r"(?<!cấp )phó phụ trách",
    "cơ quan ban hành": r"\bbên ban hành|phía cơ quan ban hành",
    "danh mục giao ban": r"danh sách giao ban",
    "đầu mối bên ngoài": r"đơn vị ngoài ngành|đầu mối ngoài\b",
    "đợt giao nhiệm vụ": r"(?:đợt|lần) giao việc",
    "khôi phục": r"phục hồi",
    "người được uỷ quyền": r"người xử lý thay",
    "ông/bà": r"\bđồng chí (?!phụ trách)(?=[a-zà-ỹ])|\bbạn\b",
    "phê duyệt": r"(?<!phê )(?<!trình )\b(?:đã|chờ|được|chưa) duyệt\b",
    "quản trị viên": r"người quản trị",
    "thời hạn hiện hành": r"thời hạn hiện tại",
    "tình huống": r"^sự cố:",
}
"""What a notion is called, and how it is not."""
_JINJA = re.compile(
    r"\{#.*?#\}|\{% block \w+_class %\}.*?\{% endblock %\}|\{% macro attributes\b.*?endmacro %\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
_HTML = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|&\w+;|\?\w+=\S*", re.DOTALL)
UNTRANSLATED = {
    "Đôn",
    "đốc",
    "XLSX",
    "CSV",
    "OpenAPI",
    "SHA",
    "256",
    "mail",
    "curl",
    "H",
    "Authorization",
    "Bearer",
    "dondoc_",
    "tasks",
    "overdue",
    "true",
}
"""Names of things, the same in each language."""


def catalogue() -> Iterator[tuple[str, str]]:
    with VIETNAMESE.open("rb") as file:
        for entry in read_po(file):
            for one in entry.id if isinstance(entry.id, (list, tuple)) else [entry.id]:
                if one:
                    yield one, "".join(entry.string or "")  # Vietnamese has one form for all counts


def vietnamese() -> Iterator[tuple[str, str]]:
    """Where something stands, and each Vietnamese text."""
    yield from (("dondoc.po", text) for _id, text in catalogue())
    for path in READ:
        if {"vi", "_papers"} & set(path.parts) or path.name.startswith(("vi.", "texts.vi")):
            yield str(path.relative_to(HOUSE)), path.read_text()


def test_every_text_is_composed() -> None:
    """A letter and its mark are one character: what is typed is found, and no font draws the mark beside it."""
    loose = [one for pair in catalogue() for one in pair if not unicodedata.is_normalized("NFC", one)]
    assert loose == []
    assert [path for path in READ if not unicodedata.is_normalized("NFC", path.read_text())] == []


def test_tones_are_marked_in_one_way() -> None:
    old = {
        (place, one)
        for place, text in vietnamese()
        for one in OLD_TONE.findall(text.replace(AS_THE_DECREE_PRINTS_IT, ""))
    }
    assert {(place, one) for place, one in old if not one.casefold().startswith("q")} == set()


@pytest.mark.parametrize("name", ONE_NAME)
def test_a_notion_has_one_name(name: str) -> None:
    other = re.compile(ONE_NAME[name], re.IGNORECASE | re.MULTILINE)
    assert [(place, found[0]) for place, text in vietnamese() for found in other.finditer(text)] == []


def test_pages_have_no_words_outside_the_catalogue() -> None:
    for path in TEMPLATES.rglob("*.html"):
        plain = _HTML.sub(" ", _JINJA.sub("", path.read_text()))
        assert set(re.findall(r"\w*[^\W\d_]\w*", plain)) <= UNTRANSLATED, path


WORDS_THAT_RULES_KNOW = {
    "secrecy.py": "the stamps that documents bear",
    "calendar/workdays.py": "how the library begins the names of holidays",
}
"""Vietnamese among the rules that is data: no reader gets it from there."""


def test_rules_return_facts_and_no_sentences() -> None:
    rules = HOUSE / "workflows" / "rules"
    found = set()
    for path in rules.rglob("*.py"):
        tree = ast.parse(path.read_text())
        remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
                found |= {str(path.relative_to(rules))} if VIETNAMESE_LETTER.search(node.value) else set()
    assert found == set(WORDS_THAT_RULES_KNOW)


def test_what_returns_nothing_does_not_say_that_it_returns() -> None:
    untrue = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for folder in ("models", "notifications", "workflows", "web", "commands")
        for path in (HOUSE / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (ast.get_docstring(node) or "").startswith("Return")
        and node.returns is not None
        and ast.unparse(node.returns) == "None"
    ]
    assert untrue == []
