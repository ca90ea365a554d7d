"""A document is read, corrected, confirmed duty by duty, and becomes a directive that launches to the right units."""

from datetime import date

import pytest
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty, DutyKind, Urgency
from models.directives.template import DayOfPeriod, Selector
from models.errors import BadInput, NotFound, Refused
from models.i18n import translate
from models.intake.intake import AudiencePhrase, IntakeState, ProposalState, ProposedDuty
from models.organization.unit import UnitKind, UnitTag
from models.tasks.task import Task
from models.text.localtime import due_date, local_date
from tests.office import Office
from tests.review.taken_in import NOW, coordinator, take_in, unit_id
from workflows.access.rights import read_principal
from workflows.intake.read import read
from workflows.intake.review.confirm_reading import confirm_reading, drop_intake
from workflows.intake.review.correct_reading import (
    Corrected,
    add,
    correct,
    decide,
    find_duty,
    merge,
    open_intake,
    split,
)
from workflows.intake.review.first_guess import OF_PERIOD
from workflows.intake.review.match import How, load_matcher, teach
from workflows.intake.review.propose_template import period_of_duty, presets
from workflows.intake.review.store_reading import draft_of, last_day, proposed_duties, store_reading, unsettled_times
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar

TEN = ["1", "2", "2.a", "2.b", "2.c", "3", "4", "5", "closing.1", "closing.2"]
LETTER = """ỦY BAN NHÂN DÂN

CÔNG VĂN
V/v tăng cường an toàn thông tin

1. Vụ Viễn thông chủ trì, phối hợp với Vụ Bưu chính xây dựng quy chế, hoàn thành trước ngày 30/9/2004.
2. Công ty Trăng Xanh rà soát hệ thống của mình.
"""


def test_the_ten_duties_of_the_bundled_directive_are_proposed_with_their_very_words(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session)
        duties = proposed_duties(session, intake)
        assert [one.path for one in duties] == TEN
        assert intake.kind == "chỉ thị" and intake.subject.startswith("Tăng cường đảm bảo an toàn")
        for duty in duties:
            assert duty.state is ProposalState.PROPOSED and duty.addressees
            for found in duty.findings:
                words = " ".join(intake.text[found["begins"] : found["ends"]].split())
                assert " ".join(found["value"].split()) in words or words in found["value"]


def test_a_document_that_does_not_name_its_kind_is_an_official_letter(office: Office) -> None:
    """Of all kinds, only a công văn bears no name of its kind above its subject."""
    text = LETTER.replace("CÔNG VĂN\n", "Số: 1414/TCT-CS\n")
    with transaction(office.engine) as session:
        assert take_in(session, text).kind == "công văn"


def test_the_same_text_sent_twice_is_one_document(office: Office) -> None:
    with transaction(office.engine) as session:
        first = take_in(session)
        assert take_in(session, filename="again.txt").id == first.id


def test_a_secret_document_is_refused_and_nothing_of_it_is_kept(office: Office) -> None:
    with transaction(office.engine) as session, pytest.raises(Refused, match="classified"):
        take_in(session, "MẬT\n\n" + LETTER)


def test_names_find_their_units_and_an_unknown_one_near_ones(office: Office) -> None:
    with reading(office.engine) as session:
        matcher = load_matcher(session)
    assert matcher.of("Vụ Kế hoạch - Tài chính").how is How.NAMED
    assert [unit.code for unit in matcher.of("Thủ trưởng Vụ Viễn thông").units] == ["VU-VT"]
    assert matcher.of("Vụ Viễn thông và Vụ Bưu chính").selectors == (
        Selector(named=("VU-VT",)),
        Selector(named=("VU-BC",)),
    )
    everybody = matcher.of("các doanh nghiệp bưu chính, viễn thông và Internet")
    assert everybody.how is How.TAGGED and len(everybody.units) == 25 and everybody.other is None
    alike = matcher.of("các đơn vị nghiệp vụ liên quan của Bộ Công an", leading=False)
    assert [unit.code for unit in (alike.units or alike.near)][:1] == ["CA-NV"]
    assert matcher.of("Vụ Viễn thônng").how is How.ALIKE
    unknown = matcher.of("Công ty Trăng Xanh")
    assert unknown.how is How.UNKNOWN and not unknown.selectors


