"""The growing tables of the measured installation, as columns of text in the order in which lives.py tells them."""

COLUMNS = {
    table: tuple(names.split())
    for table, names in {
        "task": "id directive_id duty_id launch_id template_version_id is_drill assigned_unit_id lead_unit_id"
        " occurrence parent_key assigner_unit_id coordinator_id officer_id status assigned_at assigned_anchor_id"
        " accepted_at original_due_at due_at due_set_at due_anchor_id due_revision due_fixed_by due_reason wait_kind"
        " wait_since wait_anchor_id submitted_on closed_at next_check_at revision",
        "history": "id recorded_at occurred_on directive_id task_id event actor_id relation from_status to_status"
        " facts",
        "contribution": "task_id unit_id contributed_at contributed_by note",
        "result": "id task_id number number_words document_date subject signer is_classified submitted_at"
        " submitted_by decision decided_at decided_by",
        "extension": "id task_id asked_at asked_by asked_due_on reason by_issuer state decided_at decided_by"
        " decided_due_on decision_reason",
        "obstacle": "id task_id raised_at raised_by text authority_unit_id respond_by answered_at answered_by answer",
        "letter": "id recipient_id slot kind topic is_drill state next_attempt_at attempts fence sent_at resent error",
        "notice": "id task_id anchor_id rung offset role recipient_id fired_at slot kind topic state letter_id reason",
    }.items()
}
