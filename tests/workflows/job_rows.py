"""What the database says about a job."""

from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import Job, JobName


def row(engine: Engine, name: JobName) -> Job:
    with reading(engine) as session:
        return session.exec(select(Job).where(Job.name == name)).one()


def alerts(engine: Engine, kind: AlertKind) -> list[Alert]:
    with reading(engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == kind).order_by(col(Alert.raised_at))))
