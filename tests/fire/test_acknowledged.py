"""What the site has said that it has done stays done, whatever else opens its database, and however it ends."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fire.beside import Site, launched_today, write_much
from tests.keys import put_key
from tests.scenes import Play
from tests.serve.serving import Serving, wait_for

pytestmark = pytest.mark.long


def test_every_page_and_job_beside_a_server_and_kill_9_lose_no_write(
    stage: Callable[[Play], str], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = stage(launched_today)
    put_key(tmp_path)
    with Serving.start(tmp_path, "--no-prefect", database_url="" if url.startswith("sqlite") else url) as serving:
        site = Site(serving)
        wait_for(lambda: serving.site("/health").status_code == 200, "the site")
        statuses = site.open_everything()
        assert statuses[200] > 100, statuses
        site.do_every_job()
        site.assert_held()
        site.give_every_command(tmp_path_factory.mktemp("terminal"))
        site.assert_held()
        written = write_much(site, site.tasks()[:4], "Đã nhận")
        assert written.missing(url) == [], "another process does not see it"
        site.assert_held()
        serving.process.kill()
        serving.process.wait()
        assert written.missing(url) == []
