"""When a template's reminders leave, and its units: said in plain words first, kept as the template has them."""

import re

import pytest

from tests.web.admin.template_form import HOME, boss, form_of, save, versions, yaml_of
from tests.web.site import Office


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"leaves": "weekly", "leaves_at": "14:00", "leaves_on": ["1", "2", "3", "4", "5"]}, "0 14 * * 1-5"),
        ({"leaves": "weekly", "leaves_at": "09:30", "leaves_on": ["1", "4", "7"]}, "30 9 * * 1,4,0"),
        ({"leaves": "cron", "reminders": "0 14 1,15 * *"}, "0 14 1,15 * *"),
        ({"leaves": "usual", "reminders": "0 14 1,15 * *"}, None),
    ],
)
def test_a_time_and_weekdays_are_kept_as_an_expression(
    office: Office, fields: dict[str, str | list[str]], kept: str | None
) -> None:
    reader = boss(office)
    sent = form_of(reader.get(HOME).text) | {"title": "Giá cước"} | fields | {"do": "save"}
    assert reader.send(HOME, **sent).status_code == 303
    assert versions(office)[-1].read_spec().reminders == kept


@pytest.mark.parametrize(
    ("cron", "shown"),
    [
        ("0 14 * * 1-5", {"leaves": "weekly", "leaves_at": "14:00", "leaves_on": ["1", "2", "3", "4", "5"]}),
        ("30 9 * * 1,4,0", {"leaves": "weekly", "leaves_at": "09:30", "leaves_on": ["1", "4", "7"]}),
        ("0 14 1,15 * *", {"leaves": "cron", "reminders": "0 14 1,15 * *"}),
        ("0 14 * * 1,2,3,4,5", {"leaves": "cron", "reminders": "0 14 * * 1,2,3,4,5"}),
    ],
)
def test_an_expression_is_shown_in_plain_words_where_they_say_it(
    office: Office, cron: str, shown: dict[str, str | list[str]]
) -> None:
    reader = boss(office)
    save(reader, f"{yaml_of(reader).rstrip()}\nreminders: {cron}\n")
    fields = form_of(reader.get(HOME).text)
    assert {name: fields[name] for name in shown} == shown
    reader.send(HOME, **fields | {"do": "save"})
    assert versions(office)[-1].read_spec().reminders == cron, "nobody changed it"


def test_units_are_shown_by_name_and_typed_by_name_or_code(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    assert (fields["reports_to"], fields["who-0-named"]) == ("Vụ Viễn thông", "Vụ Kế hoạch – Tài chính")
    typed = {"reports_to": "vu khtc", "who-0-named": "VU-KHTC; Vụ Viễn thông", "do": "save"}
    assert reader.send(HOME, **fields | typed).status_code == 303
    spec = versions(office)[-1].read_spec()
    assert (spec.reports_to, spec.audience.any[0].named) == ("VU-KHTC", ("VU-KHTC", "VU-VT"))


def test_the_words_beside_a_number_say_before_or_after(office: Office) -> None:
    page = boss(office).get(HOME).text
    row = re.search(r'<tr>\s*<td class="rung">\s*<label class="unseen" for="f-rung-4">.*?</tr>', page, re.DOTALL)
    assert row and 'value="3"' in row[0] and "trước thời hạn" in row[0]
    assert page.index('<svg class="ladder-time"') < page.index('<table class="matrix">')
