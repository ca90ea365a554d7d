"""Tasks of a batch for which a moment means the same: decided once, and told by the same rows but for who they are."""

from collections.abc import Mapping, Sequence

from models.database.rows import AsRead
from workflows.escalation.rung_notices import DueTask
from workflows.escalation.task_facts import Said, Told, said_of

_NOTHING: Said = frozenset()


def group_tasks(tasks: Sequence[DueTask], told: Mapping[AsRead, Told]) -> list[tuple[list[DueTask], Said]]:
    """Return the tasks in groups, each with what was said to all of it on their present clocks.

    Of one group all clocks stand alike, and template, directive, incident, coordinator and assigner are the same; who
    leads and whose anchors they are differs.
    """
    groups: dict[tuple[object, ...], list[DueTask]] = {}
    for task in tasks:
        said = said_of(task, told[task.id]) if told and task.id in told else _NOTHING
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
            said,
        )
        group = groups.get(key)
        if group is None:
            groups[key] = [task]
        else:
            group.append(task)
    return [(group, key[-1]) for key, group in groups.items()]  # type: ignore[misc]
