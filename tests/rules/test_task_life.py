"""A task's life as its history tells it: who waited for whom, whose the moves are, what is still to be answered."""

from datetime import date, timedelta

import pytest

from tests.lives import AN, BA, Teller
from workflows.rules.tasks.lifecycle import SPECS
from workflows.rules.tasks.task_life import LIFE_EVENTS, ExtensionRequest, Life, Moved, ObstacleLife, ResultDecision

GIVEN, DUE = date(2026, 9, 1), date(2026, 9, 10)


def day(number: int) -> date:
    return date(2026, 9, number)


def task(due: date | None = DUE) -> Teller:
    return Teller().assigned(GIVEN, due)


def life(teller: Teller) -> Life:
    return teller.told.life()


@pytest.mark.parametrize("event", ["submitted", "received"])
def test_a_result_waits_from_the_day_it_was_sent_in_or_arrived_on_paper(event: str) -> None:
    waiting = life(task().then(event, day(3)).then(event, day(5)))
    assert (waiting.sent_on, waiting.heard_on) == (day(5), day(5))
    decided = life(task().then(event, day(3)).then("returned", day(7)))
    assert decided.decisions == [ResultDecision(AN, day(3), day(7), True)]
    assert decided.sent_on is None


def test_a_decision_on_what_was_never_recorded_as_sent_took_no_time() -> None:
    twice = life(task().then("submitted", day(3)).then("returned", day(5)).then("approved", day(8)))
    assert twice.decisions == [ResultDecision(AN, day(3), day(5), True), ResultDecision(AN, day(8), day(8), False)]


def test_only_the_move_that_follows_a_granted_request_was_on_request() -> None:
    moved = task().then("extension_asked", day(2)).then("extension_accepted", day(3))
    moved.then("due_moved", day(3), due_on="2026-09-20").then("due_moved", day(4), due_on="2026-09-25")
    assert life(moved).moved == [Moved(AN, day(3), True), Moved(AN, day(4), False)]
    assert life(moved).asked == [ExtensionRequest(AN, day(2), None), ExtensionRequest(AN, day(3), True)]


def test_a_move_after_a_refused_request_was_by_others() -> None:
    refused = task().then("extension_asked", day(2)).then("extension_refused", day(3))
    assert life(refused.then("due_moved", day(4), due_on="2026-09-25")).moved == [Moved(AN, day(4), False)]
    assert life(refused).asked[-1] == ExtensionRequest(AN, day(3), False)


@pytest.mark.parametrize("event", ["due_set", "due_moved"])
def test_a_first_date_is_no_move_and_uses_up_a_granted_request(event: str) -> None:
    granted = task(None).then("extension_accepted", day(2)).then(event, day(3), due_on="2026-09-20")
    assert life(granted).moved == []
    granted.then(event, day(4), due_on="2026-09-25")
    assert life(granted).moved == [Moved(AN, day(4), False)]


def test_each_change_of_lead_begins_afresh_and_is_counted() -> None:
    moved = task().then("accepted", day(2)).then("progress", day(3)).then("submitted", day(4)).then("returned", day(5))
    moved.then("extension_asked", day(5)).then("lead_changed", day(6), to=BA.hex)
    found = life(moved)
    assert (found.leads, found.lead_unit, found.given_on) == (1, BA, day(6))
    assert found.accepted_on is None and found.heard_on is None
    assert found.times_returned == found.times_asked == 0, "that was of the unit before"
    moved.then("lead_changed", day(7), to=AN.hex)
    assert (life(moved).leads, life(moved).times_returned, life(moved).times_asked) == (2, 1, 1)


@pytest.mark.parametrize("event", ["accepted", "assigned_on", "cascaded", "progress", "submitted", "received"])
def test_whoever_works_on_it_or_gives_it_on_has_accepted_it(event: str) -> None:
    assert life(task()).accepted_on is None
    assert life(task().then(event, day(4)).then("accepted", day(6))).accepted_on == day(4)


def test_a_unit_is_heard_of_by_progress_and_by_handing_on_and_not_by_taking_the_task() -> None:
    assert life(task().then("accepted", day(2)).then("assigned_on", day(3))).heard_on is None
    for event in ("progress", "cascaded"):
        assert life(task().then("accepted", day(2)).then(event, day(4))).heard_on == day(4)
    assert life(task().then("submitted", day(3)).then("corrected", day(4))).heard_on == day(4)


@pytest.mark.parametrize("event", sorted({rule.event for rule in (spec.rule for spec in SPECS.values())}))
def test_a_life_is_told_by_every_deed_that_changes_it_and_no_other_is_read(event: str) -> None:
    blocked = task().then("submitted", day(1)).then("obstacle_raised", day(2), respond_on="2026-09-08")
    before = life(blocked)
    after = life(blocked.then(event, day(5), to=BA.hex, due_on="2026-09-20"))
    assert (after != before) is (event in LIFE_EVENTS)


def test_no_deed_that_moves_a_task_to_another_status_is_left_in_the_database() -> None:
    assert {rule.event for rule in (spec.rule for spec in SPECS.values()) if rule.target} <= LIFE_EVENTS


