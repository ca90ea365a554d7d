"""The warning rule: each sign, its points and its words; what is never warned of."""

from datetime import date

import pytest

from tests.lives import BA, Teller
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.risk import POINTS, SIGN_WORDS, WHY, Risk, RiskReason, Sign, risk_of

CALENDAR = WorkCalendar()
GIVEN, DUE = date(2026, 3, 2), date(2026, 3, 27)  # a Monday, and a Friday 19 working days later


def at(day: int) -> date:
    return date(2026, 3, day)


def task() -> Teller:
    return Teller().assigned(GIVEN, DUE)


def accepted() -> Teller:
    return task().then("accepted", at(3))


def risk(teller: Teller, on: date) -> Risk | None:
    return risk_of(teller.told.life(), on, CALENDAR)


def signs(teller: Teller, on: date) -> set[Sign]:
    found = risk(teller, on)
    assert found is not None
    assert found.points == sum(POINTS[reason.sign] for reason in found.reasons)
    return {reason.sign for reason in found.reasons}


def test_a_fresh_task_shows_no_sign() -> None:
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


def test_returns_requests_and_difficulties_are_signs() -> None:
    returned = accepted().then("submitted", at(5)).then("returned", at(6))
    assert signs(returned, at(9)) == {Sign.RETURNED}
    assert signs(accepted().then("extension_asked", at(5)), at(6)) == {Sign.ASKED_BEFORE}
    blocked = accepted().then("obstacle_raised", at(5), respond_on="2026-03-10")
    assert signs(blocked, at(10)) == {Sign.BLOCKED}
    assert signs(blocked, at(11)) == {Sign.LEFT_ALONE}
    assert signs(blocked.then("obstacle_answered", at(11)), at(11)) == set()


@pytest.mark.parametrize(
    ("teller", "on", "told"),
    [
        (task(), at(9), "not accepted 5 working days after it was given"),
        (accepted(), at(16), "10 of 19 working days are used, no progress reported"),
        (accepted(), at(24), "16 of 19 working days are used, no progress reported"),
        (
            accepted().then("returned", at(4)).then("submitted", at(5)).then("returned", at(6)),
            at(6),
            "a result was returned for completion (2 times)",
        ),
        (
            accepted().then("extension_asked", at(3)).then("extension_refused", at(4)).then("extension_asked", at(5)),
            at(6),
            "asked for more time (2 times)",
        ),
        (accepted().then("obstacle_raised", at(5)), at(6), "an obstacle waits for its answer"),
    ],
)
def test_each_sign_is_told_with_the_tasks_own_numbers(teller: Teller, on: date, told: str) -> None:
    found = risk(teller, on)
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


WEAK = {Sign.SILENT, Sign.ASKED_BEFORE, Sign.BLOCKED}
OTHERS = set(Sign) - WEAK


def of(*signs: Sign) -> Risk:
    return Risk(DUE, 10, tuple(RiskReason.of(sign) for sign in signs))


@pytest.mark.parametrize("sign", list(Sign))
def test_a_warning_takes_two_signs_that_are_not_both_weak(sign: Sign) -> None:
    assert not of(sign).is_warned, "by itself each may have an innocent reason"
    assert all(of(sign, other).is_warned for other in OTHERS)
    assert {of(sign, other).is_warned for other in WEAK} == {sign not in WEAK}


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
    assert risk(teller, at(11)) is None


def test_every_sign_is_explained_on_the_page() -> None:
    assert set(POINTS) == set(SIGN_WORDS) == set(WHY) == set(Sign)


def test_a_warning_says_how_many_working_days_are_left() -> None:
    found = risk(accepted(), at(20))
    assert found is not None and (found.due_on, found.days_left) == (DUE, 5)
