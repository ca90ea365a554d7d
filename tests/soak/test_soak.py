"""Seeds in the ordinary run: crashes between any two statements, lost replies, wrong clocks, paused deliverers."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from tests.simulation.world import ONE_OFF, UNDATED, moment
from tests.soak import kept
from tests.soak.play import Result, Violation
from tests.soak.shrink import shrink
from tests.soak.soak import Played, Summary, add_up, smallest, soak, tell
from tests.soak.stage import OnPostgres, Stage
from tests.soak.story import (
    ACT,
    GREY,
    LAUNCH,
    LEAVE,
    LOSSY,
    PAUSE,
    PRESS,
    REPLY,
    SAME,
    START,
    TICK,
    WELL,
    Fault,
    Step,
    choose,
    name,
    write_story,
)

pytestmark = pytest.mark.long

SEEDS, AT_ONCE, DAYS = 10, 5, 12  # `make soak` plays a year of each of thirty


def holds(stage: Stage, seed: int, days: int) -> None:
    """Fails with a small story that can be played again."""
    story = write_story(seed, days)
    result = stage.run(seed, story)
    if result.violations:
        small = smallest(stage, seed, story, result, runs=100)
        pytest.fail(tell(seed, days, small, story, stage.run(seed, small).violations), pytrace=False)


@pytest.mark.parametrize("first", range(1, SEEDS + 1, AT_ONCE))
def test_nothing_is_lost_told_twice_or_told_wrongly_whatever_breaks(stage: Stage, first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        holds(stage, seed, DAYS)


def test_the_same_holds_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    holds(Stage(OnPostgres(postgres_server), tmp_path), 3, DAYS)


def test_what_another_did_with_a_letter_meanwhile_is_not_held_against_who_was_paused(stage: Stage) -> None:
    """Its lease over, the letter left by another; then the paused one hears "later" of its envelope."""

    def ticking(number: str, at: datetime, mail: str, clock: int, fault: Fault | None = None) -> Step:
        return Step(number, at, TICK, ticker=clock, mail=mail, fault=fault)

    others = (ticking("727.1.1", START, LOSSY, 2), ticking("727.1.2", START + timedelta(seconds=10_000), WELL, 2))
    meanwhile = (
        ticking("727.1", START + timedelta(seconds=1_000), LOSSY, 0, Fault(PAUSE, 5, others, in_mail=True)),
        Step("727.2", START + timedelta(seconds=1_900), LEAVE),
    )
    story = [
        Step("39", moment(date(2024, 1, 13), 20), LAUNCH, UNDATED),
        ticking("727", datetime(2024, 5, 15, 1, 5, 5, tzinfo=UTC), GREY, 1, Fault(PAUSE, 24, meanwhile, in_mail=True)),
    ]
    result = stage.run(2611260019, story)
    assert (result.violations, result.statistics["pause (mail: RCPT)"]) == ([], 1)


def test_a_seed_tells_the_same_story_with_the_same_end_each_time(stage: Stage) -> None:
    story = write_story(4, 12)
    assert write_story(4, 12) == story != write_story(5, 12)
    assert stage.run(4, story) == stage.run(4, story)


def test_a_night_ends_with_the_seed_that_is_being_played(stage: Stage) -> None:
    clock = iter([True, True, False])
    said, summary = list[str](), Summary()
    add_up(soak(stage, range(1, 100), 1, lambda: next(clock)), said.append, summary)
    assert [line.partition(":")[0] for line in said] == ["seed 1", "seed 2"]
    assert (summary.seeds, summary.days, summary.failed) == ([1, 2], 2, {})


def test_what_was_played_is_kept_as_it_was_and_the_next_sitting_adds_to_it(tmp_path: Path) -> None:
    path = tmp_path / "var" / "soak.json"
    violation = Violation("3", "a letter is lost: 7")
    first = Played(1, 365, Result([violation], Counter(crash=2), arrived=5, tasks=3), 40.5, "its story")
    second, third = (Played(seed, 365, Result([], Counter(crash=1), 1, 1), 30.0) for seed in (2, 3))
    assert kept.read(path) == {}
    assert list(kept.keep(path, "abc", [first])) == [first]
    assert list(kept.keep(path, "def", [second, third])) == [second, third]
    ledger = kept.read(path)
    assert ledger == {
        "abc": Summary([1], 365, 3, 5, 40.5, Counter(crash=2), {1: [violation]}),
        "def": Summary([2, 3], 730, 2, 2, 60.0, Counter(crash=2), {}),
    }
    ledger["abc"].merge(ledger["def"])
    assert ledger["abc"] == Summary([1, 2, 3], 1095, 5, 7, 100.5, Counter(crash=4), {1: [violation]})


def test_steps_are_named_as_they_are_chosen_again() -> None:
    story = write_story(4, 12)
    faulty = next(step for step in story if step.fault)
    chosen = choose(story, f"1-3,{faulty.number}!")
    assert [step.number for step in chosen] == sorted({"1", "2", "3", faulty.number}, key=int)
    assert all(step.fault is None for step in chosen if step.number == faulty.number)
    assert choose(story, name(chosen, story)) == chosen


def test_a_failing_story_is_shrunk_to_the_steps_it_needs() -> None:
    steps = [Step(str(number), START, ACT) for number in range(40)]
    small = shrink(steps, lambda some: {"7", "31"} <= {step.number for step in some}, runs=300)
    assert [step.number for step in small] == ["7", "31"]


def test_letters_that_arrived_are_answered_in_every_way_and_links_act_once(stage: Stage) -> None:
    """Days without a fault: what the statistics count is what people's mail came to."""
    story = [Step("1", moment(date(2024, 1, 15), 9), LAUNCH, ONE_OFF)]
    for number in range(10, 50):
        at = moment(date(2024, 1, 15), 10) + timedelta(hours=7 * number)
        what = ((TICK, 0, ""), (REPLY, 1, ""), (REPLY, 2, ""), (TICK, 3, ""), (PRESS, 4, ""), (PRESS, 5, SAME))
        story += [Step(f"{number}{place}", at + timedelta(minutes=place), one, way) for one, place, way in what]
    result = stage.run(1, story)
    assert result.violations == []
    counted = result.statistics
    assert counted["link pressed"] > 40
    for wanted in (
        "act by reply: progress",
        "reply aside repeated",
        "reply aside other_sender",
        "reply refused no_right",
    ):
        assert any(one.startswith(wanted) for one in counted), wanted
    assert sum(count for one, count in counted.items() if one.startswith("reply written")) > 60


def test_steps_of_mail_take_no_number_from_others_and_are_chosen_by_their_own() -> None:
    story = write_story(4, 12)
    others = [step.number for step in story if not step.number.startswith("m")]
    assert others == [str(number) for number in range(1, len(others) + 1)]
    assert [step.number for step in choose(story, "m2,5")] in (["m2", "5"], ["5", "m2"])