def test_a_phrase_that_names_a_tag_means_only_those_that_bear_it(office: Office) -> None:
    with reading(office.engine) as session:
        matcher = load_matcher(session)
    found = matcher.of("Các doanh nghiệp viễn thông")
    assert found.how is How.TAGGED and len(found.units) == 16
    assert found.selectors == (Selector(kind=UnitKind.ENTERPRISE, tags=("telecom",)),)
    assert [rule.message for rule in found.rules] == ["every {kind} with the tag {tags}: {count} of {all}"]
    assert str(found.rules[0]) == "every enterprise with the tag telecommunications: 16 of 25"
    assert translate(found.rules[0], "vi") == "doanh nghiệp có nhãn viễn thông: 16 trong 25 doanh nghiệp"
    assert found.other is not None and found.other.how is How.KIND and len(found.left_out) == 9
    assert {"T-BC", "CTY-M"} <= {unit.code for unit in found.left_out} and found.other.meant == ["kind:enterprise"]


@pytest.mark.parametrize(
    ("phrase", "tags", "count", "beyond"),
    [
        ("các doanh nghiệp bưu chính, viễn thông và Internet", ("internet", "post", "telecom"), 25, ""),
        ("các doanh nghiệp viễn thông và Internet", ("internet", "telecom"), 20, ""),
        ("Doanh nghiệp cung cấp dịch vụ INTERNET", ("internet",), 16, ""),
        ("Giám đốc các doanh nghiệp bưu chính", ("post",), 12, ""),
        ("Các doanh nghiệp viễn thông trên toàn quốc", ("telecom",), 16, ""),
        ("Các doanh nghiệp viễn thông, trừ TCT-T", ("telecom",), 16, "trừ TCT-T"),
        ("Các doanh nghiệp viễn thông trên địa bàn Hà Nội", ("telecom",), 16, "trên địa bàn Hà Nội"),
        ("các doanh nghiệp viễn thông và công nghệ thông tin", (), 25, "viễn thông và công nghệ thông tin"),
        ("các doanh nghiệp không cung cấp dịch vụ viễn thông", (), 25, "không cung cấp dịch vụ viễn thông"),
        ("các doanh nghiệp nhà nước", (), 25, "nhà nước"),
        ("Các doanh nghiệp", (), 25, ""),
        ("Các đơn vị trực thuộc Bộ Bưu chính, Viễn thông", (), 16, ""),
    ],
)
def test_the_fields_behind_a_kind_are_its_tags(
    office: Office, phrase: str, tags: tuple[str, ...], count: int, beyond: str
) -> None:
    with reading(office.engine) as session:
        found = load_matcher(session).of(phrase)
    assert found.how is (How.TAGGED if tags else How.KIND)
    assert sorted(tag for one in found.selectors for tag in one.tags) == list(tags)
    assert (len(found.units), found.beyond) == (count, beyond)
    assert found.rules, "the rule is always said"


def test_several_groups_in_one_phrase_are_all_meant(office: Office) -> None:
    with reading(office.engine) as session:
        matcher = load_matcher(session)
    found = matcher.of("Các đơn vị trực thuộc Bộ, các doanh nghiệp viễn thông")
    assert len(found.units) == 32 and len(found.left_out) == 9 and len(found.rules) == 3
    assert not matcher.of("Các đơn vị trực thuộc Bộ và các tổ chức Trăng Xanh").selectors, "not one of them alone"


def test_an_offices_own_tag_is_found_by_its_own_word(office: Office) -> None:
    with transaction(office.engine) as session:
        session.add(UnitTag(unit_id=unit_id(session, "CTY-L"), tag="dien-luc"))
        session.flush()
        found = load_matcher(session).of("Các doanh nghiệp điện lực")
    assert [unit.code for unit in found.units] == ["CTY-L"]


def test_the_broader_rule_can_be_taken_and_the_narrower_one_again(office: Office) -> None:
    phrase = "Các doanh nghiệp viễn thông"
    with transaction(office.engine) as session:
        person = coordinator(session)
        narrow = load_matcher(session).of(phrase)
        assert narrow.other is not None
        teach(session, phrase, narrow.other.meant, matcher=load_matcher(session), person_id=person.id, now=NOW)
        broad = load_matcher(session).of(phrase)
        assert broad.how is How.TAUGHT and len(broad.units) == 25 and broad.other is not None
        assert len(broad.too_many) == 9 and broad.other.meant == ["kind:enterprise:telecom"]
        teach(session, phrase, broad.other.meant, matcher=load_matcher(session), person_id=person.id, now=NOW)
        assert load_matcher(session).of(phrase).units == narrow.units
        with pytest.raises(BadInput, match="kind:enterprise:none"):
            teach(session, "x", ["kind:enterprise:none"], matcher=load_matcher(session), person_id=person.id, now=NOW)


def test_what_a_phrase_means_is_remembered_once_it_was_said(office: Office) -> None:
    with transaction(office.engine) as session:
        person = coordinator(session)
        teach(
            session,
            "Cục Trăng Xanh",
            ["CTY-M", "kind:department"],
            matcher=load_matcher(session),
            person_id=person.id,
            now=NOW,
        )
        found = load_matcher(session).of("cục trăng xanh")
        assert found.how is How.TAUGHT and "CTY-M" in [unit.code for unit in found.units]
        with pytest.raises(BadInput, match="NOWHERE"):
            teach(session, "x", ["NOWHERE"], matcher=load_matcher(session), person_id=person.id, now=NOW)
        assert len(session.exec(select(AudiencePhrase)).all()) == 1


