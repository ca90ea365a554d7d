"""Somebody has lived through everything in an office, was taken out, and erased: the tests look at what is left."""

import pytest
from sqlalchemy import Engine

from models.database.session import reading, transaction
from models.organization.person import Person
from tests.office import at, furnish
from tests.personal.aftermath import NOW, Aftermath
from tests.personal.life import NEEDLES, Life
from workflows.access.audit_log import AuditActor
from workflows.history.seal import seal
from workflows.history.verify_history import verify
from workflows.operations.personal.erase import erase_person
from workflows.operations.personal.export_person import export_person
from workflows.reports.report_figures import report


@pytest.fixture(scope="module")
def erased(standing_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    folder = tmp_path_factory.mktemp("office")
    life = Life(furnish(standing_engine, folder / "data"))
    (folder / "data").mkdir(exist_ok=True)
    person = life.live(folder)
    seal(standing_engine, now=at(24, hour=12))
    taken = export_person(standing_engine, person, folder / "taken.zip", now=NOW)
    places, before = life.places(*NEEDLES), verify(standing_engine)
    with reading(standing_engine) as session:
        told = report(session, cutoff=NOW.date())
    with transaction(standing_engine) as session:
        done = erase_person(session, session.get_one(Person, person.id), AuditActor(NOW), folder=folder / "data")
    return Aftermath(life.office, life, person, taken, places, before, told, done)