def test_the_newest_difficulty_is_answered_once() -> None:
    blocked = task().then("obstacle_raised", day(2), respond_on="2026-09-04").then("obstacle_answered", day(3))
    blocked.then("obstacle_answered", day(5))
    assert life(blocked).obstacles == [ObstacleLife(AN, day(2), day(4), day(3))] and life(blocked).open_obstacle is None
    blocked.then("obstacle_raised", day(6))
    assert life(blocked).open_obstacle == ObstacleLife(AN, day(6), None)


def test_an_answer_to_nothing_changes_nothing() -> None:
    assert life(task().then("obstacle_answered", day(3))).obstacles == []


@pytest.mark.parametrize(
    ("answered", "on", "unanswered", "late"),
    [
        (None, 4, False, False),  # the date itself is in time
        (None, 5, True, True),
        (4, 5, False, False),
        (5, 4, False, False),
        (6, 5, True, True),  # on the 5th it had not been answered
        (6, 6, False, True),
        (6, 9, False, True),
    ],
)
def test_an_authority_is_late_from_the_day_after_its_own_date(
    answered: int | None, on: int, unanswered: bool, late: bool
) -> None:
    obstacle = ObstacleLife(AN, day(2), day(4), day(answered) if answered else None)
    assert obstacle.is_unanswered(day(on)) is unanswered
    assert obstacle.was_late(day(on)) is late


def test_a_difficulty_is_not_unanswered_before_it_was_raised_nor_without_a_date() -> None:
    past_already = ObstacleLife(AN, day(5), day(3))
    assert [past_already.is_unanswered(day(on)) for on in (4, 5)] == [False, True]
    without = ObstacleLife(AN, day(2), None)
    assert not without.is_unanswered(day(30)) and not without.was_late(day(30))
    assert not ObstacleLife(AN, day(2), None, day(9)).was_late(day(30))


@pytest.mark.parametrize("event", ["approved", "withdrawn"])
@pytest.mark.parametrize(("closed", "late"), [(4, False), (5, True)])
def test_nobody_owes_an_answer_to_a_task_that_is_closed(event: str, closed: int, late: bool) -> None:
    blocked = task().then("obstacle_raised", day(2), respond_on="2026-09-04").then(event, day(closed))
    (obstacle,) = life(blocked).obstacles
    assert obstacle.was_late(day(30)) is late, "the authority's date was the 4th"
    assert not obstacle.is_unanswered(day(30))
    blocked.then("reopened", day(9))
    (obstacle,) = life(blocked).obstacles
    assert obstacle.is_unanswered(day(10)), "it waits again"
    assert life(blocked).open_obstacle == obstacle


def test_a_result_that_is_returned_leaves_the_difficulty_to_be_answered() -> None:
    blocked = task().then("obstacle_raised", day(2), respond_on="2026-09-04").then("submitted", day(3))
    (obstacle,) = life(blocked.then("returned", day(4))).obstacles
    assert obstacle.is_unanswered(day(5)) and life(blocked).open_obstacle == obstacle


@pytest.mark.parametrize(("sent", "pending"), [(DUE, True), (DUE + timedelta(days=1), False)])
def test_a_result_sent_in_by_its_date_waits_for_somebody_else(sent: date, pending: bool) -> None:
    waiting = task().then("submitted", sent)
    assert life(waiting).is_pending() is life(waiting).is_pending(on_original=True) is pending
    assert not life(waiting.then("approved", sent)).is_pending()
    assert not life(task(None).then("submitted", sent)).is_pending()


def test_by_the_original_date_it_waits_only_if_it_met_that_one() -> None:
    moved = task().then("due_moved", day(5), due_on="2026-09-20").then("submitted", day(15))
    assert life(moved).is_pending() and not life(moved).is_pending(on_original=True)


def test_a_corrected_result_waits_from_the_day_of_its_correction() -> None:
    waiting = life(task().then("submitted", day(3)).then("corrected", day(5)))
    assert waiting.sent_on == day(5)


def test_a_result_taken_back_was_never_sent() -> None:
    back = life(task().then("submitted", day(3)).then("taken_back", day(4)))
    assert back.sent_on is None
    again = (
        task().then("submitted", day(3)).then("returned", day(4)).then("submitted", day(6)).then("taken_back", day(7))
    )
    assert life(again).sent_on is None


def test_an_undone_approval_leaves_the_result_waiting_since_it_was_sent() -> None:
    undone = life(task().then("submitted", day(3)).then("approved", day(5)).then("approval_undone", day(6)))
    assert undone.sent_on == day(3) and undone.decisions == [] and undone.obstacles == []


def test_an_undone_approval_opens_the_obstacle_that_it_closed() -> None:
    blocked = task().then("obstacle_raised", day(2), respond_on="2026-09-08").then("approved", day(5))
    assert life(blocked).obstacles == [ObstacleLife(AN, day(2), day(8), None, day(5))]
    assert life(blocked.then("approval_undone", day(6))).obstacles == [ObstacleLife(AN, day(2), day(8), None, None)]
