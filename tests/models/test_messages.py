"""Every word on screen has its Vietnamese, and a message inside a message is translated with it."""

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, ValidationError

import web.app  # noqa: F401 - all kinds of errors are known then
from models import i18n, words
from models.directives.template import Selector
from models.errors import BadInput, BadRows, DondocError, Refused
from models.i18n import LOCALE, Labelled, Words, _, _n, translate
from models.locale.extract import ERRORS, gather
from models.organization.unit import UnitKind
from models.settings import Settings
from models.tasks.task import TaskStatus
from models.text.faults import fault_words
from workflows.launch.coverage import _GAP_WORDS, Gap, GapKind, _write_addressee
from workflows.organization.register.handover import OFFICES
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS, permit

VIETNAMESE = LOCALE / "vi" / "LC_MESSAGES" / "dondoc.po"
SAME_IN_BOTH = {"JSON", "Internet", "Prefect"}


def written(catalog: Catalog) -> dict[str, str]:
    """Return the translation of each id; a message that counts stands under its singular and under its plural."""
    return {
        one: "".join(entry.string or "")  # Vietnamese has one form for all counts
        for entry in catalog
        for one in (entry.id if isinstance(entry.id, (list, tuple)) else [entry.id])
        if one
    }


@pytest.fixture(scope="module")
def ids() -> set[str]:
    return set(written(gather()))


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    with VIETNAMESE.open("rb") as file:
        return written(read_po(file))


def names(message: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(message) if name is not None}


def test_every_message_of_the_code_has_a_vietnamese_translation(ids: set[str], catalogue: Mapping[str, str]) -> None:
    assert sorted(one for one in ids if not catalogue.get(one)) == [], "run `make messages`, then translate"


def test_no_translation_outlives_its_message(ids: set[str], catalogue: Mapping[str, str]) -> None:
    assert sorted(set(catalogue) - ids) == [], "run `make messages`"


def test_a_translation_has_exactly_the_names_of_its_message(catalogue: Mapping[str, str]) -> None:
    assert [one for one, written in catalogue.items() if written and names(one) != names(written)] == []


def test_translations_are_courteous_and_leave_nothing_in_english(catalogue: Mapping[str, str]) -> None:
    assert [one for one, written in catalogue.items() if "!" in written] == []
    assert [one for one, written in catalogue.items() if written == one and one not in SAME_IN_BOTH] == []


def test_a_field_is_called_by_its_vietnamese_name(catalogue: Mapping[str, str]) -> None:
    """But for what is written so in dondoc.toml, in a template's YAML, in a cron expression or in the API's queries."""
    field = re.compile(r"([a-z_]+)(?: \{\w+\})?: ")
    begins = {one: found[1] for one in catalogue if (found := field.match(one))}
    settings = {name for name in begins.values() if name in Settings.model_fields or name == "prefect"}
    left = {name for one, name in begins.items() if re.match(rf"{name}\b", catalogue[one])}
    assert left - settings == {"before", "cron", "cursor", "duty"}


def test_message_ids_are_gathered_from_code_and_pages(ids: set[str]) -> None:
    assert "task {task}: there is no such task" in ids  # an error
    assert {"{count} task", "{count} tasks"} <= ids  # one that counts
    assert "coverage: {count} gaps; complete the register, or override" in ids  # an error that words itself
    assert {"{person} has retired", "{person} had retired already"} <= ids  # one of two
    assert "History so far" in ids  # a page
    assert not any(re.fullmatch(r"[\W\d_]*", re.sub(r"\{.*?\}", "", one)) for one in ids)


def kinds_of_error(kind: type[DondocError] = DondocError) -> set[type[DondocError]]:
    return {kind}.union(*(kinds_of_error(below) for below in kind.__subclasses__()))


def test_an_error_of_any_kind_has_its_message_gathered() -> None:
    """But for those that word themselves, which is seen in their `super().__init__`."""
    given_their_words = {one.__name__ for one in kinds_of_error() if one.__init__ is DondocError.__init__}
    assert given_their_words <= set(ERRORS)


