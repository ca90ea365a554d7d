"""Every deed that is written into the audit has words for whoever reads it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from models.i18n import translate
from workflows.organization.audit_words import DEED_WORDS, deed_words, fact_lines

HOUSE = Path(__file__).parents[2]


def written() -> Iterator[str]:
    """The names of deeds: second arguments of `note`, and what is handed on to it."""
    for folder in ("workflows", "web", "commands"):
        for path in (HOUSE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    if name.lstrip("_") in ("note", "save", "end_alerts"):
                        yield from (
                            one.value
                            for one in node.args[1:]
                            if isinstance(one, ast.Constant) and isinstance(one.value, str) and "_" in one.value
                        )


def test_every_deed_has_words() -> None:
    found = set(written())
    assert {"signed_in", "job_paused", "letters_put_aside", "template_published"} <= found
    assert found - DEED_WORDS.keys() == set()


def test_a_deed_of_another_version_is_told_as_it_is_written() -> None:
    assert deed_words("cake_baked") == "cake_baked"


def test_changes_read_as_before_and_after() -> None:
    facts = {"name": ["Vụ A", "Vụ B"], "phone": [None, "1"], "count": 3, "tags": [["post"], ["post", "telecom"]]}
    assert list(fact_lines(facts)) == [
        ("Name of the unit", "Vụ A → Vụ B"),
        ("Telephone", "– → 1"),
        ("how many", "3"),
        ("Tags", "post → post, telecom"),
    ]


def test_what_an_import_changed_is_told_in_the_readers_language() -> None:
    ((name, value),) = fact_lines({"units": {"added": 3, "changed": 12}})
    assert (translate(name, "vi"), translate(value, "vi")) == ("đơn vị", "thêm 3, thay đổi 12")


def test_a_digest_is_for_the_download() -> None:
    assert list(fact_lines({"version": 2, "digest": "dedf9e"})) == [("version", "2")]
