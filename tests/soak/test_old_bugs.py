"""Bugs put back on purpose: each is found, and told as a small story."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import PostgresServer
from tests.simulation.world import ONE_OFF, UNDATED, moment
from tests.soak import bugs
from tests.soak.play import Result
from tests.soak.soak import smallest, tell, upto
from tests.soak.stage import OnPostgres, Stage
from tests.soak.story import CRASH, ERROR, LAUNCH, PAUSE, START, TICK, TRUSTED, Fault, Step, write_story

pytestmark = pytest.mark.long

DAYS, MOST_SEEDS = 10, 6
Bug = Callable[[], AbstractContextManager[Any]]

FOUND_BY: dict[Bug, tuple[str, int]] = {
    bugs.mark_without_lease: ("told", 2),
    bugs.forgotten_resend: ("once", 1),
    bugs.mark_after_data: ("lease", 2),
    bugs.told_though_over: ("truth", 1),
    bugs.no_last_look: ("truth", 32),
    bugs.lost_answer_taken_for_no: ("answer", 1),
    bugs.short_patience: ("answer", 1),
    bugs.time_out_per_read: ("deadline", 1),
    bugs.nobody_hears: ("told", 1),
    bugs.nobody_hears_of_the_uncertain: ("told", 1),
    bugs.reply_taken_twice: ("taken", 1),
    bugs.link_pressed_twice: ("acts", 1),
    bugs.anybody_answers: ("forbidden", 1),
}
"""The invariant, and the seed that the search begins with: to look through those before it takes long."""


def found(stage: Stage, bug: Bug) -> tuple[int, list[Step], Result]:
    """The seed that finds it, its story up to there, and what was found."""
    first = FOUND_BY[bug][1]
    for seed in range(first, first + MOST_SEEDS):
        story = write_story(seed, DAYS, harsh=True)
        result = stage.run(seed, story)
        if result.violations:
            return seed, upto(story, result), result
    pytest.fail(f"{MOST_SEEDS} seeds found nothing")


@pytest.mark.parametrize("bug", FOUND_BY, ids=lambda bug: bug.__name__)
def test_an_old_bug_put_back_is_found(stage: Stage, bug: Bug) -> None:
    with bug():
        seed, story, result = found(stage, bug)
    assert result.violations[0].kind == FOUND_BY[bug][0], result.violations
    assert not stage.run(seed, story).violations, "without the bug the same story is well"


def test_a_delivery_whose_commit_fails_and_that_keeps_everybody_waiting_is_found(stage: Stage) -> None:
    """Rare in the stories of ten days, found in those of a year: the error is moved on until it meets a commit."""
    launched = Step("1", moment(date(2024, 1, 15), 20), LAUNCH, UNDATED)
    for event in range(120, 150):
        story = [launched, Step("2", moment(date(2024, 1, 16), 8), TICK, fault=Fault(ERROR, event))]
        with bugs.failed_commit_left_open():
            violations = stage.run(1, story).violations
        if violations:
            break
    assert [one.kind for one in violations] == ["lock"]
    assert not stage.run(1, story).violations, "without the bug the same story is well"


def test_a_letter_held_until_a_false_moment_is_found(stage: Stage) -> None:
    """One tick of the whole story is by such a clock, and dies with letters in hand; all others are right."""
    day = date(2024, 1, 15)
    story = [
        Step("1", moment(day, 9), LAUNCH, ONE_OFF),
        Step("2", moment(day, 10), TICK, TRUSTED, skew=timedelta(days=42), fault=Fault(CRASH, 3, in_mail=True)),
        Step("3", moment(day, 11), TICK),
    ]
    with bugs.false_leases_hold():
        violations = stage.run(1, story).violations
    assert {one.kind for one in violations} == {"settled"}
    assert not stage.run(1, story).violations, "without the bug the same story is well"


def test_soak_finds_a_digest_that_leaves_too_early(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """The other tick stands still in the transaction that groups; the pause is moved on until it meets that."""
    stage = Stage(OnPostgres(postgres_server), tmp_path)
    launched = Step("1", moment(date(2024, 1, 15), 20), LAUNCH, UNDATED)
    beside = Step("3.1", START + timedelta(seconds=1), TICK, ticker=1)
    for event in range(60, 90, 2):
        story = [
            launched,
            Step("2", moment(date(2024, 1, 16), 8), TICK),
            Step("3", moment(date(2024, 1, 17), 8), TICK, fault=Fault(PAUSE, event, (beside,))),
        ]
        with bugs.digest_leaves_early():
            violations = stage.run(1, story).violations
        if violations:
            break
    assert {one.kind for one in violations} == {"incomplete"}
    assert not stage.run(1, story).violations, "without the bug the same story is well"


def test_what_was_found_is_told_as_a_small_story_that_plays_again(stage: Stage) -> None:
    with bugs.time_out_per_read():
        seed, story, result = found(stage, bugs.time_out_per_read)
        small = smallest(stage, seed, story, result, runs=12)
        again = stage.run(seed, small)
    assert len(small) <= len(story) / 2
    assert "after step" in tell(seed, DAYS, small, story, again.violations)
    assert not stage.run(seed, small).violations, "without the bug the same story is well"
