"""The template editor calls its fields as its form does; files and programs keep the names that are written there."""

import html
import re
from typing import Any

import pytest

from tests.web.admin.test_template_pages import HOME, boss, form_of, save, yaml_of
from tests.web.conftest import Office
from workflows.templates.template_check import TEMPLATE_MODELS

FIELD_NAMES = {name for model in TEMPLATE_MODELS for name in model.model_fields} | {"due_soon", "contingency"}
LADDER = {"ladder": "own", "clock": "working_days"}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"authority_working_days": "năm"}, "In how many working days: 'năm' is wrong", "Trả lời trong số ngày làm việc"),
    ({"title": ""}, "Short name is missing", "Thiếu Tên gọn"),
    ({"title": "Phương án chống bạo động"}, "Short name: 'bạo động' may not stand in a title", "Tên gọn"),
    ({"quote": "Không có câu này"}, "The directive's sentence, word for word: ", "nguyên văn"),
    ({"description": ""}, "The result, Content to send: must not be empty", "Sản phẩm, Nội dung phải gửi"),
    ({"who-0-kind": "", "who-0-named": "", "who-0-tags": ""}, "Audience, the rows of units: must not", ""),
    ({"deadline": "fixed", "on": ""}, "The deadline, Day is missing", ""),
    (
        {"deadline": "relative", "amount": "nhiều"},
        "The deadline, How many: 'nhiều' is wrong: must be a whole number",
        "",
    ),
    (
        {"deadline": "vague", "within": "tháng 9"},
        "The deadline, Within: 'tháng 9' is wrong: must be such as 2027-09",
        "",
    ),
    ({"deadline": "hours", "hours": "24"}, "a deadline in hours is for duties in an incident, and only for these", ""),
    ({"kind": "recurring"}, "this kind of duty needs a reporting period", "phải có kỳ báo cáo"),
    ({"every": "month"}, "Its reporting period, it opens is missing", ""),
    (LADDER | {"rung-0": "due_soon", "at-0": "3"}, "The ladder: only what is due soon lies before the deadline", ""),
    (LADDER | {"rung-0": "assigned", "at-0": "x", "to-0": ["head"]}, "The ladder, Rung 1, When: 'x' is wrong", ""),
    ({"reminders": "0 3 * * *"}, "When reminders leave: ", "Giờ gửi thư đôn đốc"),
]


def faults(page: str) -> list[str]:
    """The faults that a page tells, as text."""
    found = page.split('<ul class="faults">')[1].split("</ul>")[0]
    return [html.unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<li[^>]*>(.*?)</li>", found)]


@pytest.mark.parametrize(("wrong", "english", "vietnamese"), WRONG)
def test_a_fault_of_the_form_is_told_by_the_fields_label(
    office: Office, wrong: dict[str, Any], english: str, vietnamese: str
) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text) | wrong | {"do": "save_form"}
    told = faults(reader.send(HOME, HOME + "?lang=en", **fields).text)
    assert any(english in one for one in told), told
    told_vi = faults(reader.send(HOME, HOME + "?lang=vi", **fields).text)
    assert any(vietnamese in one for one in told_vi), told_vi
    for one in told + told_vi:
        assert ".yaml" not in one and "{" not in one and not re.search(r"\b(line|dòng) \d", one), one
    for one in told_vi:
        assert not FIELD_NAMES & set(re.findall(r"[a-z_]+", one)) - {"to"}, one


def test_a_fault_of_the_yaml_names_its_line_and_the_label(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    typed = yaml.rstrip() + "\nauthority_working_days: năm\n"
    line = len(typed.splitlines())
    (told,) = faults(save(reader, typed).text)
    assert told.startswith(f"Dòng {line}: Trả lời trong số ngày làm việc: 'năm'") and "authority" not in told


def test_a_field_that_there_is_not_is_told_as_it_was_typed(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    (told,) = faults(save(reader, yaml.rstrip() + "\ntitel: A\n").text)
    assert "titel" in told and "title" in told, "what was meant, as it is to be written there"


def test_a_difference_of_versions_is_told_by_labels(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    save(reader, re.sub(r"(?m)^  description: .*$", "  description: Bản khác", yaml))
    page = reader.get(f"{HOME}/2?lang=en").text
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    assert "The result, Content to send" in table and "result.description" not in table
