"""The warning rule: each sign, its points and its words; what is never warned of."""

from datetime import date, timedelta

import pytest

from models.directives.directive import DutyKind
from models.text.localtime import end_of_day
from tests.lives import BA, Teller, generate
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.experience import NOTHING, YEAR, Experience, Past, missed
from workflows.rules.escalation.risk import POINTS, SIGN_WORDS, WARN_FROM, WHY, Reason, Risk, Sign, Stage, risk_of
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.task_life import Life

CALENDAR = WorkCalendar()
GIVEN, DUE = date(2026, 3, 2), date(2026, 3, 27)  # a Monday, and a Friday 19 working days later


def at(day: int) -> date:
    return date(2026, 3, day)


def task() -> Teller:
    return Teller().assigned(GIVEN, DUE)


def accepted() -> Teller:
    return task().then("accepted", at(3))


def risk(teller: Teller, on: date, past: Past = NOTHING) -> Risk | None:
    return risk_of(teller.told.life(), past, on, CALENDAR)


def signs(teller: Teller, on: date, past: Past = NOTHING) -> set[Sign]:
    found = risk(teller, on, past)
    assert found is not None
    assert found.points == sum(POINTS[reason.sign] for reason in found.reasons)
    return {reason.sign for reason in found.reasons}


def test_a_fresh_task_of_a_unit_without_a_past_shows_no_sign() -> None:
    assert signs(accepted(), at(4)) == set()


def test_four_working_days_without_acceptance_are_a_sign_three_are_not() -> None:
    assert signs(task(), at(5)) == set()
    assert signs(task(), at(6)) == {Sign.NOT_ACCEPTED}


def test_silence_is_a_sign_at_half_of_the_time_and_a_stronger_one_at_three_quarters() -> None:
    assert signs(accepted(), at(12)) == set()
    assert signs(accepted(), at(16)) == {Sign.SILENT}
    assert signs(accepted(), at(21)) == {Sign.SILENT}
    assert signs(accepted(), at(23)) == {Sign.SILENT_LONG}
    assert signs(accepted().then("progress", at(10)), at(23)) == set()


def test_nobody_is_expected_to_report_progress_within_a_few_days() -> None:
    short = Teller().assigned(at(2), at(6)).then("accepted", at(2))
    assert signs(short, at(5)) == set()


@pytest.mark.parametrize(
    ("dates", "late", "expected"),
    [(4, 4, set()), (10, 2, set()), (8, 2, {Sign.OFTEN_LATE}), (10, 5, {Sign.MOSTLY_LATE})],
)
def test_the_units_own_past_counts_from_five_dates(dates: int, late: int, expected: set[Sign]) -> None:
    assert signs(accepted(), at(4), Past(dates, late)) == expected


def test_less_time_than_the_unit_usually_needs_is_a_sign() -> None:
    assert signs(accepted(), at(4), Past(usual_days=19)) == set()
    found = risk(accepted(), at(4), Past(usual_days=22.5))
    assert found is not None and [reason.sign for reason in found.reasons] == [Sign.SHORT_OF_TIME]
    assert found.reasons[0].words == "usually needs 22.5 working days for this kind of duty, and has 19"


def test_returns_requests_and_difficulties_are_signs() -> None:
    returned = accepted().then("submitted", at(5)).then("returned", at(6))
    assert signs(returned, at(9)) == {Sign.RETURNED}
    assert signs(accepted().then("extension_asked", at(5)), at(6)) == {Sign.ASKED_BEFORE}
    blocked = accepted().then("obstacle_raised", at(5), respond_on="2026-03-10")
    assert signs(blocked, at(10)) == {Sign.BLOCKED}
    assert signs(blocked, at(11)) == {Sign.LEFT_ALONE}
    assert signs(blocked.then("obstacle_answered", at(11)), at(11)) == set()


@pytest.mark.parametrize(
    ("teller", "on", "past", "told"),
    [
        (task(), at(9), NOTHING, "not accepted 5 working days after it was given"),
        (accepted(), at(16), NOTHING, "10 of 19 working days are used, no progress reported"),
        (accepted(), at(24), NOTHING, "16 of 19 working days are used, no progress reported"),
        (accepted(), at(4), Past(8, 2), "missed 2 of 8 deadlines for this kind of duty in the last 12 months"),
        (accepted(), at(4), Past(8, 4), "missed 4 of 8 deadlines for this kind of duty in the last 12 months"),
        (
            accepted().then("returned", at(4)).then("submitted", at(5)).then("returned", at(6)),
            at(6),
            NOTHING,
            "a result was returned for completion (2 times)",
        ),
        (
            accepted().then("extension_asked", at(3)).then("extension_refused", at(4)).then("extension_asked", at(5)),
            at(6),
            NOTHING,
            "asked for more time (2 times)",
        ),
        (accepted().then("obstacle_raised", at(5)), at(6), NOTHING, "an obstacle waits for its answer"),
    ],
)
def test_each_sign_is_told_with_the_tasks_own_numbers(teller: Teller, on: date, past: Past, told: str) -> None:
    found = risk(teller, on, past)
    assert found is not None
    assert [reason.words for reason in found.reasons] == [told]


