"""An office that takes part in the document exchange, and what tests do with its messages."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.settings import EdxmlSettings
from tests.edxml.messages import OWN
from tests.edxml.taking import COORDINATOR, UNIT
from tests.office import Office, furnish


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def watched(office: Office) -> Office:
    """The office with a folder that is watched in the coordinator's name."""
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", received_by=COORDINATOR, unit=UNIT)
    (office.settings.edxml_folder / "in").mkdir(parents=True)
    return office
