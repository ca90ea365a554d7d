"""Record findings: the answer to each question of the checklist at one unit, with files.

Findings cannot be recorded once they were sent to the units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import BadInput, NotFound
from models.i18n import _
from models.inspections.inspection import (
    InspectedUnit,
    Inspection,
    InspectionFile,
    InspectionFinding,
    InspectionItem,
    Verdict,
)
from models.organization.unit import Unit
from models.tasks.evidence_files import GivenFile, store_file
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import Conflict
from workflows.inspections.guarded_update import begin_inspection, record_history, update_if
from workflows.inspections.inspection_access import InspectionAccess, refuse_wrong_state, require
from workflows.rules.secrecy import stamped_secrecy
from workflows.rules.tasks.inspection_policy import InspectionAction, check_finding
from workflows.templates.template_check import refuse_classified

MOST_FILES = 10
"""Files that one finding may have."""


@dataclass(frozen=True)
class NewFinding:
    """The answer to one question. `settled` says how the unit put a shortcoming right on the spot.

    `seen` is the revision on the person's page: 0 before the first finding, None skips the check.
    """

    verdict: Verdict | None
    words: str = ""
    settled: str = ""
    files: Sequence[GivenFile] = ()
    seen: int | None = None


def record_findings(
    context: ActorContext, access: InspectionAccess, unit: Unit, answers: Mapping[int, NewFinding]
) -> int:
    """Record answers about a unit by the numbers of their questions. Return how many findings changed.

    Raises NotFound for a unit that is not inspected, Refused once the findings were sent, and Conflict where somebody
    else was first.
    """
    require(access, InspectionAction.FIND)
    session, inspection = context.session, access.inspection
    items = read_checklist(session, inspection)
    find_inspected_unit(session, inspection, unit)
    if not update_if(session, inspection, InspectionAction.FIND):
        refuse_wrong_state(inspection, InspectionAction.FIND)
    begin_inspection(context, access)
    changed = 0
    for number, answer in answers.items():
        item = items.get(number)
        if item is None:
            raise BadInput("question {question}: the checklist has 1 to {last}", question=number, last=len(items))
        changed += _record(context, access, unit, item, answer)
    return changed


def read_checklist(session: Session, inspection: Inspection) -> dict[int, InspectionItem]:
    """Return the questions by their numbers, in order."""
    query = select(InspectionItem).where(InspectionItem.inspection_id == inspection.id)
    return {item.position: item for item in session.exec(query.order_by(col(InspectionItem.position)))}


def find_inspected_unit(session: Session, inspection: Inspection, unit: Unit) -> InspectedUnit:
    """Raise NotFound where the inspection does not inspect the unit."""
    inspected = session.get(InspectedUnit, (inspection.id, unit.id))
    if inspected is None:
        raise NotFound("unit {unit}: this inspection does not inspect it", unit=unit.name)
    return inspected


def find_finding(session: Session, inspection: Inspection, unit: Unit, number: int) -> InspectionFinding:
    """Raise NotFound where nothing was recorded yet."""
    find_inspected_unit(session, inspection, unit)
    item = read_checklist(session, inspection).get(number)
    finding = session.get(InspectionFinding, (inspection.id, unit.id, item.id)) if item else None
    if finding is None:
        raise NotFound("{unit}, question {question}: nothing was recorded yet", unit=unit.name, question=number)
    return finding


def _record(
    context: ActorContext, access: InspectionAccess, unit: Unit, item: InspectionItem, answer: NewFinding
) -> bool:
    words, settled = answer.words.strip(), answer.settled.strip()
    check_finding(item.position, answer.verdict, words, settled)
    refuse_classified(stamped_secrecy(f"{words}\n{settled}"))
    assert answer.verdict is not None
    session, inspection = context.session, access.inspection
    finding = session.get(InspectionFinding, (inspection.id, unit.id, item.id))
    old_verdict = finding.verdict if finding else None
    is_same = finding is not None and (finding.verdict, finding.words, finding.settled) == (
        answer.verdict,
        words,
        settled,
    )
    if is_same and not answer.files:
        return False
    refuse_stale_finding(item.position, finding, answer.seen)
    if finding is None:
        finding = InspectionFinding(
            inspection_id=inspection.id,
            unit_id=unit.id,
            item_id=item.id,
            verdict=answer.verdict,
            words=words,
            settled=settled,
            found_at=context.now,
            found_by=context.actor.id,
        )
        session.add(finding)
    else:
        finding.verdict, finding.words, finding.settled = answer.verdict, words, settled
        finding.found_at, finding.found_by = context.now, context.actor.id
        finding.revision += 1
    session.flush()
    files = _keep_files(context, finding, answer.files)
    record_history(
        context,
        access,
        "finding_recorded",
        {
            "unit": unit.id.hex,
            "question": item.position,
            "verdict": answer.verdict.value,
            "files": files,
            "before": old_verdict.value if old_verdict else None,
        },
        note="\n".join(filter(None, (words, settled))),
    )
    return True


def _keep_files(context: ActorContext, finding: InspectionFinding, files: Sequence[GivenFile]) -> int:
    if not files:
        return 0
    session, settings = context.session, context.settings
    query = select(InspectionFile.id).where(
        InspectionFile.inspection_id == finding.inspection_id,
        InspectionFile.unit_id == finding.unit_id,
        InspectionFile.item_id == finding.item_id,
    )
    if len(session.exec(query).all()) + len(files) > MOST_FILES:
        raise BadInput("files: at most {most} for one finding", most=MOST_FILES)
    for file in files:
        stored = store_file(settings.evidence, file, max_bytes=settings.file_max_bytes)
        session.add(
            InspectionFile(
                inspection_id=finding.inspection_id,
                unit_id=finding.unit_id,
                item_id=finding.item_id,
                sha256=stored.sha256,
                filename=stored.filename,
                media_type=stored.media_type,
                size=stored.size,
                added_at=context.now,
                added_by=context.actor.id,
            )
        )
    session.flush()
    return len(files)


def refuse_stale_finding(number: int, finding: InspectionFinding | None, seen: int | None) -> None:
    """Raise Conflict where the finding was changed after the person's page was made; `seen` as in `NewFinding`."""
    revision = finding.revision if finding else 0
    if seen is not None and seen != revision:
        raise Conflict("question {question}: somebody else recorded it just now; look again", question=number)