@pytest.mark.parametrize(
    ("due", "on", "expected"),
    [
        (9, 5, {Sign.SILENT}),  # five working days in all are just long enough
        (16, 6, set()),
        (16, 9, {Sign.SILENT}),  # five of ten: the half itself
        (12, 9, {Sign.SILENT}),
        (12, 10, {Sign.SILENT_LONG}),  # six of eight: three quarters themselves
    ],
)
def test_half_and_three_quarters_of_the_time_count_from_the_day_they_are_reached(
    due: int, on: int, expected: set[Sign]
) -> None:
    assert signs(Teller().assigned(GIVEN, at(due)).then("accepted", at(2)), at(on)) == expected


def test_another_lead_begins_afresh() -> None:
    moved = accepted().then("submitted", at(5)).then("returned", at(6)).then("lead_changed", at(9), to=BA.hex)
    moved.then("accepted", at(10))
    assert signs(moved, at(11)) == set()


def test_it_takes_one_strong_sign_or_two() -> None:
    weak = risk(accepted(), at(16))
    strong = risk(accepted(), at(16), Past(10, 2 + 1))
    assert weak is not None and weak.points == 1 and not weak.is_warned
    assert strong is not None and strong.points == 3 >= WARN_FROM and strong.is_warned


STRONG = {Sign.MOSTLY_LATE}
WEAK = {Sign.SILENT, Sign.ASKED_BEFORE, Sign.BLOCKED}
MIDDLING = set(Sign) - STRONG - WEAK


def of(*signs: Sign) -> Risk:
    return Risk(DUE, 10, tuple(Reason.of(sign) for sign in signs))


@pytest.mark.parametrize("sign", list(Sign))
def test_warning_takes_one_strong_sign_or_two_others(sign: Sign) -> None:
    assert of(sign).is_warned is (sign in STRONG), "by itself each other one may have an innocent reason"
    assert all(of(sign, other).is_warned for other in STRONG | MIDDLING)
    assert {of(sign, other).is_warned for other in WEAK} == {sign not in WEAK}


def test_a_strong_sign_weighs_no_more_than_a_middling_and_a_weak_one_together() -> None:
    assert {of(one, other).points for one in MIDDLING for other in WEAK} == {of(one).points for one in STRONG}


@pytest.mark.parametrize(
    "teller",
    [
        accepted().then("submitted", at(10)),
        accepted().done(at(10)),
        accepted().then("withdrawn", at(10)),
        Teller().assigned(GIVEN, None),
        Teller().assigned(GIVEN, at(11)),
        Teller().assigned(GIVEN, DUE, drill=True),
    ],
    ids=["sent in", "done", "withdrawn", "no deadline", "past its date", "a drill"],
)
def test_what_is_closed_sent_in_undated_or_late_already_is_not_warned_of(teller: Teller) -> None:
    assert risk(teller, at(11), Past(10, 10)) is None


def test_every_sign_is_explained_on_the_page() -> None:
    assert set(POINTS) == set(SIGN_WORDS) == set(WHY) == set(Sign)


def known(tellers: list[Teller], day: date) -> Past:
    """What is known of the unit on a day."""
    experience = Experience(CALENDAR)
    for teller in tellers:
        experience.put(teller.id, teller.told.life(), teller.kind, day)
    return experience.past(tellers[0].told.life(), DutyKind.ONE_OFF)


def test_of_a_task_that_no_unit_leads_no_past_is_told() -> None:
    past = Experience(CALENDAR).past(Life(), DutyKind.ONE_OFF)
    assert (past.dates, past.late, past.late_share, past.usual_days) == (0, 0, None, None)


def test_the_past_knows_only_what_had_come_by_that_day() -> None:
    def one(due: int, sent: int | None) -> Teller:
        teller = Teller().assigned(date(2026, 1, 5), at(due)).then("accepted", date(2026, 1, 6))
        return teller.done(at(sent)) if sent else teller

    tellers = [one(*given) for given in ((2, 2), (3, 5), (4, 4), (5, 5), (6, None))]
    tellers.append(one(30, 4))  # its date is still to come
    tellers.append(one(5, None).then("submitted", at(5)))  # waiting for a decision
    past = known(tellers, at(9))
    assert (past.dates, past.late) == (5, 2) and past.late_share == 0.4
    assert past.usual_days is not None
    assert known(tellers, at(9) + timedelta(days=366)).dates == 1


