"""The log of a `serve` in whose process flows run: Prefect's own set-up of logging takes nobody's lines away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.operations.logs import FOREIGN
from tests.serve.serving import ROOT
from workflows.jobs.prefect.prefect_server import prefect_environment

pytestmark = pytest.mark.long

_SPEAK = """
import logging, os, sys
from datetime import UTC, datetime
from pathlib import Path
from models.operations.logs import FOREIGN, start_logging
start_logging(sys.stderr, form="json")
from models.operations.system_job import JobName
from workflows.jobs.prefect.flows import run_here
from workflows.jobs.run_names import name_job
run = name_job(JobName.TICK, datetime.now(UTC))
sweep = lambda call: call("sweep", lambda: {"checked": 1})
print(run_here("http://127.0.0.1:9/api", Path(sys.argv[1]), run, sweep), flush=True)
for name in (*FOREIGN, "uvicorn.error"):
    logging.getLogger(name).error("heard %s", name)
sys.stderr.flush()
os._exit(0)
"""


def test_a_fault_of_the_site_is_logged_once_prefect_is_there_too(tmp_path: Path) -> None:
    """A page that broke down once answered 500 and left no line: Prefect had silenced the site's server."""
    done = subprocess.run(
        [sys.executable, "-c", _SPEAK, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | prefect_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "{'checked': 1}\n", "done all the same"
    said = [json.loads(line)["event"] for line in done.stderr.splitlines() if line.startswith("{")]
    names = (*FOREIGN, "uvicorn.error")  # the last is what the site's server reports a fault by
    assert [one for one in said if one.startswith("heard")] == [f"heard {name}" for name in names]
