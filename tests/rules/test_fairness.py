"""What stands beside one card so that nobody reads its numbers wrongly."""

import pytest

from models.directives.directive import DutyKind
from models.i18n import translate
from workflows.rules.figures.fairness import NOTES, notes_on
from workflows.rules.figures.scorecard_figures import FEWEST_TASKS, Card, Dues, KindOfDuty

ENOUGH = Dues(on_time=FEWEST_TASKS)
STUDY, REPORT = KindOfDuty(DutyKind.ONE_OFF, 3, 1), KindOfDuty(DutyKind.RECURRING, 4, 4)


@pytest.mark.parametrize(
    "card",
    [
        Card(),
        Card(due=ENOUGH),
        Card(due=ENOUGH, decided=3, returned=1, asked=2, obstacles=1, unanswered=1, running=4),
        Card(due=ENOUGH, kinds=(STUDY,)),
    ],
    ids=["nothing measured", "enough", "what is told elsewhere", "one kind of duty"],
)
def test_where_nothing_can_be_misread_nothing_is_said(card: Card) -> None:
    assert list(notes_on(card)) == []


@pytest.mark.parametrize(
    ("card", "note"),
    [
        (Card(due=Dues(on_time=2, late=2)), "measured tasks: 4, too few for a comparison"),
        (
            Card(due=Dues(on_time=5, overdue=2, pending=2)),
            "sent in by the deadline and waiting for a decision, counted neither way: 2",
        ),
        (Card(moved_on_request=3), "deadlines moved: at the unit's request 3, by others 0"),
        (Card(moved_by_others=2), "deadlines moved: at the unit's request 0, by others 2"),
        (Card(late_while_waiting=1), "passed the deadline while the authority's answer to an obstacle was overdue: 1"),
        (Card(taken_over=1), "led by another unit before: 1"),
        (Card(undated=6), "without a deadline, and in no rate: 6"),
        (Card(kinds=(STUDY, REPORT)), "on time by kind of duty, which weigh differently: one-off 1/3, recurring 4/4"),
    ],
)
def test_what_could_be_misread_is_said_in_both_languages(card: Card, note: str) -> None:
    [said] = notes_on(card)
    assert said == note
    assert translate(said, "vi") != note


@pytest.mark.parametrize(
    ("misread_as", "note"),
    [
        ("the unit with two tasks is the worst of all", "Small numbers: of fewer than 5 tasks no rate is compared"),
        ("a unit that was given a later date kept its word", "Moved deadlines: "),
        ("the unit is late whose result lies on our desk", "Waiting on others: "),
        ("who writes monthly reports does better than who studies half a year", "Weight: "),
        ("whom nobody set a date is always on time", "Without a deadline: "),
        ("the unit that took a late task over let it become late", "Change of lead: "),
        ("tasks were forgotten: the card counts fewer than the directive has", "Not counted: drills, withdrawn tasks"),
    ],
)
def test_every_card_says_beside_it_how_it_must_not_be_read(misread_as: str, note: str) -> None:
    said = [one for one in NOTES if one.startswith(note)]
    assert len(said) == 1, misread_as
    assert translate(said[0], "vi") != said[0]


def test_several_notes_come_in_one_order() -> None:
    card = Card(due=Dues(on_time=1), moved_by_others=1, taken_over=1, undated=1)
    assert [note.split(":")[0] for note in notes_on(card)] == [
        "measured tasks",
        "deadlines moved",
        "led by another unit before",
        "without a deadline, and in no rate",
    ]
