"""Find the directive in force that a document amends or replaces, and compare their duties.

Nothing is changed here: the coordinator reads the comparison, and acts on the older document's board.
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

ALIKE_SCORE, SAME_SCORE = 60.0, 97.0  # of 100, between words of two duties
_VERBS = re.compile(
    r"\b(?P<replaces>thay thế|bãi bỏ|huỷ bỏ|hủy bỏ)\b|\b(?:sửa đổi|bổ sung|điều chỉnh)\b|\b(?:được|bị) thay thế\b", re.I
)
_NUMBER = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐa-z0-9&.-]*(?:[-/][A-ZĐ0-9&]+)*")
_REACH = 400  # characters after the verb within which the number of the document stands


class DutyChange(Labelled):
    SAME = "same", _("says the same")
    CHANGED = "changed", _("says something else")
    GONE = "gone", _("is not in the new document")


@dataclass(frozen=True)
class CitedDocument:
    """A document that a text or a message amends, replaces or recalls, by its number."""

    number: str
    replaces: bool
    recalls: bool = False


@dataclass(frozen=True)
class AmendedDuty:
    """A duty in force, its counterpart in the new document ("" if there is none), and the number of its open tasks."""

    path: str
    title: str
    change: DutyChange
    new_path: str
    open_tasks: int


@dataclass(frozen=True)
class Amendment:
    """A directive in force that the document amends or replaces, duty by duty. `added`: the paths of new duties."""

    directive: Directive
    replaces: bool
    changes: Sequence[AmendedDuty]
    added: Sequence[str]
    recalls: bool = False

    @property
    def open_tasks(self) -> int:
        return sum(change.open_tasks for change in self.changes if change.change is not DutyChange.SAME)


def cited_documents(text: str) -> list[CitedDocument]:
    """Return the documents that a text amends or replaces, each once, such as in "thay thế Chỉ thị số 06/CT-BCT"."""
    replaces_by_number: dict[str, bool] = {}
    for verb in _VERBS.finditer(text):
        paragraph = text.find("\n\n", verb.end())
        end = min(verb.end() + _REACH, paragraph if paragraph >= 0 else len(text))
        if number := _NUMBER.search(text, verb.end(), end):
            name = number[0].rstrip(".")
            replaces_by_number[name] = replaces_by_number.get(name, False) or verb["replaces"] is not None
    return [CitedDocument(number, replaces) for number, replaces in replaces_by_number.items()]


def compare_amendments(
    session: Session,
    principal: Principal,
    intake: Intake,
    duties: Sequence[ProposedDuty],
    further_citations: Sequence[CitedDocument] = (),
) -> list[Amendment]:
    """Return the changes to directives in force that the reader may see. Two queries for each directive.

    `further_citations`: documents that the message with the document changes.
    """
    amendments = []
    by_number = {
        citation.number.casefold(): citation for citation in (*cited_documents(intake.text), *further_citations)
    }
    for citation in by_number.values():
        directive = session.exec(
            select(Directive).where(
                func.lower(Directive.number) == citation.number.lower(), visible_directives(principal)
            )
        ).first()
        if directive is not None and directive.id != intake.directive_id:
            amendments.append(_compare(session, intake, duties, directive, citation))
    return amendments


def _compare(
    session: Session, intake: Intake, duties: Sequence[ProposedDuty], directive: Directive, citation: CitedDocument
) -> Amendment:
    old = session.exec(select(Duty).where(Duty.directive_id == directive.id).order_by(col(Duty.position))).all()
    query = (
        select_columns(col(Task.duty_id), func.count())
        .where(col(Task.directive_id) == directive.id, col(Task.status).in_(OPEN_STATUSES))
        .group_by(col(Task.duty_id))
    )
    counts: dict[UUID, int] = {duty_id: count for duty_id, count in session.execute(query)}
    new_words = {
        proposed.path: fold(intake.text[proposed.begins : proposed.ends])
        for proposed in duties
        if proposed.state is not ProposalState.DROPPED
    }
    changes, matched_paths = [], set()
    for duty in old:
        nearest = process.extractOne(
            fold(duty.quote), new_words, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE_SCORE
        )
        if nearest is None:
            if not citation.replaces:
                continue  # an amendment leaves in force what it does not mention
            change, new_path = DutyChange.GONE, ""
        else:
            _words, score, new_path = nearest
            change = DutyChange.SAME if score >= SAME_SCORE else DutyChange.CHANGED
            matched_paths.add(new_path)
        changes.append(AmendedDuty(duty.path, duty.title, change, new_path, counts.get(duty.id, 0)))
    added = [path for path in new_words if path not in matched_paths]
    return Amendment(directive, citation.replaces, changes, added, citation.recalls)
