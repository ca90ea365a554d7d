"""What makes a person think again: for each event, the actions whose meaning it changes while somebody looks."""

import pytest

from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

A = Action
EXTENSION = {
    A.SET_DATE,
    A.ASK_EXTENSION,
    A.GRANT_EXTENSION,
    A.REFUSE_EXTENSION,
    A.COUNTER_EXTENSION,
    A.AGREE_EXTENSION,
    A.DECLINE_EXTENSION,
}
RESULT = {A.SUBMIT, A.TAKE_BACK, A.CORRECT, A.RECEIVE, A.RETURN, A.APPROVE, A.CHANGE_LEAD, A.REMIND, A.WITHDRAW}
LEAD = {A.NOT_OURS, A.CHANGE_LEAD, A.KEEP_LEAD, A.WITHDRAW}


@pytest.mark.parametrize(
    ("event", "think_again"),
    [
        ("accepted", {A.CHANGE_LEAD, A.WITHDRAW}),
        ("assigned_on", {A.ASSIGN}),
        ("progress", set()),
        ("telephone", set()),
        ("contributed", set()),
        ("submitted", RESULT),
        ("taken_back", RESULT),
        ("corrected", RESULT),
        ("received", RESULT),
        ("returned", RESULT),
        ("approved", RESULT | {A.REOPEN}),
        ("approval_undone", RESULT),
        ("withdrawn", {A.REOPEN}),
        ("reopened", {A.ACCEPT, A.REOPEN}),
        ("due_set", EXTENSION | {A.ACCEPT, A.CASCADE}),
        ("due_moved", EXTENSION | {A.ACCEPT, A.CASCADE}),
        ("extension_asked", EXTENSION | {A.REMIND, A.WITHDRAW}),
        ("extension_countered", EXTENSION),
        ("extension_accepted", EXTENSION),
        ("extension_refused", EXTENSION),
        ("lead_change_asked", LEAD | {A.REMIND}),
        ("lead_kept", LEAD),
        ("lead_changed", LEAD | {A.ACCEPT, A.ASSIGN, A.CASCADE}),
        ("coordinator_changed", {A.CHANGE_COORDINATOR}),
        ("obstacle_raised", {A.RAISE_OBSTACLE, A.ANSWER_OBSTACLE, A.REMIND, A.WITHDRAW}),
        ("obstacle_answered", {A.RAISE_OBSTACLE, A.ANSWER_OBSTACLE}),
        ("reminded", {A.REMIND}),
        ("press_signed", {A.PRESS_SIGNED}),
        ("cascaded", {A.SUBMIT, A.CASCADE}),
    ],
)
def test_an_event_makes_those_think_again_whose_action_it_bears_on(event: str, think_again: set[Action]) -> None:
    assert {action for action, spec in SPECS.items() if event in spec.conflicts} == think_again


def test_every_action_says_what_would_surprise_and_names_events_that_happen() -> None:
    assert set(SPECS) == set(Action)
    happens = {rule.event for rule in (spec.rule for spec in SPECS.values())} | {"due_set"}
    assert {event for spec in SPECS.values() for event in spec.conflicts} <= happens
