"""Read a message whose document is a scan, in the background."""

from uuid import UUID

from sqlmodel import Session

from models.exchange.edxml import CameBy
from models.intake.intake import Intake
from workflows.exchange.keep_message import Taking, open_message, take_message
from workflows.intake.read_scans import Keep
from workflows.queue.background_jobs import JobRun


def read_scanned_message(turn: JobRun, name: str, content: bytes) -> Keep | None:
    """Read the scan of a message that `queue_reading` queued. Return None for a scan without a message."""
    if "came_by" not in turn.job.given:
        return None
    opened = open_message(name, content).read_scan(turn.tell)
    way = CameBy(turn.job.given["came_by"])

    def keep(session: Session, unit_id: UUID) -> Intake:
        taking = Taking(unit_id, turn.job.asked_by, turn.moment, way, turn.settings.evidence)
        return take_message(session, opened, taking).intake

    return keep
