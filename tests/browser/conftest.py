"""One Chromium for all browser tests of a worker, and installations to look at with it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import axe, chromium, season
from tests.browser.places import Place, copy_of, made_once, open_place
from tests.browser.visits import Visiting, visiting
from tests.missing import skip_or_fail


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. Of the package, not of the session: while it is open, no test of this process can run an event loop."""
    if chromium.find_chromium() is None:
        skip_or_fail(chromium.ADVICE)
    with chromium.open_chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run see."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="package")
def axe_core(shared: Path) -> None:
    """axe-core is here."""
    if not axe.install(shared):
        skip_or_fail(axe.ADVICE)


@pytest.fixture(scope="package")
def autumn(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation in the middle of its work, for looking only."""
    made = made_once(shared / "autumn", season.make)
    with open_place(copy_of(made, tmp_path_factory.mktemp("autumn")), season.NOW) as place:
        yield place


@pytest.fixture
def place(shared: Path, tmp_path: Path) -> Iterator[Place]:
    """An installation of a test's own, furnished; nothing is launched yet."""
    made = made_once(shared / "furnished", season.furnish)
    with open_place(copy_of(made, tmp_path / "data"), season.START) as place:
        yield place
    place.story.check_house_rules()


@pytest.fixture
def visit(browser: Browser, place: Place) -> Visiting:
    """Opens a browser at `place`: `with visit("le.thi.c") as coordinator:`."""
    return partial(visiting, browser, place)
