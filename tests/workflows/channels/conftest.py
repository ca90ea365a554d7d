"""An office with a gateway that is on, and people who asked for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.office import Office, furnish
from tests.workflows.channels.channels import ADMINISTRATOR, COORDINATOR, Channels
from tests.workflows.channels.gateway_server import Gateway as Server
from tests.workflows.channels.gateway_server import listening


@pytest.fixture
def server() -> Iterator[Server]:
    with listening() as server:
        yield server


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.settings = office.settings.model_copy(update={"webhooks_to_private": True})
    for code in (COORDINATOR, ADMINISTRATOR, "luong.thi.ngan", "ta.ba.toan"):
        office.change_person(code, phone="0909 717-171")
    return office


@pytest.fixture
def channels(office: Office, server: Server) -> Channels:
    return Channels(office, server)
