"""Groups of tasks of a batch that share one decision and whose notices differ only in task and recipient."""

from collections.abc import Mapping, Sequence

from models.database.rows import AsRead
from workflows.escalation.rung_notices import DueTask
from workflows.escalation.task_facts import AlreadySent, SentRungs, sent_on_current_clocks

_NONE_SENT: SentRungs = frozenset()


def group_tasks(
    tasks: Sequence[DueTask], already_sent: Mapping[AsRead, AlreadySent]
) -> list[tuple[list[DueTask], SentRungs]]:
    """Return the tasks in groups, each with the rungs that were sent on its current clocks.

    The tasks of a group have equal clocks and the same template, directive, incident, coordinator and assigner. Their
    leads and anchors differ.
    """
    groups: dict[tuple[object, ...], list[DueTask]] = {}
    for task in tasks:
        sent = (
            sent_on_current_clocks(task, already_sent[task.id])
            if already_sent and task.id in already_sent
            else _NONE_SENT
        )
        # numbers and identities: an id and a member of an enumeration take four times as long to be looked up by
        key = (
            task.template_version_id.int,
            task.directive_id.int,
            task.coordinator_id.int,
            task.assigner_unit_id.int,
            id(task.status),
            task.assigned_at,
            task.due_at,
            task.due_set_at,
            task.due_anchor_id is None,
            id(task.wait_kind),
            task.wait_since,
            task.wait_anchor_id is None,
            task.parent_id is None,
            task.incident_id,
            sent,
        )
        group = groups.get(key)
        if group is None:
            groups[key] = [task]
        else:
            group.append(task)
    return [(group, key[-1]) for key, group in groups.items()]  # type: ignore[misc]