def test_a_date_is_missed_from_the_day_after_it_and_never_by_what_does_not_count() -> None:
    life = task().told.life()
    assert missed(life, DUE) is None
    assert missed(life, DUE + timedelta(days=1)) is True
    assert missed(task().then("withdrawn", at(9)).told.life(), DUE + timedelta(days=1)) is None
    assert missed(Teller().assigned(GIVEN, None).told.life(), DUE) is None
    assert missed(task().done(at(9)).told.life(), at(10)) is False


def test_a_usual_time_is_told_from_five_submissions_of_the_last_year() -> None:
    def sent(*, withdrawn: bool = False) -> Teller:
        teller = Teller().assigned(at(2), at(27)).then("submitted", at(9))
        return teller.then("withdrawn", at(10)) if withdrawn else teller

    assert known([sent() for _ in range(4)], at(20)).usual_days is None
    assert known([*(sent() for _ in range(4)), sent(withdrawn=True)], at(20)).usual_days is None
    five = [sent() for _ in range(5)]
    assert known(five, at(20)).usual_days == 5
    assert known(five, at(9) + YEAR - timedelta(days=1)).usual_days == 5
    assert known(five, at(9) + YEAR).usual_days is None


def five_of(unit_tasks: list[Teller]) -> Stage:
    """The unit's other tasks, and one that is open till long after."""
    watched = Teller().assigned(GIVEN, date(2026, 5, 29)).then("accepted", GIVEN).then("progress", GIVEN)
    return Stage([watched.told, *(teller.told for teller in unit_tasks)], CALENDAR)


def shown(stage: Stage, day: date) -> set[Sign]:
    stage.play(day)
    return {
        reason.sign for _task, risk in stage.risks(day) if risk.due_on > date(2026, 5, 1) for reason in risk.reasons
    }


def test_missed_date_counts_from_the_day_after() -> None:
    stage = five_of([task() for _ in range(5)])
    assert shown(stage, DUE) == set()
    assert shown(stage, DUE + timedelta(days=1)) == {Sign.MOSTLY_LATE}


def test_a_date_met_early_is_known_on_the_day_itself() -> None:
    late = [Teller().assigned(GIVEN, at(9)).done(at(10)) for _ in range(2)]
    met = [Teller().assigned(GIVEN, at(9)).done(at(4)) for _ in range(2)]
    stage = five_of([*late, *met, task().done(at(5))])
    assert shown(stage, DUE - timedelta(days=1)) == set(), "four dates say nothing yet"
    assert shown(stage, DUE) == {Sign.OFTEN_LATE}


def test_what_is_recorded_at_midnight_belongs_to_the_day_that_begins() -> None:
    teller = accepted()
    teller.rows.append(HistoryRow(end_of_day(at(10)), "submitted", at(10), "submitted", {}))
    stage = Stage([teller.told], CALENDAR)
    stage.play(at(10))
    assert [task_id for task_id, _risk in stage.risks(at(10))] == [teller.id]
    stage.play(at(11))
    assert list(stage.risks(at(11))) == []


def test_long_after_the_last_date_nothing_is_left_to_tell() -> None:
    stage = Stage([task().told], CALENDAR)
    for years in range(1, 4):
        stage.play(DUE + years * YEAR)
    assert list(stage.risks(DUE + 3 * YEAR)) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_kept_up_day_by_day_it_knows_what_it_would_if_it_began_anew(seed: int) -> None:
    until = date(2026, 6, 30)
    tolds = list(generate(seed, until))
    stage = Stage(tolds, CALENDAR)
    compared = 0
    for week in range(80, -1, -8):
        day = until - timedelta(days=7 * week)
        stage.play(day)
        rows = [(told, [row for row in told.rows if row.recorded_at < end_of_day(day)]) for told in tolds]
        anew = Stage([told._replace(rows=tuple(some)) for told, some in rows if some], CALENDAR)
        anew.play(day)
        assert dict(stage.risks(day)) == dict(anew.risks(day))
        compared += len(dict(anew.risks(day)))
    assert compared > 100


def test_a_warning_says_how_many_working_days_are_left() -> None:
    found = risk(accepted(), at(20))
    assert found is not None and (found.due_on, found.days_left) == (DUE, 5)
