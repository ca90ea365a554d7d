"""An amending or replacing document: which one in force it speaks of, and what would change for its open tasks.

Nothing is changed here: the coordinator looks at it, and acts on the older document's board.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz, process
from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.i18n import Labelled, _
from models.intake.intake import Intake, ProposalState, ProposedDuty
from models.tasks.task import OPEN_STATUSES, Task
from models.text.vietnamese import fold
from workflows.access.rights import Principal, visible_directives

ALIKE, SAME = 60.0, 97.0  # of 100: an amended duty; one that says the same
_VERBS = re.compile(
    r"\b(?P<replaces>thay thế|bãi bỏ|huỷ bỏ|hủy bỏ)\b|\b(?:sửa đổi|bổ sung|điều chỉnh)\b|\b(?:được|bị) thay thế\b", re.I
)
_NUMBER = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐa-z0-9&.-]*(?:[-/][A-ZĐ0-9&]+)*")
_REACH = 400  # characters after the verb within which the number of the document stands


class DutyFate(Labelled):
    SAME = "same", _("says the same")
    CHANGED = "changed", _("says something else")
    GONE = "gone", _("is not in the new document")


@dataclass(frozen=True)
class Cited:
    """A document that a text or a message says it amends (or `replaces`, or `recalls`), by its number."""

    number: str
    replaces: bool
    recalls: bool = False


@dataclass(frozen=True)
class AmendedDuty:
    """A duty in force, its nearest in the new document if there is one, and how many open tasks it has."""

    path: str
    title: str
    fate: DutyFate
    new_path: str
    open_tasks: int


@dataclass(frozen=True)
class Amendment:
    """A directive in force that the document amends or replaces, duty by duty; `added` are paths of new ones."""

    directive: Directive
    replaces: bool
    changes: Sequence[AmendedDuty]
    added: Sequence[str]
    recalls: bool = False

    @property
    def open_tasks(self) -> int:
        return sum(one.open_tasks for one in self.changes if one.fate is not DutyFate.SAME)


def cited(text: str) -> list[Cited]:
    """Return the documents that a text says it amends or replaces, each once: "thay thế Chỉ thị số 06/CT-BCT"."""
    found: dict[str, bool] = {}
    for verb in _VERBS.finditer(text):
        paragraph = text.find("\n\n", verb.end())
        end = min(verb.end() + _REACH, paragraph if paragraph >= 0 else len(text))
        if number := _NUMBER.search(text, verb.end(), end):
            name = number[0].rstrip(".")
            found[name] = found.get(name, False) or verb["replaces"] is not None
    return [Cited(number, replaces) for number, replaces in found.items()]


def compare(
    session: Session, principal: Principal, intake: Intake, duties: Sequence[ProposedDuty], also: Sequence[Cited] = ()
) -> list[Amendment]:
    """Return what the document would change of directives in force that the reader may see. Two queries each.

    `also`: documents that the message around it says it changes.
    """
    told = []
    by_number = {one.number.casefold(): one for one in (*cited(intake.text), *also)}
    for one in by_number.values():
        directive = session.exec(
            select(Directive).where(func.lower(Directive.number) == one.number.lower(), visible_directives(principal))
        ).first()
        if directive is not None and directive.id != intake.directive_id:
            told.append(_compare(session, intake, duties, directive, one))
    return told


def _compare(
    session: Session, intake: Intake, duties: Sequence[ProposedDuty], directive: Directive, said: Cited
) -> Amendment:
    old = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    query = (
        select_columns(col(Task.duty_id), func.count())
        .where(col(Task.directive_id) == directive.id, col(Task.status).in_(OPEN_STATUSES))
        .group_by(col(Task.duty_id))
    )
    counts: dict[UUID, int] = {duty_id: count for duty_id, count in session.execute(query)}
    new = {
        one.path: fold(intake.text[one.begins : one.ends]) for one in duties if one.state is not ProposalState.DROPPED
    }
    changes, taken = [], set()
    for duty in old:
        words = fold(duty.quote)
        best = process.extractOne(words, new, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        score, near = (best[1], best[2]) if best else (0.0, "")
        fate = DutyFate.SAME if score >= SAME else DutyFate.CHANGED if score >= ALIKE else DutyFate.GONE
        if fate is DutyFate.GONE and not said.replaces:
            continue  # what an amendment does not speak of stays in force
        if fate is not DutyFate.GONE:
            taken.add(near)
        changes.append(
            AmendedDuty(duty.path, duty.title, fate, near if fate is not DutyFate.GONE else "", counts.get(duty.id, 0))
        )
    return Amendment(directive, said.replaces, changes, [path for path in new if path not in taken], said.recalls)
