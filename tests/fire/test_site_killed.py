"""A site that is killed again and again: whatever it has acknowledged in all its lives is there after each."""

import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fire.beside import EVERYTHING, Acknowledged, Site, launched_today, write_much
from tests.keys import put_key
from tests.scenes import Play
from tests.serve.serving import Serving, wait_for

pytestmark = pytest.mark.long

LIVES, WRITES = 25, 2
PAGES = (
    "/admin/check-up",
    "/",
    "/tasks",
    "/admin/jobs",
    "/letters",
    "/reports",
    "/admin/audit",
    "/directives/ct-06-2004",
)
COMMANDS = (
    "doctor",
    "outbox list --dead",
    "verify",
    "backup {}.tar",
    "tick",
    "report",
    "schedule list",
    "secrets list",
)


@pytest.mark.soak
def test_what_a_site_acknowledged_outlives_every_kill(stage: Callable[[Play], str], tmp_path: Path) -> None:
    """It dies once a page, a command or nothing was under way beside it."""
    url = stage(launched_today)
    put_key(tmp_path)
    draw, kept = random.Random(1), Acknowledged()
    for life in range(LIVES):
        with ExitStack() as stack:
            serving = stack.enter_context(
                Serving.start(tmp_path, "--no-prefect", database_url="" if url.startswith("sqlite") else url)
            )
            wait_for(lambda asked=serving.site: asked("/health").status_code == 200, "the site")  # type: ignore[misc]
            site = Site(serving)
            browser = site.browser(EVERYTHING)
            for page in draw.sample(PAGES, 3):
                assert browser.get(page).status_code == 200, page
            for command in draw.sample(COMMANDS, 2):
                assert begin(site, command, life).wait() in (0, 1), command
            kept |= write_much(site, site.tasks()[:WRITES], f"Lần {life}")
            if draw.random() < 0.5:
                stack.callback(begin(site, draw.choice(COMMANDS), life).wait)
            serving.process.kill()
            serving.process.wait()
        assert kept.missing(url) == [], f"life {life}"


def begin(site: Site, command: str, life: int) -> subprocess.Popen[bytes]:
    words = command.replace("{}", f"{life}-{random.random()}").split()
    return subprocess.Popen(
        [sys.executable, "-c", "import dondoc; dondoc.main()", *words],
        cwd=site.serving.data,
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