def test_the_catalogue_is_read_once() -> None:
    i18n._catalogue.cache_clear()
    translate("day", "vi")
    translate("week", "vi")
    assert (i18n._catalogue.cache_info().misses, i18n._catalogue.cache_info().hits) == (1, 1)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_words_are_none_in_each_language(language: str) -> None:
    """Under the empty id a catalogue keeps facts about itself."""
    assert translate("", language) == translate(Words(""), language) == ""


def test_a_message_inside_a_message_is_translated_with_it() -> None:
    inner = _n("{count} hour left", "{count} hours left", count=3)
    assert inner == "3 hours left"
    assert translate("to {address}", "vi", address=inner) == "gửi còn 3 giờ"
    assert translate("to {address}", "vi", address=[_("head"), inner, "TCT-T"]) == "gửi thủ trưởng, còn 3 giờ, TCT-T"
    assert str(BadInput("to {address}", address=[_("head"), inner])) == "to head, 3 hours left"


@pytest.mark.parametrize(
    ("path", "vietnamese", "english"),
    [
        ("2.a", "mục 2.a", "item 2.a"),
        ("results", "báo cáo kết quả", "report of results"),
        ("closing.1", "đoạn kết 1", "closing paragraph 1"),
        ("body.2", "đoạn 2", "paragraph 2"),
    ],
)
def test_a_duty_is_called_by_its_number_its_name_or_its_place(path: str, vietnamese: str, english: str) -> None:
    assert (translate(words.duty_words(path), "vi"), translate(words.duty_words(path), "en")) == (vietnamese, english)


def test_a_message_may_have_facts_of_any_name() -> None:
    assert translate("{language} {message}", "vi", language="a", message="b") == "a b"
    assert BadInput("{language} {message}", language="a", message="b").tell("vi") == "a b"


def test_several_faults_are_told_in_one_language() -> None:
    told = BadRows("a.csv", [BadInput("{file}: is empty", file="a.csv")]).tell("vi")
    assert told == "a.csv: có 1 lỗi, chưa ghi nhận nội dung nào\n  - a.csv: không có nội dung"


def test_who_may_act_and_how_a_task_stands_are_told_in_vietnamese() -> None:
    with pytest.raises(Refused) as by_nobody:
        permit(Action.ACCEPT, TaskStatus.ASSIGNED, frozenset(), task="3f9a1c20", person="Bà D")
    told = by_nobody.value.tell("vi")
    assert "Bà D không được thực hiện “Tiếp nhận”; việc này thuộc: thủ trưởng đơn vị, " in told
    assert all(translate(one.label, "vi") in told for one in SPECS[Action.ACCEPT].rule.by)
    with pytest.raises(Refused) as too_late:
        permit(Action.ACCEPT, TaskStatus.APPROVED, frozenset({Relation.HEAD}), task="3f9a1c20", person="Bà D")
    assert "khi nhiệm vụ ở trạng thái “đã hoàn thành”; hiện có thể: –" in too_late.value.tell("vi")


class Form(BaseModel):
    """One field for each kind of fault that our inputs, settings, packs and rows can have."""

    model_config = ConfigDict(extra="forbid")

    needed: str
    text: str = Field(default="a", min_length=1, max_length=3, pattern="^a+$")
    amount: int = Field(default=1, ge=1, le=9)
    share: float = Field(default=0.5, gt=0, lt=1)
    day: date | None = None
    colour: Literal["red", "green"] = "red"
    link: AnyHttpUrl | None = None
    units: tuple[str, ...] = Field(default=("a",), min_length=1, max_length=2)
    sure: bool = True


