"""Prints the rights as tables: `python -m docs.make_rights > docs/rights.md`. A test holds the page to the code."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from models.i18n import Labelled, translate
from models.inspections.inspection import InspectionState
from models.tasks.task import OPEN_STATUSES, TaskStatus
from workflows.rules.rights_table import RIGHT_WORDS, RIGHTS, STANDING_WORDS, VIEWS, OfficeRole, View
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.inspection_policy import PARTS_BY_ACTION, STATES_BY_ACTION, InspectionPart
from workflows.rules.tasks.lifecycle import SPECS

_One = TypeVar("_One", bound=Labelled)
_Key = TypeVar("_Key")
_LEADERS = frozenset({Relation.HEAD, Relation.DEPUTY, Relation.STAND_IN})
_RELATIONS: Mapping[str, frozenset[Relation]] = {
    "the unit": _LEADERS | {Relation.OFFICER, Relation.FOCAL_POINT},
    "its leaders": _LEADERS,
    "those who follow it up": frozenset({Relation.ISSUER_OFFICE, Relation.COORDINATOR}),
}
_STATUSES: Mapping[str, frozenset[TaskStatus]] = {
    "open": OPEN_STATUSES,
    "with the unit": OPEN_STATUSES - {TaskStatus.SUBMITTED},
}
_HEAD = """# Rights

*Made by `python -m docs.make_rights` from `rights_table.py`, `tasks/lifecycle.py` and `tasks/inspection_policy.py`
in `workflows/rules/`. `workflows/access/rights.py`, `workflows/tasks/act.py` and `workflows/inspections/` enforce them
for pages and API alike.*

A person is several things at once. Their roles in the office give the rights of the first table. Their relations to a
task say what they see of it and may do to it. A stand-in has the relations of the person who is away, never their
roles. What somebody may not see is answered as if it were not there.

An administrator keeps the register and the templates, and neither takes documents in nor launches. The coordinator who
launches answers for it. One person may hold both roles; the audit keeps who gave them. A refused page says whose right
it is and how to get it.
"""
_CONVERSATION = """## In a conversation

| action | on a task | on a directive |
|---|---|---|
| read every message | whoever sees the task whole | whoever coordinates it, observers, administrators |
| write to all units | whoever sees the task whole | whoever coordinates it |
| read one's own messages, their answers, what is for all | a coordinating unit | a unit with tasks of it |
| read those of other units, as they do | – | who supervises them, or handed a task down to them |
| write to those above only | a coordinating unit | all these, as a question |
| ask the coordinator | whoever writes, but the coordinator | likewise |
| answer | the coordinator, the issuer's office | whoever coordinates it |
| publish to all units | likewise, unless the task was handed down | likewise |
| mention | people who read the message | likewise |
| change a message | its author, for ten minutes, until published | likewise |

Observers and administrators write only on what is theirs besides. A published question names no person, and its unit
only where the coordinator says so (`workflows/rules/conversation_policy.py`).
"""


def page() -> str:
    """The whole page."""
    partners = _words(one for one in Relation if VIEWS.get(one) is View.PARTNER)
    return "\n".join(
        [
            _HEAD,
            "## By role in the office\n",
            *_table(("who", "may"), ((_roles(by), "; ".join(rights)) for by, rights in _grouped(_rights()))),
            "",
            "## What is seen of a task\n",
            f"Whoever has a relation to a task sees it whole; {partners} sees only what is to be done and until when.",
            "Administrators and observers see every task whole. So do head, deputy and focal point of the organisation",
            "above the lead unit, and the team of an inspection its tasks.\n",
            "## What may be done to a task\n",
            *(f"- *{name}*: {_words(members)}" for name, members in _RELATIONS.items()),
            *(f"- *{name}*: {_words(members)}" for name, members in _STATUSES.items()),
            "",
            *_table(
                ("who", "action", "from", "to"),
                ((by, ", ".join(actions), source, to) for (by, source, to), actions in _grouped(_moves())),
            ),
            "",
            _CONVERSATION,
            "## What may be done in an inspection\n",
            *_table(("who", "may"), ((by, "; ".join(actions)) for by, actions in _grouped(_inspecting()))),
            "",
        ]
    )


def _rights() -> Iterable[tuple[frozenset[OfficeRole], str]]:
    return ((by, translate(RIGHT_WORDS[right], "en")) for right, by in RIGHTS.items())


def _moves() -> Iterable[tuple[tuple[str, str, str], str]]:
    for action in Action:
        rule = SPECS[action].rule
        target = str(rule.target.label) if rule.target else "stays"
        target += f", or {rule.or_target.label} as before" if rule.or_target else ""
        yield (_words(rule.by, _RELATIONS), _words(rule.sources, _STATUSES), target), f"`{action.value}`"


def _inspecting() -> Iterable[tuple[str, str]]:
    for action, by in PARTS_BY_ACTION.items():
        states = _words(one for one in InspectionState if one in STATES_BY_ACTION.get(action, ()))
        yield (
            _words(one for one in InspectionPart if one in by),
            f"{action.label}{f' (while: {states})' if states else ''}",
        )


def _roles(by: Collection[OfficeRole]) -> str:
    if len(by) == len(OfficeRole):
        return "everybody"
    return ", ".join(translate(STANDING_WORDS[one], "en") for one in OfficeRole if one in by)


def _words(members: Iterable[_One], names: Mapping[str, frozenset[_One]] | None = None) -> str:
    """Labels in the order of their enum; the first sets of `names` that are among them by their names."""
    left, said = set(members), []
    for name, named in (names or {}).items():
        if named <= left:
            said.append(name)
            left -= named
    return ", ".join([*said, *(str(one.label) for one in sorted(left, key=_place))])


def _place(one: Labelled) -> int:
    return list(type(one)).index(one)


def _grouped(pairs: Iterable[tuple[_Key, str]]) -> Iterable[tuple[_Key, list[str]]]:
    """What has the same key together, in the order in which keys come."""
    groups: dict[_Key, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups.items()


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {' | '.join(row)} |" for row in rows)]


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
