"""Record what was found: question by question at one unit, with files beside it; nothing past the findings' sending."""

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
from workflows.inspections.held import begin, hold, tell_history
from workflows.inspections.seeing import InspectionAccess, refuse_unless_while, require
from workflows.rules.secrecy import stamped_secrecy
from workflows.rules.tasks.inspection_policy import Deed, check_finding
from workflows.templates.template_check import refuse_classified

MOST_FILES = 10
"""So many files a finding may have."""


@dataclass(frozen=True)
class NewFinding:
    """What is said of one question. `seen`: the revision that the person knew of, 0 before the first, None unasked."""

    verdict: Verdict | None
    words: str = ""
    settled: str = ""
    files: Sequence[GivenFile] = ()
    seen: int | None = None


def record_findings(context: ActorContext, sight: InspectionAccess, unit: Unit, given: Mapping[int, NewFinding]) -> int:
    """Record what is said of a unit's questions, by their numbers; return how many changed.

    Refused for a unit that is not inspected, past the sending, and where somebody else was first.
    """
    require(sight, Deed.FIND)
    session, inspection = context.session, sight.inspection
    items = checklist(session, inspection)
    find_inspected(session, inspection, unit)
    if not hold(session, inspection, Deed.FIND):
        refuse_unless_while(inspection, Deed.FIND)
    begin(context, sight)
    changed = 0
    for number, said in given.items():
        item = items.get(number)
        if item is None:
            raise BadInput("question {question}: the checklist has 1 to {last}", question=number, last=len(items))
        changed += _record(context, sight, unit, item, said)
    return changed


def checklist(session: Session, inspection: Inspection) -> dict[int, InspectionItem]:
    """Return the questions by their numbers, in order."""
    query = select(InspectionItem).where(InspectionItem.inspection_id == inspection.id)
    return {item.position: item for item in session.exec(query.order_by(col(InspectionItem.position)))}


def find_inspected(session: Session, inspection: Inspection, unit: Unit) -> InspectedUnit:
    """NotFound where the inspection does not inspect the unit."""
    found = session.get(InspectedUnit, (inspection.id, unit.id))
    if found is None:
        raise NotFound("unit {unit}: this inspection does not inspect it", unit=unit.name)
    return found


def find_finding(session: Session, inspection: Inspection, unit: Unit, number: int) -> InspectionFinding:
    """NotFound where nothing was recorded yet."""
    find_inspected(session, inspection, unit)
    item = checklist(session, inspection).get(number)
    found = session.get(InspectionFinding, (inspection.id, unit.id, item.id)) if item else None
    if found is None:
        raise NotFound("{unit}, question {question}: nothing was recorded yet", unit=unit.name, question=number)
    return found


def _record(context: ActorContext, sight: InspectionAccess, unit: Unit, item: InspectionItem, said: NewFinding) -> bool:
    words, settled = said.words.strip(), said.settled.strip()
    check_finding(item.position, said.verdict, words, settled)
    refuse_classified(stamped_secrecy(f"{words}\n{settled}"))
    assert said.verdict is not None
    session, inspection = context.session, sight.inspection
    there = session.get(InspectionFinding, (inspection.id, unit.id, item.id))
    before = (there.verdict, there.words, there.settled) if there else None
    is_new = before != (said.verdict, words, settled)
    if not is_new and not said.files:
        return False
    refuse_unseen(item.position, there, said.seen)
    if there is None:
        there = InspectionFinding(
            inspection_id=inspection.id,
            unit_id=unit.id,
            item_id=item.id,
            verdict=said.verdict,
            words=words,
            settled=settled,
            found_at=context.now,
            found_by=context.actor.id,
        )
        session.add(there)
    else:
        there.verdict, there.words, there.settled = said.verdict, words, settled
        there.found_at, there.found_by, there.revision = context.now, context.actor.id, there.revision + 1
    session.flush()
    files = _keep_files(context, there, said.files)
    tell_history(
        context,
        sight,
        "finding_recorded",
        {
            "unit": unit.id.hex,
            "question": item.position,
            "verdict": said.verdict.value,
            "files": files,
            "before": before[0].value if before else None,
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
    for given in files:
        kept = store_file(settings.evidence, given, max_bytes=settings.file_max_bytes)
        session.add(
            InspectionFile(
                inspection_id=finding.inspection_id,
                unit_id=finding.unit_id,
                item_id=finding.item_id,
                sha256=kept.sha256,
                filename=kept.filename,
                media_type=kept.media_type,
                size=kept.size,
                added_at=context.now,
                added_by=context.actor.id,
            )
        )
    session.flush()
    return len(files)


def refuse_unseen(number: int, finding: InspectionFinding | None, seen: int | None) -> None:
    """Conflict where a finding is not what the person knew of: `seen` as in `NewFinding`."""
    if seen is not None and seen != (finding.revision if finding else 0):
        raise Conflict("question {question}: somebody else recorded it just now; look again", question=number)


def settle(
    context: ActorContext, sight: InspectionAccess, unit: Unit, number: int, words: str, *, seen: int | None = None
) -> None:
    """Say how a shortcoming was put right without a task, also after the findings were sent.

    `seen`: the finding's revision that the person knew of, None unasked; Conflict where it is another by now.
    """
    session = context.session
    require(sight, Deed.CORRECT)
    if not words.strip():
        raise BadInput("{field}: it may not be empty", field=_("how it was settled"))
    refuse_classified(stamped_secrecy(words))
    if not hold(session, sight.inspection, Deed.CORRECT):
        refuse_unless_while(sight.inspection, Deed.CORRECT)
    found = find_finding(session, sight.inspection, unit, number)
    refuse_unseen(number, found, seen)
    check_finding(number, found.verdict, found.words, words.strip())
    found.settled, found.revision = words.strip(), found.revision + 1
    session.flush()
    settled = {"unit": unit.id.hex, "question": number}
    tell_history(context, sight, "finding_settled", settled, note=words.strip())


def find_unit(session: Session, inspection_id: UUID, code: str) -> Unit:
    """NotFound where the inspection inspects no unit of this code."""
    found = session.exec(
        select(Unit)
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .where(InspectedUnit.inspection_id == inspection_id, Unit.code == code)
    ).first()
    if found is None:
        raise NotFound("there is no such unit")
    return found