def test_a_duty_is_split_merged_added_and_corrected(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session)
        closing = next(one for one in proposed_duties(session, intake) if one.path == "closing.1")
        second = split(session, intake, closing, begins_with="Trong quá trình thực hiện", path="closing.1b")
        assert intake.text[second.begins :].startswith("Trong quá trình thực hiện")
        assert closing.ends <= second.begins and "Trong quá trình" not in intake.text[closing.begins : closing.ends]
        merge(session, closing, second)
        assert [one.path for one in proposed_duties(session, intake)] == TEN
        added = add(session, intake, words="Vụ Kế hoạch – Tài chính … an ninh quốc gia", path="9")
        assert intake.text[added.begins : added.ends].startswith("Vụ Kế hoạch")
        with pytest.raises(BadInput, match="another duty has it"):
            correct(session, intake, added, Corrected(path="2.a", title="x", kind=DutyKind.ONE_OFF))
        with pytest.raises(BadInput, match="is not in the text"):
            add(session, intake, words="những lời không có", path="10")
        with pytest.raises(BadInput, match="at most 20000"):
            add(session, intake, words="Vụ " * 10_000, path="10")


TIMES = """CÔNG VĂN
V/v báo cáo

1. Vụ Viễn thông rà soát quy trình, hoàn thành trước ngày 30/10/2026; trình Bộ chậm nhất ngày 15/11/2026.
2. Vụ Bưu chính hướng dẫn các đơn vị; xây dựng kế hoạch trước ngày 20/10/2026.
3. Vụ Pháp chế báo cáo kết quả hằng tháng, trước ngày 05 của tháng sau.
"""


def unread(duty: ProposedDuty) -> list[str]:
    """The words of time in it of which nobody has said what they mean."""
    return unsettled_times(duty)


def test_a_split_keeps_each_unread_time_with_its_words(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, TIMES)
        first, second, third = proposed_duties(session, intake)
        rest = split(session, intake, first, begins_with="trình Bộ", path="1b")
        assert (unread(first), unread(rest)) == ([], ["chậm nhất ngày 15/11/2026"])
        assert last_day(first) == date(2026, 10, 29) and last_day(rest) is None
        rest = split(session, intake, second, begins_with="xây dựng kế hoạch", path="2b")
        assert last_day(second) is None and unread(second) == [], "its date stands in the other half"
        assert last_day(rest) == date(2026, 10, 19) and unread(rest) == []
        rest = split(session, intake, third, begins_with="05 của tháng sau", path="3b")
        assert unread(third) == ["hằng tháng, trước ngày 05 của tháng sau"], "a split within the words loses none"
        with pytest.raises(BadInput, match="words of time were not read"):
            decide([third], ProposalState.CONFIRMED)


def test_a_merge_leaves_no_time_unread_and_unsaid(office: Office) -> None:
    with transaction(office.engine) as session:
        first, second, third = proposed_duties(session, take_in(session, TIMES))
        merge(session, second, third)
        assert last_day(second) == date(2026, 10, 19)
        assert unread(second) == ["hằng tháng, trước ngày 05 của tháng sau"], "the period is not that of the duty"
        merge(session, first, second)
        assert unread(first) == [
            "chậm nhất ngày 15/11/2026",
            "trước ngày 20/10/2026",
            "hằng tháng, trước ngày 05 của tháng sau",
        ]


def test_a_merge_takes_the_times_of_the_other_where_it_has_none(office: Office) -> None:
    text = TIMES.replace("; xây dựng kế hoạch trước ngày 20/10/2026", "").replace(", trước ngày 05 của tháng sau", "")
    with transaction(office.engine) as session:
        _first, second, third = proposed_duties(session, take_in(session, text))
        merge(session, second, third)
        assert (second.kind, second.every, unread(second)) == (DutyKind.RECURRING, "month", [])


def test_nothing_is_made_before_each_duty_is_decided_and_each_name_known(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, LETTER)
        duties = proposed_duties(session, intake)
        with pytest.raises(BadInput, match="confirm or drop each duty first: item 1, item 2"):
            confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        decide(duties, ProposalState.CONFIRMED)
        session.flush()
        intake.issuer = "Bộ"
        with pytest.raises(BadInput, match="Trăng Xanh"):
            confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        duties[0].addressees = []
        session.flush()
        with pytest.raises(BadInput, match="item 1: it names nobody yet"):
            confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        assert session.exec(select(Directive)).first() is None or intake.directive_id is None