@pytest.mark.parametrize(
    ("given", "vietnamese"),
    [
        ({"needed": None}, "phải là chữ"),
        ({}, "cần có giá trị"),
        ({"text": ""}, "không được để trống"),
        ({"text": "aaaa"}, "không được quá 3 ký tự"),
        ({"text": "b"}, "phải có dạng ^a+$"),
        ({"amount": "x"}, "phải là số nguyên"),
        ({"amount": 0}, "không được nhỏ hơn 1"),
        ({"amount": 10}, "không được lớn hơn 9"),
        ({"share": 0}, "phải lớn hơn 0"),
        ({"share": 1}, "phải nhỏ hơn 1"),
        ({"day": "2004-02-30"}, "phải là một ngày có trong lịch, ví dụ 05/11/2026 hoặc 2026-11-05"),
        ({"colour": "blue"}, "giá trị đúng là một trong: 'red', 'green'"),
        ({"link": "nowhere"}, "phải là liên kết, ví dụ https://…"),
        ({"units": []}, "không được để trống"),
        ({"units": ["a", "b", "c"]}, "không được quá 2 mục"),
        ({"sure": "perhaps"}, "phải là true hoặc false"),
        ({"strange": 1}, "không phải là trường được dùng ở đây"),
    ],
)
def test_what_a_validator_finds_wrong_is_told_in_vietnamese(given: dict[str, Any], vietnamese: str) -> None:
    needed = {"needed": "a"} if given else {}
    with pytest.raises(ValidationError) as caught:
        Form.model_validate(needed | given)
    faults: Sequence[Any] = caught.value.errors()
    assert [translate(fault_words(one), "vi") for one in faults] == [vietnamese]


@pytest.mark.parametrize(
    ("codes", "known"),
    [
        ({rule.event for rule in (spec.rule for spec in SPECS.values())}, words.EVENT_WORDS),
        (OFFICES, words.OFFICE_WORDS),
        (GapKind, _GAP_WORDS),
    ],
)
def test_every_code_that_may_be_shown_has_words(codes: Iterable[str], known: Mapping[str, str]) -> None:
    assert set(codes) <= set(known)


@pytest.mark.parametrize("codes", Labelled.__subclasses__())
def test_every_code_has_a_label_and_stays_its_value(codes: type[Labelled]) -> None:
    assert all(one.label and str(one) == one.value for one in codes)
    assert len({one.label for one in codes}) == len(codes)


def test_rungs_of_a_letter_are_told_in_words() -> None:
    assert translate(words.rung_words("overdue@4"), "vi") == "quá hạn, sau thời hạn 4 ngày làm việc"
    assert translate(words.rung_words("due_soon@-7"), "vi") == "sắp đến hạn, trước thời hạn 7 ngày làm việc"
    assert translate(words.rung_words("event:returned@0"), "vi") == "kết quả được trả lại, đề nghị bổ sung"


def test_a_gap_names_its_addressees_in_words() -> None:
    detail = _write_addressee(Selector(kind=UnitKind.ENTERPRISE, tags=("post", "internet")))
    gap = Gap(GapKind.ADDRESSEE_WITHOUT_UNIT, "2", detail=detail)
    assert gap.tell("vi") == "mục 2: danh bạ không có đơn vị ứng với loại doanh nghiệp, nhãn post, internet"
    assert gap.tell("en") == "item 2: the register has no unit for kind enterprise, tags post, internet"


@pytest.mark.parametrize(
    ("count", "english", "vietnamese"),
    [
        (0, "0 tasks", "0 nhiệm vụ"),
        (1, "1 task", "1 nhiệm vụ"),
        (2, "2 tasks", "2 nhiệm vụ"),
        ("1", "1 task", "1 nhiệm vụ"),
        ("1,000", "1,000 tasks", "1,000 nhiệm vụ"),
    ],
)
def test_the_count_chooses_between_one_and_several(count: object, english: str, vietnamese: str) -> None:
    message = _n("{count} task", "{count} tasks")
    assert translate(message, "en", count=count) == Words(message, count=count) == english
    assert translate(message, "vi", count=count) == translate(Words(message, count=count), "vi") == vietnamese
    assert Refused(message, count=count).tell("en") == english


def test_each_count_inside_a_message_chooses_for_itself() -> None:
    units, people = _n("{count} unit", "{count} units", count=1), _n("{count} person", "{count} people", count=2)
    assert Words("{units}, {people}", units=units, people=people) == "1 unit, 2 people"
