"""Prints the rights as tables: `python -m docs.make_rights > docs/rights.md`. A test holds the page to the code."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from models.directives.inspection import InspectionState
from models.i18n import Words, translate
from models.tasks.task import TaskStatus
from workflows.rules.rights_table import RIGHT_WORDS, RIGHTS, STANDING_WORDS, VIEWS, OfficeRole, View
from workflows.rules.tasks.inspection_policy import DEEDS, WHILE, Deed, Part
from workflows.rules.tasks.lifecycle import TRANSITIONS, Action, Relation

_HEAD = """# Rights

*Made by `python -m docs.make_rights` from `rights_table.py`, `tasks/lifecycle.py` and `tasks/inspection_policy.py` in
`workflows/rules/`; enforced by `workflows/access/rights.py`, `workflows/tasks/act.py` and `workflows/inspections/`
for pages and API alike.*

A person is several things at once: what they are in the office (their role) gives the rights of the first table; what
they are to a task (relation) gives what they see of it and may do to it. A stand-in has the relations of the person
who is away, never their roles. What somebody may not see is answered as if it were not there.

An administrator defines templates and keeps the register, and neither takes documents in nor launches: a launch binds
units in the name of the unit that follows the directive up, and its coordinator answers for it. One person may hold
both roles; an administrator gives them, and the audit keeps who did. A page that is refused says whose it is, by name
as far as the reader sees everything or belongs to that unit, and how the right is got.
"""

_CONVERSATION = """## In a conversation

| deed | on a task | on a directive |
|---|---|---|
| read every message | whoever sees the task whole | whoever coordinates it, observers, administrators |
| write, address all units | whoever sees the task whole | whoever coordinates it |
| read one's own messages, the answers to them, what is for all | a coordinating unit | a unit that has tasks of it |
| read those of other units and their answers, as they do | – | who supervises them, or handed a task down to them |
| write what only those above read | a coordinating unit | all these, as a question |
| ask the coordinator | whoever writes, but not the coordinator | likewise |
| answer | the coordinator, the issuer's office | whoever coordinates it |
| publish to all units | likewise, but not on a task that was handed down | likewise |
| mention | people who read the message | likewise |
| change a message | its author, for ten minutes, until it is published | likewise |

Observers and administrators read, and write only on what is theirs besides. A published question names no person; its
unit only where the coordinator says so. `rules/conversation_policy.py`.
"""


def page() -> str:
    """The whole page."""
    standings, relations = list(OfficeRole), [one for one in Relation if one is not Relation.SYSTEM]
    rights = _table(
        "right",
        [STANDING_WORDS[one] for one in standings],
        ((f"{RIGHT_WORDS[right]} (`{right.value}`)", [one in RIGHTS[right] for one in standings]) for right in RIGHTS),
    )
    views = _table(
        "sees",
        [one.label for one in relations],
        (
            ("the whole task", [VIEWS[one] is View.WHOLE for one in relations]),
            ("what is to be done and until when", [True for one in relations]),
        ),
    )
    actions = _table(
        "action",
        [one.label for one in relations],
        ((f"`{action.value}`", [one in TRANSITIONS[action].by for one in relations]) for action in Action),
    )
    states = "\n".join(_transition(action) for action in Action)
    inspecting = _table(
        "in an inspection",
        [one.label for one in Part],
        ((f"{deed.label}{_while(deed)}", [one in DEEDS[deed] for one in Part]) for deed in Deed),
    )
    return "\n".join(
        [
            _HEAD,
            "## By role in the office\n",
            rights,
            "",
            "## What is seen of a task\n",
            views,
            "",
            "Besides: administrators and observers see every task whole, and so do head, deputy and focal point of the",
            "organisation above the lead unit, and so does the team of an inspection the tasks of that inspection.\n",
            "## What may be done to a task\n",
            actions,
            "",
            "## From which status, to which\n",
            "| action | from | to |",
            "|---|---|---|",
            states,
            "",
            _CONVERSATION,
            "## What may be done in an inspection\n",
            inspecting,
            "",
        ]
    )


def _while(deed: Deed) -> str:
    states = [str(one.label) for one in InspectionState if one in WHILE.get(deed, ())]
    return f" (while: {', '.join(states)})" if states else ""


def _transition(action: Action) -> str:
    rule = TRANSITIONS[action]
    sources = ", ".join(str(one.label) for one in TaskStatus if one in rule.sources)
    target = str(rule.target.label) if rule.target else "stays"
    target += f", or {rule.or_target.label} as before" if rule.or_target else ""
    return f"| `{action.value}` | {sources} | {target} |"


def _table(first: str, columns: Sequence[Words | StrEnum], rows: Iterable[tuple[str, Sequence[bool]]]) -> str:
    head = f"| {first} | {' | '.join(translate(one, 'en') for one in columns)} |"
    lines = [f"| {name} | {' | '.join('✓' if cell else '' for cell in cells)} |" for name, cells in rows]
    return "\n".join([head, "|---" * (len(columns) + 1) + "|", *lines])


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
