"""One field finds tasks: by what their directive, duty and unit are called, a result's number, their last digits."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.errors import BadInput
from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit, UnitAlias
from models.tasks.task import Contribution
from models.text.vietnamese import search_text
from tests.office import Office, at, furnish
from workflows.access.rights import read_principal
from workflows.worklists.search import Results, search

CLERK, OBSERVER, COORDINATOR, HEAD = "vu.huu.phuoc", "nguyen.minh.quan", "le.thi.c", "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("1", "4", due=date(2004, 6, 16))
    return office


def look(office: Office, query: str, by: str = OBSERVER, after: str | None = None, limit: int = 25) -> Results:
    with reading(office.engine) as session:
        principal = read_principal(session, office.person(by), date(2004, 6, 2))
        return search(session, principal, query, now=at(2), after=after, limit=limit)


def units(found: Results) -> set[str]:
    return {task.unit for task in found.tasks}


def test_a_task_is_found_by_the_number_of_its_directive_and_a_word_of_its_units_name(office: Office) -> None:
    (task,) = look(office, "06/2004 hai yen").tasks
    assert (task.path, task.unit) == ("1", "Bưu điện thành phố Hải Yến")
    assert task.directive == "Chỉ thị 06/2004/CT-BBCVT"


def test_a_unit_is_found_by_its_code_its_name_and_another_name_of_it(office: Office) -> None:
    for query in ("BD-C", "bd-c", "Bưu điện thành phố Hải Yến", "Bưu điện Hải Yến"):
        assert units(look(office, query)) == {"Bưu điện thành phố Hải Yến"}, query


def test_a_duty_is_found_by_words_of_its_sentence(office: Office) -> None:
    assert units(look(office, "miễn giảm giá cước")) == {"Vụ Kế hoạch – Tài chính"}
    assert units(look(office, "mien giam gia cuoc")) == {"Vụ Kế hoạch – Tài chính"}


def test_words_with_marks_want_the_same_marks_and_words_without_them_fit_either_way(office: Office) -> None:
    assert units(look(office, "Hải Yến")) == {"Bưu điện thành phố Hải Yến"}
    assert units(look(office, "hai yen")) == {"Bưu điện thành phố Hải Yến"}
    assert not look(office, "Hái Phòng").tasks
    assert not look(office, "Hai Phống").tasks


def test_where_the_tone_is_written_in_a_syllable_does_not_matter() -> None:
    assert search_text("Hoà Bình") == search_text("Hòa Bình")
    assert search_text("Hoà") != search_text("Hoả")


def test_what_has_no_marks_itself_comes_first_when_none_are_written(office: Office) -> None:
    """'lan' stands for itself in one duty's words and for 'lần' in another's."""
    with transaction(office.engine) as session:
        one, four = (session.exec(select(Duty).where(Duty.path == path)).one() for path in "14")
        one.title, four.title = "Báo cáo lần đầu", "Kéo cáp LAN"
    assert look(office, "lan").tasks[0].path == "4"
    assert look(office, "lần").tasks[0].path == "1"
    assert {task.path for task in look(office, "lần", limit=200).tasks} == {"1"}


def test_the_unit_that_a_query_names_is_all_it_finds(office: Office) -> None:
    """Other tasks have the four words too, scattered over their duty's long sentence and their unit's name."""
    for query in (
        "buu dien ha truc",
        "Bưu điện Hà Trúc",
        "buu dien ha truc 06/2004",
        "06/2004 bưu điện hà trúc",
        "BD-A",
    ):
        for reader in (OBSERVER, COORDINATOR, CLERK):
            assert units(look(office, query, reader)) == {"Bưu điện thành phố Hà Trúc"}, (query, reader)


def test_a_name_longer_than_six_words_counts_as_one(office: Office) -> None:
    assert units(look(office, "Bưu điện thành phố Hồ Sen 06/2004")) == {"Bưu điện thành phố Hồ Sen"}


def test_of_two_names_in_a_query_the_longer_counts(office: Office) -> None:
    with transaction(office.engine) as session:
        session.add(UnitAlias(unit_id=resolve_unit(session, "BD-C").id, alias="Hà Trúc", alias_folded="ha truc"))
    assert units(look(office, "bưu điện hà trúc")) == {"Bưu điện thành phố Hà Trúc"}
    assert look(office, "hà trúc 06/2004").tasks[0].unit == "Bưu điện thành phố Hải Yến"


def test_a_unit_that_is_called_so_comes_before_duties_that_have_the_words(office: Office) -> None:
    with transaction(office.engine) as session:
        four = session.exec(select(Duty).where(Duty.path == "4")).one()
        four.title = "Gửi thành phố Hải Yến số liệu"
    for reader, query in product((OBSERVER, COORDINATOR), ("hai yen 06/2004", "hải yến 06/2004")):
        found = look(office, query, reader).tasks
        assert [task.path for task in found] == ["1", "4"], reader
        assert found[0].unit == "Bưu điện thành phố Hải Yến"


def test_the_unit_whose_name_has_the_words_in_order_comes_first(office: Office) -> None:
    with transaction(office.engine) as session:
        offices = [resolve_unit(session, code) for code in ("BD-A", "BD-B", "BD-C", "BD-D")]
        *others, last = sorted(offices, key=lambda unit: unit.id)  # among equals it would come last
        for alias in session.exec(select(UnitAlias).where(col(UnitAlias.unit_id).in_([one.id for one in offices]))):
            session.delete(alias)
        for number, unit in enumerate(others):
            unit.name = f"Trung tâm Hà Trúc {number} của ngành Bưu điện"
        last.name = "Bưu điện khu vực Hà Trúc"
    for reader, query in product((OBSERVER, COORDINATOR), ("buu dien ha truc", "bưu điện hà trúc 06/2004")):
        found = [task.unit for task in look(office, query, reader).tasks]
        assert found[0] == "Bưu điện khu vực Hà Trúc" and found[1] != found[0], (reader, query)


def test_a_phrase_comes_before_the_same_words_apart(office: Office) -> None:
    with transaction(office.engine) as session:
        one, four = (session.exec(select(Duty).where(Duty.path == path)).one() for path in "14")
        one.title, four.title = "Kéo đường truyền dự phòng", "Dự phòng đường dây, máy truyền"
    for query in ("đường truyền dự phòng", "duong truyen du phong"):
        assert [task.path for task in look(office, query, limit=200).tasks][-1] == "4", query


def test_words_that_many_units_have_name_none_of_them(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.tasks.search_reads.MOST_CALLED", 3)
    with transaction(office.engine) as session:
        session.exec(select(Duty).where(Duty.path == "4")).one().title = "Xây lại nhà bưu điện"
    found = look(office, "bưu điện", limit=200).tasks
    assert found[0].path == "4", "the newest duty with the words comes first"
    assert len({task.unit for task in found}) > 4


def test_a_head_finds_tasks_in_the_same_order(office: Office) -> None:
    with reading(office.engine) as session:
        head_id = resolve_unit(session, "BD-C").head_id
        head = session.get_one(Person, head_id).code
    assert units(look(office, "hai yen 06/2004", head)) == {"Bưu điện thành phố Hải Yến"}
    assert not look(office, "buu dien ha truc", head).tasks


def test_a_task_is_found_by_the_last_digits_of_its_id_and_by_its_whole_id(office: Office) -> None:
    task = office.task("4")
    for query in (task.id.hex[-8:], task.id.hex[-6:].upper(), str(task.id)):
        assert [found.task_id for found in look(office, query).tasks] == [task.id], query


def test_a_task_is_found_by_the_number_of_its_result_and_by_how_that_begins(office: Office) -> None:
    office.act(office.task("4"), "accept", HEAD, at(2))
    office.act(
        office.task("4"),
        "submit",
        HEAD,
        at(3),
        number="128/BC-KHTC",
        date=date(2004, 6, 3),
        subject="Báo cáo",
        signer="Lương Thị Ngân",
    )
    for query in ("128/BC-KHTC", "128/bc", "128/bc-khtc"):
        assert [found.task_id for found in look(office, query).tasks] == [office.task("4").id], query
    assert not look(office, "12/BC").tasks


def test_search_hides_results_from_coordinating_units(office: Office) -> None:
    task, partner = office.task("4"), "dinh.thuc.quyen"
    with transaction(office.engine) as session:
        unit = resolve_unit(session, "VU-BC")
        session.add(Contribution(task_id=task.id, unit_id=unit.id))
        unit.focal_point_id = resolve_person(session, partner).id
    office.act(task, "accept", HEAD, at(2))
    office.act(
        task,
        "submit",
        HEAD,
        at(3),
        number="128/BC-KHTC",
        date=date(2004, 6, 3),
        subject="Báo cáo",
        signer="Lương Thị Ngân",
    )
    for query in (task.id.hex[-8:], str(task.id), "miễn giảm giá cước"):
        assert [found.task_id for found in look(office, query, partner).tasks] == [task.id], query
    assert not look(office, "128/BC-KHTC", partner).tasks and not look(office, "128/", partner).tasks
    assert look(office, "128/BC-KHTC", HEAD).tasks


def test_everybody_finds_what_they_may_see_and_nothing_else(office: Office) -> None:
    everything = look(office, "06/2004", OBSERVER, limit=200)
    assert len(units(everything)) > 20
    assert {task.task_id for task in look(office, "06/2004", CLERK, limit=200).tasks} == {
        task.task_id for task in everything.tasks
    }
    assert units(look(office, "06/2004", COORDINATOR, limit=200)) == units(everything)
    assert units(look(office, "06/2004", HEAD, limit=200)) == {"Vụ Kế hoạch – Tài chính"}
    assert not look(office, "hai yen", HEAD).tasks
    assert not look(office, office.task("1", "BD-C").id.hex[-8:], HEAD).tasks


def test_pages_follow_each_other_and_nothing_is_twice_or_missing(office: Office) -> None:
    whole = [task.task_id for task in look(office, "06/2004", limit=200).tasks]
    walked, after = [], None
    while True:
        page = look(office, "06/2004", after=after, limit=7)
        walked += [task.task_id for task in page.tasks]
        after = page.next
        if after is None:
            break
    assert walked == whole
    assert len(set(walked)) == len(walked)


def test_more_duties_than_are_looked_through_at_once_are_found_page_by_page(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [task.task_id for task in look(office, "06/2004", limit=200).tasks]
    monkeypatch.setattr("models.tasks.search_reads.MOST_DUTIES", 1)
    monkeypatch.setattr("workflows.worklists.search.MOST_DUTIES", 1)
    walked, after = [], None
    for _page in range(30):
        page = look(office, "06/2004", after=after, limit=200)
        walked += [task.task_id for task in page.tasks]
        after = page.next
        if after is None:
            break
    assert walked == whole


def test_it_asks_as_many_queries_for_many_as_for_few(office: Office) -> None:
    asked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = set()
    for query in ("bo bcvt", "hai yen", "bao cao", "khong co gi nhu vay"):
        with reading(office.engine) as session:
            principal = read_principal(session, office.person(COORDINATOR), date(2004, 6, 2))
            asked.clear()
            search(session, principal, query, now=at(2))
        counts.add(len([one for one in asked if one.startswith(("SELECT", "WITH"))]))
    assert counts == {3}


def test_nothing_is_found_for_nothing_and_a_query_without_end_is_refused(office: Office) -> None:
    assert not look(office, " /  - ").tasks
    with pytest.raises(BadInput, match="200"):
        look(office, "x" * 201)
    with pytest.raises(BadInput, match="cursor"):
        look(office, "06/2004", after="nowhere")


def test_signs_that_a_database_reads_as_any_text_are_no_words(office: Office) -> None:
    with reading(office.engine) as session:
        assert session.exec(select(Unit).limit(1)).first() is not None
    assert not look(office, "%%%").tasks
    assert not look(office, "______").tasks
