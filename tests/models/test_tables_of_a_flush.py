"""A process that knows one table only can write to it: what its keys lead to is loaded by then."""

import subprocess
import sys

import pytest

from tests.architecture.product import ROOT

WRITE_ALONE = """
import sys
from importlib import import_module
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, create_engine
import models.database.session
table = getattr(import_module(sys.argv[1]), sys.argv[2])
with Session(create_engine("sqlite://")) as session:
    session.add(table())
    try:
        session.flush()
    except DBAPIError as refused:  # the database is empty: that it was asked is enough
        print("asked:", refused.statement.split()[2])
"""


@pytest.mark.parametrize(
    ("module", "table"),
    [
        ("models.tasks.task", "Task"),
        ("models.letters.letter", "Notice"),
        ("models.inspections.inspection", "Inspection"),
        ("models.organization.access", "WebhookCall"),
    ],
)
def test_a_table_is_written_by_who_knows_no_other(module: str, table: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITE_ALONE, module, table], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stdout.startswith("asked:"), done.stderr
