"""The template editor calls its fields as its form does; files and programs keep the names that are written there."""

import html
import re
from typing import Any

import pytest

from tests.page import Page
from tests.web.admin.template_form import HOME, boss, form_of, save, yaml_of
from tests.web.site import Office
from workflows.templates.template_check import TEMPLATE_MODELS

FIELD_NAMES = {name for model in TEMPLATE_MODELS for name in model.model_fields} | {"due_soon", "contingency"}
LADDER = {"ladder": "own", "clock": "working_days"}
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"authority_working_days": "năm"}, "In how many working days: 'năm' is wrong", "Trả lời trong số ngày làm việc"),
    ({"title": ""}, "Short name is missing", "Thiếu Tên gọn"),
    ({"title": "Phương án chống bạo động"}, "Short name: 'bạo động' may not be used in a title", "Tên gọn"),
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
    (LADDER | {"rung-0": "due", "at-0": "-3"}, "The ladder, Rung 1, When: only what is due soon lies before", ""),
    (LADDER | {"rung-0": "assigned", "at-0": "x", "to-0": ["head"]}, "The ladder, Rung 1, When: 'x' is wrong", ""),
    ({"leaves": "cron", "reminders": "0 3 * * *"}, "When reminders leave: ", "Giờ gửi thư đôn đốc"),
    ({"leaves": "weekly", "leaves_at": "03:00", "leaves_on": ["1"]}, "no moment from 07:00 to 18:00", ""),
    ({"leaves": "weekly", "leaves_at": "", "leaves_on": ["1"]}, "When reminders leave: say when", ""),
    ({"leaves": "weekly", "leaves_at": "14:00"}, "When reminders leave: say when", ""),
    ({"reports_to": "Vụ Không Có"}, "Unit that gets the result: there is no unit Vụ Không Có (", ""),
]


def faults(page: str) -> list[str]:
    """The faults that a page tells, as text."""
    return Page(page).words("ul.faults li")


@pytest.mark.parametrize(("wrong", "english", "vietnamese"), WRONG)
def test_a_fault_of_the_form_is_told_by_the_fields_label(
    office: Office, wrong: dict[str, Any], english: str, vietnamese: str
) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text) | wrong | {"do": "save"}
    told = faults(reader.send(HOME, HOME + "?lang=en", **fields).text)
    assert any(english in one for one in told), told
    told_vi = faults(reader.send(HOME, HOME + "?lang=vi", **fields).text)
    assert any(vietnamese in one for one in told_vi), told_vi
    for one in told + told_vi:
        assert ".yaml" not in one and "{" not in one and not re.search(r"\b(line|dòng) \d", one), one
    for one in told_vi:
        assert not FIELD_NAMES & set(re.findall(r"[a-z_]+", one)) - {"to"}, one


def test_a_fault_of_a_file_names_its_line_and_the_label(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    typed = yaml.rstrip() + "\nauthority_working_days: năm\n"
    line = len(typed.splitlines())
    (told,) = faults(save(reader, typed).text)
    assert told.startswith(f"Dòng {line}: Trả lời trong số ngày làm việc: 'năm'") and "authority" not in told


def test_of_very_many_faults_of_a_file_the_first_are_told(office: Office) -> None:
    told = faults(save(boss(office), "\n".join(f"field_{number}: 1" for number in range(2000))).text)
    assert len(told) == 31 and "field_0" in " ".join(told) and told[-1].startswith("Và ")


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


def test_a_fault_stands_at_its_field_and_what_was_typed_is_kept(office: Office) -> None:
    reader = boss(office)
    wrong = {"at-4": "ba", "reports_to": "Vụ Viễn thôn", "title": "Giá cước mới", "do": "save"}
    page = reader.send(HOME, **form_of(reader.get(HOME).text) | wrong).text
    assert re.search(r'name="at-4" value="ba"[^>]* aria-describedby="s-at-4 w-at-4" aria-invalid="true"', page)
    assert re.search(r'<p class="wrong" id="w-at-4">[^<]*Mức 5[^<]*&#39;ba&#39;', page)
    assert re.search(r'name="reports_to" value="Vụ Viễn thôn"[^>]*aria-describedby="h-reports_to w-reports_to"', page)
    assert re.search(r'<p class="wrong" id="w-reports_to">[^<]*Vụ Viễn thông', page), "what was meant, perhaps"
    assert '<a href="#f-at-4">' in page and 'value="Giá cước mới"' in page


def test_a_row_left_empty_between_does_not_shift_the_faults(office: Office) -> None:
    reader = boss(office)
    wrong = {"rung-2": "", "at-2": "", "to-2": [], "at-6": "ba", "do": "save"}
    page = reader.send(HOME, **form_of(reader.get(HOME).text) | wrong).text
    assert re.search(r'<p class="wrong" id="w-at-6">[^<]*Mức 7', page)


def test_a_rung_that_tells_nobody_is_named_at_its_row(office: Office) -> None:
    reader = boss(office)
    page = reader.send(HOME, **form_of(reader.get(HOME).text) | {"to-4": [], "do": "save"}).text
    assert 'id="w-to-4"' in page and '<a href="#f-to-4-head">' in page


def test_a_changed_ladder_shows_the_rungs_that_differ_and_no_other(office: Office) -> None:
    reader = boss(office)
    reader.send(HOME, **form_of(reader.get(HOME).text) | {"at-4": "5", "do": "save"})
    for path in (f"{HOME}/2?lang=vi", f"{HOME}/2/publish?lang=vi"):
        table = html.unescape(reader.get(path).text.split("<tbody>")[1].split("</tbody>")[0])
        before, after = re.findall(r'<td class="lines words"[^>]*>(.*?)</td>', table, re.DOTALL)
        assert re.fullmatch(
            "<del>Theo mức chung</del>\n<del>Sắp đến hạn, trước thời hạn 3 ngày làm việc → [^\n]*</del>", before
        ), before
        assert "<ins>Sắp đến hạn, trước thời hạn 5 ngày làm việc" in after and after.count("\n") == 1
