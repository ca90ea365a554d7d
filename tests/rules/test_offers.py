"""Which actions pages offer: nothing that would be refused, the likeliest first."""

from dataclasses import replace

import pytest

from models.tasks.task import DueFixedBy, TaskStatus
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import Situation
from workflows.rules.tasks.offers import at_hand, main_action, offered

HEAD, COORDINATOR, OFFICE = Relation.HEAD, Relation.COORDINATOR, Relation.ISSUER_OFFICE
CALM = Situation(
    status=TaskStatus.ACCEPTED,
    relations=frozenset({HEAD}),
    has_date=True,
    is_late=False,
    due_fixed_by=DueFixedBy.ASSIGNER,
    extension=None,
    by_issuer=False,
    has_obstacle=False,
    has_lead_request=False,
    owes_contribution=False,
    has_subordinates=False,
    has_open_children=False,
)


def by(*relations: Relation, **more: object) -> list[Action]:
    return offered(replace(CALM, relations=frozenset(relations), **more))  # type: ignore[arg-type]


def test_a_head_accepts_first() -> None:
    assert by(HEAD, status=TaskStatus.ASSIGNED)[0] is Action.ACCEPT
    assert by(HEAD)[0] is Action.SUBMIT


def test_a_request_is_not_offered_twice_nor_without_its_object() -> None:
    assert Action.ASK_EXTENSION in by(HEAD)
    for more in ({"extension": "open"}, {"has_date": False}):
        assert Action.ASK_EXTENSION not in by(HEAD, **more)
    assert Action.RAISE_OBSTACLE not in by(HEAD, has_obstacle=True)
    assert Action.NOT_OURS not in by(HEAD, has_lead_request=True)
    assert Action.SUBMIT not in by(HEAD, has_open_children=True)
    assert Action.CASCADE not in by(HEAD)
    assert Action.CASCADE in by(HEAD, has_subordinates=True)


def test_a_proposed_date_is_to_be_answered_by_the_unit_alone() -> None:
    assert by(HEAD, extension="countered")[:2] == [Action.AGREE_EXTENSION, Action.DECLINE_EXTENSION]
    assert Action.AGREE_EXTENSION not in by(COORDINATOR, extension="countered")
    assert Action.GRANT_EXTENSION not in by(COORDINATOR, extension="countered")


def test_what_the_issuer_decides_is_not_offered_to_the_coordinator() -> None:
    assert Action.GRANT_EXTENSION in by(COORDINATOR, extension="open")
    assert Action.GRANT_EXTENSION not in by(COORDINATOR, extension="open", by_issuer=True)
    assert Action.GRANT_EXTENSION in by(OFFICE, extension="open", by_issuer=True)
    assert Action.SET_DATE in by(COORDINATOR)
    assert Action.SET_DATE not in by(COORDINATOR, due_fixed_by=DueFixedBy.DIRECTIVE)
    assert Action.SET_DATE in by(OFFICE, due_fixed_by=DueFixedBy.DIRECTIVE)
    assert Action.SET_DATE not in by(COORDINATOR, status=TaskStatus.SUBMITTED)


def test_extension_is_decided_where_asked_and_by_its_decider() -> None:
    answers = {Action.GRANT_EXTENSION, Action.COUNTER_EXTENSION, Action.REFUSE_EXTENSION}
    assert answers <= set(by(COORDINATOR, extension="open"))
    assert answers <= set(by(OFFICE, extension="open", by_issuer=True))
    for more in ({}, {"extension": "countered"}, {"extension": "open", "by_issuer": True}):
        assert answers.isdisjoint(by(COORDINATOR, **more)), more
    outgrown = by(COORDINATOR, extension="open", is_outgrown=True)
    assert answers.intersection(outgrown) == answers - {Action.GRANT_EXTENSION}, "the date has moved past what they ask"


def test_nobody_is_reminded_of_what_waits_for_us() -> None:
    assert Action.REMIND in by(COORDINATOR)
    assert Action.REMIND in by(COORDINATOR, extension="countered"), "it is the unit's turn to answer"
    for waits in ("has_obstacle", "has_lead_request"):
        assert Action.REMIND not in by(COORDINATOR, **{waits: True}), waits
    assert Action.REMIND not in by(COORDINATOR, extension="open")


def test_a_signed_letter_presses_who_is_late_and_no_one_else() -> None:
    assert Action.PRESS_SIGNED in by(COORDINATOR, is_late=True)
    assert Action.PRESS_SIGNED not in by(COORDINATOR)


def test_the_lead_is_kept_only_where_another_was_asked_for() -> None:
    assert Action.KEEP_LEAD in by(COORDINATOR, has_lead_request=True)
    assert Action.KEEP_LEAD not in by(COORDINATOR)


def test_a_partner_contributes_once_and_nothing_else() -> None:
    assert by(Relation.PARTNER, owes_contribution=True) == [Action.CONTRIBUTE]
    assert by(Relation.PARTNER) == []


def test_changing_the_lead_comes_near_when_the_unit_asks_for_it() -> None:
    situation = replace(CALM, relations=frozenset({COORDINATOR}))
    assert Action.CHANGE_LEAD in at_hand(situation)[1]
    near, far = at_hand(replace(situation, has_lead_request=True))
    assert {Action.CHANGE_LEAD, Action.KEEP_LEAD} <= set(near)
    assert Action.WITHDRAW in far


def test_every_action_has_its_place_in_the_order() -> None:
    everything = replace(
        CALM,
        relations=frozenset(Relation),
        is_late=True,
        owes_contribution=True,
        has_subordinates=True,
        may_undo=True,
        may_take_back=True,
        extension="open",
    )
    seen = {
        action
        for status in TaskStatus
        for extension in (None, "open", "countered")
        for lead in (True, False)
        for action in offered(replace(everything, status=status, extension=extension, has_lead_request=lead))
    }
    assert seen == set(Action)


def test_a_result_that_waits_is_taken_back_or_corrected_only_where_it_may_be() -> None:
    taking_back = {Action.TAKE_BACK, Action.CORRECT}
    assert taking_back.isdisjoint(by(HEAD, status=TaskStatus.SUBMITTED))
    assert taking_back <= set(by(HEAD, status=TaskStatus.SUBMITTED, may_take_back=True))
    with_parts = by(HEAD, status=TaskStatus.SUBMITTED, may_take_back=True, has_open_children=True)
    assert taking_back.intersection(with_parts) == {Action.TAKE_BACK}


def test_an_approval_is_undone_only_while_it_may_be() -> None:
    assert Action.UNDO_APPROVAL in by(Relation.RECEIVER, status=TaskStatus.APPROVED, may_undo=True)
    assert Action.UNDO_APPROVAL not in by(Relation.RECEIVER, status=TaskStatus.APPROVED)


@pytest.mark.parametrize(
    "action",
    [
        *(Action.ACCEPT, Action.AGREE_EXTENSION, Action.APPROVE, Action.GRANT_EXTENSION, Action.ANSWER_OBSTACLE),
        *(Action.SUBMIT, Action.CONTRIBUTE, Action.REMIND),
    ],
)
def test_one_action_stands_out(action: Action) -> None:
    assert main_action([Action.TELEPHONE, action]) is action


def test_accepting_stands_out_before_sending_a_result() -> None:
    assert main_action([Action.SUBMIT, Action.ACCEPT]) is Action.ACCEPT
    assert main_action([Action.TELEPHONE]) is None