def settle_finding(
    context: ActorContext, access: InspectionAccess, unit: Unit, number: int, words: str, *, seen: int | None = None
) -> None:
    """Record how a shortcoming was put right without a task, also after the findings were sent.

    `seen` is the finding's revision on the person's page; None skips the check. Raises Conflict for a stale page.
    """
    session = context.session
    require(access, InspectionAction.CORRECT)
    if not words.strip():
        raise BadInput("{field}: it may not be empty", field=_("how it was settled"))
    refuse_classified(stamped_secrecy(words))
    if not update_if(session, access.inspection, InspectionAction.CORRECT):
        refuse_wrong_state(access.inspection, InspectionAction.CORRECT)
    finding = find_finding(session, access.inspection, unit, number)
    refuse_stale_finding(number, finding, seen)
    check_finding(number, finding.verdict, finding.words, words.strip())
    finding.settled = words.strip()
    finding.revision += 1
    session.flush()
    facts = {"unit": unit.id.hex, "question": number}
    record_history(context, access, "finding_settled", facts, note=words.strip())


def find_unit(session: Session, inspection_id: UUID, code: str) -> Unit:
    """Raise NotFound where the inspection inspects no unit of this code."""
    unit = session.exec(
        select(Unit)
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .where(InspectedUnit.inspection_id == inspection_id, Unit.code == code)
    ).first()
    if unit is None:
        raise NotFound("there is no such unit")
    return unit
