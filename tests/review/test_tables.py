"""An office's follow-up table is read and mapped, each row's fate is told first, and only then tasks are made of it."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
import xlsxwriter
from sqlmodel import Session, col, func, select

from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused
from models.intake.intake import IntakeState
from models.intake.intake_table import IntakeTable
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.history import HistoryNote
from models.tasks.task import Contribution, DueFixedBy, Task
from models.text.localtime import due_date, local_date
from tests.office import Office
from tests.review.sheets import QUY_CHE, RA_SOAT, TONG_KET, XONG, csv, workbook
from tests.review.taken_in import NOW, coordinator, unit_id
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.intake.review.match import load_matcher, teach
from workflows.intake.tables.confirm_table import Concluded, conclude_table
from workflows.intake.tables.row_dates import last_day_of, read_deadline
from workflows.intake.tables.row_outcomes import OutcomeKind, RowOutcome, try_out
from workflows.intake.tables.store_table import (
    drop_table,
    headings_of,
    keep_table,
    open_table,
    read_cells,
    set_columns,
    set_document,
    tick,
)
from workflows.intake.tables.table_columns import TableRow, find_headings, guess_mapping
from workflows.launch.launch_tasks import Uncovered
from workflows.organization.working_calendar import load_calendar

TODAY = local_date(NOW)
DOCUMENT = {"kind": "kết luận", "number": "", "issuer": "Bộ trưởng", "subject": "Giao ban tháng 5", "fixed": ""}


def come_in(session: Session, content: bytes, name: str = "theo-doi.csv", unit: str = "VU-VT") -> IntakeTable:
    return keep_table(
        session,
        name,
        read_cells(name, content),
        unit_id=unit_id(session, unit),
        person_id=coordinator(session).id,
        now=NOW,
    )


def ready(session: Session, content: bytes, name: str = "theo-doi.csv", **document: str) -> IntakeTable:
    """A table whose document is told."""
    table = come_in(session, content, name)
    set_document(table, DOCUMENT | document, date(2004, 5, 20), TODAY)
    return table


def finish(session: Session, table: IntakeTable, **more: bool | str) -> Concluded:
    return conclude_table(
        ActorContext(session, coordinator(session), NOW, load_calendar(session), Settings()),
        table,
        **more,  # type: ignore[arg-type]
    )


def kinds(fates: list[RowOutcome]) -> list[OutcomeKind]:
    return [fate.kind for fate in fates]


def fault(session: Session, row: str) -> str:
    """What the one row of a table is told."""
    (fate,) = try_out(session, come_in(session, csv(row)), TODAY)
    assert fate.kind is OutcomeKind.FAULT, fate
    return " ".join(one.tell("en") for one in fate.faults)


def test_headings_are_found_under_titles_and_on_other_sheets() -> None:
    cells = read_cells("theo-doi.xlsx", workbook())
    headings = find_headings(cells)
    assert headings is not None and (headings.first, headings.last) == (3, 5)
    assert headings.words[2:4] == ("Đơn vị thực hiện / Chủ trì", "Đơn vị thực hiện / Phối hợp")
    assert guess_mapping(headings.words) == {"duty": 1, "lead": 2, "partners": 3, "due": 4, "state": 5, "remarks": 6}
    assert cells[8][1] == RA_SOAT, "a merged cell counts for each of its rows"
    assert cells[6][4] == "2004-09-30"


def test_words_of_the_title_are_no_headings() -> None:
    title = "Đơn vị: Vụ Viễn thông;Thời gian: Quý II;;\n;;;\n"
    found = find_headings(read_cells("a.csv", f"{title}TT;Công việc;Chủ trì;Hạn\n1;A;T-DD;\n".encode()))
    assert found is not None and found.first == found.last == 3


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("30/6/2026", date(2026, 6, 30)),
        ("30.6.26", date(2026, 6, 30)),
        ("2026-06-30", date(2026, 6, 30)),
        ("trước ngày 30/6/2026", date(2026, 6, 29)),
        ("Chậm nhất ngày 15 tháng 9 năm 2026", date(2026, 9, 15)),
        ("Quý II/2026", date(2026, 6, 30)),
        ("Quý I, II/2026", date(2026, 6, 30)),
        ("trong tháng 2/2028", date(2028, 2, 29)),
        ("Trước quý IV/2026", date(2026, 9, 30)),
        ("6 tháng đầu năm 2026", date(2026, 6, 30)),
        ("Năm 2026", date(2026, 12, 31)),
        ("", None),
        ("Chưa xác định", None),
    ],
)
def test_a_date_is_read_as_offices_write_it(said: str, day: date | None) -> None:
    rule, guessed = read_deadline(said, None)
    assert last_day_of(rule) == day and not guessed


@pytest.mark.parametrize(
    "said", ["31/6/2026", "hàng tháng", "46203", "30/6/9999", "sớm", "30/6", "trước quý I, II/2026"]
)
def test_what_is_no_date_is_never_guessed(said: str) -> None:
    with pytest.raises(BadInput, match="expected something like"):
        read_deadline(said, None)


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("Đã hoàn thành", True),
        ("đã xong", True),
        ("Hoàn thành quá hạn", True),
        ("100%", True),
        ("Chưa hoàn thành", False),
        ("Đang thực hiện, dự kiến xong tháng 9", False),
        ("Hoàn thành 50%", False),
        ("", False),
    ],
)
def test_a_state_is_done_only_where_it_says_so(said: str, done: bool) -> None:
    assert TableRow(1, state=said).is_done is done


def test_every_rows_fate_is_told_and_nothing_is_written_by_looking(office: Office) -> None:
    with transaction(office.engine) as session:
        table = come_in(session, workbook(), "theo-doi.xlsx")
        tasks = session.exec(select(func.count()).select_from(Task)).one()
        fates = try_out(session, table, TODAY)
        assert kinds(fates) == [
            OutcomeKind.SECTION,
            OutcomeKind.NEW,
            OutcomeKind.NEW,
            OutcomeKind.NEW,
            OutcomeKind.DONE,
        ]
        _section, first, second, third, _done = fates
        assert [one.code for one in first.leads] == ["VU-VT"] and first.last_day == date(2004, 9, 30)
        assert [one.code for one in first.partners] == ["VU-BC", "VU-PC"]
        assert second.row.duty == third.row.duty == RA_SOAT
        assert (second.last_day, third.last_day) == (date(2004, 9, 30), date(2004, 8, 14))
        assert table.subject == "BẢNG THEO DÕI THỰC HIỆN KẾT LUẬN GIAO BAN THÁNG 5"
        assert session.exec(select(func.count()).select_from(Task)).one() == tasks


def test_a_table_becomes_duties_with_templates_and_a_task_for_each_row(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, workbook(), "theo-doi.xlsx")
        done = finish(session, table)
        assert (done.duties, done.tasks) == (2, 3)
        directive = done.directive
        assert (directive.kind, directive.issuer, directive.issued_on) == ("kết luận", "Bộ trưởng", date(2004, 5, 20))
        duties = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
        assert [duty.quote for duty in duties] == [QUY_CHE, RA_SOAT]
        specs = {one.duty_id: one.read_spec() for one in session.exec(select(TemplateVersion)) if one.published_at}
        assert specs[duties[0].id].deadline.model_dump(mode="json")["on"] == "2004-09-30"
        assert specs[duties[1].id].deadline.rule == "none", "its rows have different dates"
        tasks = session.exec(
            select(Task, Unit.code)
            .join(Unit, col(Unit.id) == Task.lead_unit_id)
            .where(Task.directive_id == directive.id)
        ).all()
        days = {code: due_date(task.due_at) for task, code in tasks if task.due_at}
        assert days == {"VU-VT": date(2004, 9, 30), "CTY-M": date(2004, 9, 30), "T-DD": date(2004, 8, 14)}
        assert {task.due_fixed_by for task, _code in tasks} == {DueFixedBy.ASSIGNER}
        assert {task.launch_id for task, _code in tasks} == {table.id}, "one launch"
        partners = {
            code: sorted(
                session.exec(
                    select(Unit.code)
                    .join(Contribution, col(Contribution.unit_id) == Unit.id)
                    .where(Contribution.task_id == task.id)
                )
            )
            for task, code in tasks
        }
        assert partners == {"VU-VT": ["VU-BC", "VU-PC"], "CTY-M": [], "T-DD": ["VU-VT"]}
        notes = session.exec(select(HistoryNote.text)).all()
        assert "Đang thực hiện; Lãnh đạo Bộ quan tâm" in notes


def test_dates_that_the_document_fixes_are_the_issuers(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, csv(f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;"), fixed="on")
        finish(session, table)
        task = session.exec(select(Task).where(Task.launch_id == table.id)).one()
        assert task.due_fixed_by is DueFixedBy.DIRECTIVE


def test_sent_twice_it_is_done_once(office: Office) -> None:
    with transaction(office.engine) as session:
        table_id = ready(session, csv(f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;")).id
    made = []
    for _turn in range(2):
        with transaction(office.engine) as session:
            principal = read_principal(session, coordinator(session), TODAY)
            made.append(finish(session, open_table(session, principal, table_id, to_write=True)))
    assert (made[0].tasks, made[1].tasks) == (1, 0) and made[0].directive.id == made[1].directive.id
    with reading(office.engine) as session:
        assert len(session.exec(select(Launch).where(Launch.id == table_id)).all()) == 1
        assert len(session.exec(select(Task).where(Task.launch_id == table_id)).all()) == 1


def test_two_who_send_it_at_once_make_it_once(office: Office) -> None:
    with transaction(office.engine) as session:
        table_id = ready(session, csv(f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;")).id

    def send(_turn: int) -> int:
        with transaction(office.engine) as session:
            principal = read_principal(session, coordinator(session), TODAY)
            return finish(session, open_table(session, principal, table_id, to_write=True)).tasks

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(send, range(2))) == [0, 1]


def test_a_row_said_to_be_done_is_left_out_or_taken_along_without_a_task(office: Office) -> None:
    rows = csv(f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;", f"2;{XONG};T-DD;;30/4/2004;Đã hoàn thành;")
    with transaction(office.engine) as session:
        table = ready(session, rows)
        tick(table, [2, 3], new=[2], done=[3])
        assert kinds(try_out(session, table, TODAY)) == [OutcomeKind.NEW, OutcomeKind.TAKEN]
        done = finish(session, table)
        assert (done.duties, done.tasks) == (2, 1)
        duty = session.exec(select(Duty).where(Duty.quote == XONG)).one()
        (version,) = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)).all()
        assert version.state is TemplateState.DRAFT, "nobody launches it unawares"


def test_a_row_that_is_left_out_makes_nothing(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, csv(f"1;{QUY_CHE};Vụ Viễn thông;;;;", f"2;{TONG_KET};T-DD;;;;"))
        tick(table, [3], new=[2, 3], done=[])
        assert kinds(try_out(session, table, TODAY)) == [OutcomeKind.LEFT, OutcomeKind.NEW]
        assert finish(session, table).tasks == 1
        assert session.exec(select(Duty).where(Duty.quote == QUY_CHE)).first() is None


def test_faults_name_the_value_and_what_would_be_right(office: Office) -> None:
    with transaction(office.engine) as session:
        assert "Trung tâm Sao Mai" in fault(session, f"1;{QUY_CHE};Trung tâm Sao Mai;;30/9/2004;;")
        assert "something like Vụ Viễn thông" in fault(session, f"1;{QUY_CHE};Vụ Viễn Thám;;30/9/2004;;")
        assert "“31/9/2004”" in fault(session, f"1;{QUY_CHE};Vụ Viễn thông;;31/9/2004;;")
        assert "write the work to do in each row" in fault(session, "1;;Vụ Viễn thông;;30/9/2004;;")
        assert "lead unit: it is empty" in fault(session, f"1;{QUY_CHE};;;30/9/2004;;")


def test_a_name_is_taught_once_and_the_row_is_right(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, csv(f"1;{QUY_CHE};Trung tâm Sao Mai;Các bộ, ngành;30/9/2004;;"))
        (fate,) = try_out(session, table, TODAY)
        assert {one.phrase for one in fate.unknown} == {"Trung tâm Sao Mai", "Các bộ, ngành"}
        teach(
            session,
            "Trung tâm Sao Mai",
            ["CTY-M"],
            matcher=load_matcher(session),
            person_id=coordinator(session).id,
            now=NOW,
        )
        (fate,) = try_out(session, table, TODAY)
        assert fate.kind is OutcomeKind.NEW and [one.code for one in fate.leads] == ["CTY-M"]
        assert "Các bộ, ngành" in fate.doubts[0], "who only takes part may be unknown: it is said, and stops nothing"


def test_a_row_for_a_group_tells_its_rule_and_whom_it_leaves_out(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, csv(f"1;{QUY_CHE};Các doanh nghiệp viễn thông tại Hà Nội;;30/9/2004;;"))
        (fate,) = try_out(session, table, TODAY)
    assert fate.kind is OutcomeKind.NEW and len(fate.leads) == 16
    rule, beyond = fate.doubts[:2]
    assert "every enterprise with the tag telecommunications: 16 of 25; left out: " in rule and "Truyền thông M" in rule
    assert "no rule looks at “tại Hà Nội”" in beyond


def test_rows_with_faults_are_left_out_only_when_somebody_says_so(office: Office) -> None:
    rows = csv(f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;", f"2;{TONG_KET};Trung tâm Sao Mai;;30/9/2004;;")
    with transaction(office.engine) as session:
        table = ready(session, rows)
        with pytest.raises(BadInput, match="faults in 1 row: 3"):
            finish(session, table)
        assert table.state is IntakeState.OPEN
        assert finish(session, table, leave_faults=True).tasks == 1


def test_the_same_words_for_the_same_unit_are_one_task(office: Office) -> None:
    row = f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;"
    with transaction(office.engine) as session:
        table = ready(session, csv(row, row.replace("30/9", "1/10")))
        fates = try_out(session, table, TODAY)
        assert kinds(fates) == [OutcomeKind.NEW, OutcomeKind.REPEATED] and "row 2" in fates[1].doubts[0]
        finish(session, table)
        later = ready(session, csv(row, f"2;{TONG_KET};Vụ Viễn thông;;30/9/2004;;"), number="7/TB-BBCVT")
        assert kinds(try_out(session, later, TODAY)) == [OutcomeKind.HERE, OutcomeKind.NEW]
        assert finish(session, later).tasks == 1


def test_a_later_table_of_the_same_document_adds_its_rows_to_it(office: Office) -> None:
    row = f"1;{QUY_CHE};Vụ Viễn thông;;30/9/2004;;"
    with transaction(office.engine) as session:
        first = finish(session, ready(session, csv(row), number="7/TB-BBCVT"))
        grown = ready(session, csv(row, f"2;{TONG_KET};T-DD;;30/9/2004;;"), number="7/TB-BBCVT", subject="Khác")
        second = finish(session, grown)
        assert second.directive.id == first.directive.id and second.tasks == 1
        assert second.directive.subject == "Giao ban tháng 5" and TONG_KET in second.directive.text
        duties = session.exec(select(Duty).where(Duty.directive_id == first.directive.id).order_by(col(Duty.position)))
        assert [(duty.path, duty.position, duty.quote) for duty in duties] == [("1", 1, QUY_CHE), ("2", 2, TONG_KET)]
        foreign = session.exec(select(Directive).where(Directive.code == "ct-06-2004")).one()
        other = ready(session, csv("1;Việc khác;T-DD;;;;"), number=str(foreign.number))
        with pytest.raises(Refused, match="here already"):
            finish(session, other)


def test_rows_of_another_document_wait_for_its_turn(office: Office) -> None:
    content = (
        "Nhiệm vụ;Chủ trì;Số văn bản;Ngày ban hành\nViệc A;T-DD;7/TB-BBCVT;2004-05-20\nViệc B;T-DD;8/TB;\n".encode()
    )
    with transaction(office.engine) as session:
        table = come_in(session, content)
        assert (table.number, table.issued_on) == ("7/TB-BBCVT", date(2004, 5, 20))
        assert kinds(try_out(session, table, TODAY)) == [OutcomeKind.NEW, OutcomeKind.OTHER]


def test_the_columns_of_an_office_are_remembered_by_its_headings(office: Office) -> None:
    head = "Việc;Ai làm;Bao giờ\n"
    with transaction(office.engine) as session:
        person = coordinator(session)
        table = come_in(session, f"{head}A;T-DD;30/9/2004\n".encode())
        assert "lead" not in table.mapping and not table.is_mapped
        with pytest.raises(BadInput, match="lead unit"):
            set_columns(session, table, {0: "duty", 1: ""}, person_id=person.id, now=NOW)
        with pytest.raises(BadInput, match="two columns"):
            set_columns(session, table, {0: "duty", 1: "duty"}, person_id=person.id, now=NOW)
        set_columns(session, table, {0: "duty", 1: "lead", 2: "due"}, person_id=person.id, now=NOW)
        again = come_in(session, f"{head.upper()}B;CTY-M;Quý IV/2004\n".encode())
        assert again.id != table.id and again.is_mapped and again.mapping == {"duty": 0, "lead": 1, "due": 2}
        other = come_in(session, f"{head}C;CTY-M;\n".encode(), unit="VU-PC")
        assert not other.is_mapped, "another unit's tables are its own"
        assert headings_of(other).digest == headings_of(again).digest


def test_a_unit_that_cannot_be_written_to_stops_it_until_somebody_says_why(office: Office) -> None:
    with transaction(office.engine) as session:
        session.exec(select(Unit).where(Unit.code == "T-DD")).one().head_id = None
        session.flush()
        table = ready(session, csv(f"1;{QUY_CHE};T-DD;;30/9/2004;;"))
        table_id = table.id
    with pytest.raises(Uncovered), transaction(office.engine) as session:
        finish(session, session.get_one(IntakeTable, table_id))
    with reading(office.engine) as session:
        assert session.get_one(IntakeTable, table_id).state is IntakeState.OPEN
        assert session.exec(select(Directive).where(Directive.issuer == "Bộ trưởng")).first() is None
    with transaction(office.engine) as session:
        done = finish(session, session.get_one(IntakeTable, table_id), override=True, reason="báo bằng điện thoại")
        assert done.tasks == 1


def test_what_cannot_be_a_table_says_so(office: Office) -> None:
    far = io.BytesIO()
    book = xlsxwriter.Workbook(far)
    book.add_worksheet().write(1048575, 16383, "x")
    book.close()
    with transaction(office.engine) as session:
        for name, content, told in (
            ("a.xlsx", far.getvalue(), "row 1048576"),
            ("a.xlsx", b"PK\x03\x04", "not an XLSX"),
            ("a.docx", b"", "neither .csv nor .xlsx"),
            ("a.csv", b";;\n", "no words"),
            ("a.csv", "Nhiệm vụ".encode("utf-16"), "UTF-16"),
            ("a.csv", b"x\n" * 1001, "1001 rows"),
        ):
            with pytest.raises(BadInput, match=told):
                come_in(session, content, name)
        with pytest.raises(Refused, match="row 2: it is stamped MẬT"):
            come_in(session, csv("1;Việc A;T-DD;;;Mật;"))
        assert session.exec(select(IntakeTable)).first() is None


def test_a_stamp_typed_in_later_is_refused_too(office: Office) -> None:
    with transaction(office.engine) as session:
        table = ready(session, csv("1;Việc A;T-DD;;;;"), subject="TỐI MẬT")
        with pytest.raises(Refused, match="classified mail"):
            finish(session, table)


def test_another_units_table_is_not_there_and_an_ended_one_does_not_change(office: Office) -> None:
    with transaction(office.engine) as session:
        principal = read_principal(session, coordinator(session), TODAY)
        other = come_in(session, csv("1;Việc A;T-DD;;;;"), unit="VU-PC")
        for table_id in (other.id, UUID(int=1)):
            with pytest.raises(NotFound):
                open_table(session, principal, table_id)
        mine = come_in(session, csv("1;Việc A;T-DD;;;;"))
        assert come_in(session, csv("1;Việc A;T-DD;;;;"), "khac.csv").id == mine.id, "the same table is one"
        drop_table(session, mine, now=NOW)
        with pytest.raises(Refused, match="already"):
            finish(session, mine)
