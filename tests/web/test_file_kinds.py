"""The chooser of a field for files takes what the words beside it say."""

import re
from pathlib import Path

import pytest

from models.tasks.evidence_files import MEDIA_TYPES
from tests.rooms import of_room
from tests.web.site import Office
from web.request.word_filters import kind_words

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


@pytest.mark.parametrize(
    ("who", "path", "kinds"),
    [
        ("dang.thu.thuy", "/admin/register", ".xlsx,.csv"),
        ("dang.thu.thuy", "/admin/calendar/edit", ".csv,.txt"),
        ("dang.thu.thuy", "/admin/templates/ct-06-2004/4", ".yaml,.yml"),
        pytest.param(
            "le.thi.c",
            "/intake",
            ".docx,.doc,.odt,.rtf,.pdf,.html,.htm,.txt,.edxml,.jpg,.jpeg,.png,.tif,.tiff",
            marks=of_room("intake"),
        ),
        pytest.param("le.thi.c", "/intake/tables", ".xlsx,.csv", marks=of_room("intake")),
    ],
)
def test_a_page_says_what_its_chooser_takes(office: Office, who: str, path: str, kinds: str) -> None:
    page = office.sign_in(who).get(path).text
    fields = re.findall(r'<p class="hint" id="(h-[^"]*)">([^<]*)</p>\s*<input [^>]*accept="([^"]*)"[^>]*>', page)
    assert fields
    for hint_id, hint, accepted in fields:
        assert accepted == kinds
        assert hint.startswith(kind_words(kinds.split(",")))
        assert f'aria-describedby="{hint_id}"' in page


def test_a_result_takes_what_is_kept_as_evidence(office: Office) -> None:
    page = office.sign_in("luong.thi.ngan").get(f"/tasks/{office.task('4').id}/submit").text
    assert f'accept="{",".join(MEDIA_TYPES)}"' in page
    assert "PDF, DOCX, XLSX, ODT, ODS, JPG, PNG, TXT; tối đa" in page


def test_no_page_writes_kinds_of_its_own() -> None:
    own = [one.name for one in TEMPLATES.rglob("*.html") if re.search(r'accept="[^{]', one.read_text(encoding="utf-8"))]
    assert own == []
