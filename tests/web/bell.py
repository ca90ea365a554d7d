"""What the bell of somebody holds."""

from datetime import datetime

from sqlmodel import col, select

from models.database.session import reading
from models.letters.letter import Notice
from models.organization.register_reads import resolve_person
from tests.web.site import Office
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.worklists.notification_centre import count_unread

HEAD, COORDINATOR, OTHER_HEAD = "luong.thi.ngan", "le.thi.c", "ta.ba.toan"


def send(office: Office, now: datetime) -> Office:
    tick(office.engine, office.settings, now=now, sender=RecordedSender())
    office.now = now
    office.app.state.site.now = lambda: office.now
    return office


def notices_of(office: Office, code: str = HEAD) -> list[Notice]:
    with reading(office.engine) as session:
        mine = select(Notice).where(Notice.recipient_id == resolve_person(session, code).id)
        return list(session.exec(mine.order_by(col(Notice.fired_at), col(Notice.id))))


def unread(office: Office, code: str = HEAD) -> int:
    with reading(office.engine) as session:
        return count_unread(session, resolve_person(session, code).id, office.now)