def test_a_confirmed_date_is_the_documents_own(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, LETTER)
        intake.issuer = "Bộ"
        first, second = proposed_duties(session, intake)
        decide([first], ProposalState.CONFIRMED)
        decide([second], ProposalState.DROPPED)
        session.flush()
        directive = confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        outcome = launch(
            session, directive, on=NOW, coordinator_id=coordinator(session).id, calendar=load_calendar(session)
        )
        assert outcome.created == 1
        (task,) = session.exec(select(Task).where(Task.directive_id == directive.id)).all()
        assert task.due_at is not None and due_date(task.due_at) == date(2004, 9, 29), "“trước ngày 30/9/2004”"


def test_a_duty_is_called_by_what_is_to_be_done(office: Office) -> None:
    with transaction(office.engine) as session:
        titles = [one.title for one in proposed_duties(session, take_in(session, LETTER))]
    assert titles[0].startswith("Xây dựng quy chế")
    assert titles[1] == "Rà soát hệ thống của mình"


def test_a_day_that_was_read_stays_as_it_was_until_another_is_given(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, LETTER)
        first = proposed_duties(session, intake)[0]
        as_it_is = Corrected(title="Quy chế", due_on=last_day(first))
        correct(session, intake, first, as_it_is)
        assert first.deadline["before"] is True
        correct(session, intake, first, Corrected(due_on=date(2004, 10, 15)))
        assert last_day(first) == date(2004, 10, 15) and "before" not in first.deadline


def test_the_bundled_directive_read_confirmed_and_launched_reaches_its_units(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session)
        duties = proposed_duties(session, intake)
        decide(duties, ProposalState.CONFIRMED)
        session.flush()
        directive = confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        assert intake.state is IntakeState.CONCLUDED and intake.directive_id == directive.id
        stored = session.exec(select(Duty).where(Duty.directive_id == directive.id)).all()
        assert sorted(one.path for one in stored) == sorted(TEN)
        outcome = launch(
            session,
            directive,
            on=NOW,
            coordinator_id=coordinator(session).id,
            calendar=load_calendar(session),
            paths=["2", "4"],
        )
        assert outcome.created == 26, "25 enterprises and Vụ Kế hoạch – Tài chính"
        with pytest.raises(Refused, match="already"):
            drop_intake(session, intake, now=NOW)


def test_another_units_document_is_not_there(office: Office) -> None:
    with transaction(office.engine) as session:
        person = coordinator(session)
        other = store_reading(
            session,
            draft_of(LETTER, read(LETTER)),
            filename="x.txt",
            unit_id=unit_id(session, "VU-PC"),
            person_id=person.id,
            now=NOW,
        )
        principal = read_principal(session, person, local_date(NOW))
        with pytest.raises(NotFound):
            open_intake(session, principal, other.id)
        mine = take_in(session)
        duty = proposed_duties(session, other)[0]
        with pytest.raises(NotFound):
            find_duty(session, open_intake(session, principal, mine.id), duty.id)


def test_a_day_of_each_period_becomes_the_sending_day(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, TIMES)
        duty = proposed_duties(session, intake)[2]
        duty.kind, duty.every = DutyKind.RECURRING, "month"
        duty.deadline = {"rule": OF_PERIOD, "day": 5, "months_before": -1}
        period = period_of_duty(duty)
        assert period is not None and set(period.sends.values()) == {DayOfPeriod(day=5, months_before=-1)}
        assert (period.data_start, period.data_end) == (DayOfPeriod(day=1), DayOfPeriod(day=31))
        assert period.opens == DayOfPeriod(day=5), "a month before"
        correct(session, intake, duty, Corrected(kind=DutyKind.RECURRING, every="month", of_period=None))
        assert period_of_duty(duty) == presets()["month"], "without a day of its own, the usual days"


@pytest.mark.parametrize("stamp", ["HOẢ TỐC", "HỎA TỐC"])
def test_stamp_is_express_wherever_its_tone_stands(office: Office, stamp: str) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, f"BỘ Y TẾ\nSố: 1/BYT\n{stamp}\nKính gửi: Sở Y tế\n1. Sở Y tế rà soát danh mục thuốc.")
        assert intake.urgency is Urgency.EXPRESS


def test_a_duty_added_by_hand_is_no_longer_than_one_that_is_read(office: Office) -> None:
    with transaction(office.engine) as session:
        intake = take_in(session, f"CHỈ THỊ\n\n1. Vụ Viễn thông báo cáo.\n{'Nội dung khác. ' * 2_000}Hết.")
        with pytest.raises(BadInput, match="at most 20000"):
            add(session, intake, words="Vụ Viễn thông … Hết", path="9")
