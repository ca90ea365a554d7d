"""What a page costs follows what it shows: on SQLite none of its queries walks through a table that only ever grows."""

from typing import Any

import pytest
from sqlalchemy import event

from models.tasks.task import TaskStatus
from tests.plans import walks
from tests.web.more_tasks import more
from tests.web.pages_of_size import PAGES
from tests.web.site import Office


@pytest.mark.parametrize(("who", "page"), PAGES)
def test_no_page_walks_through_what_was_done_over_the_years(office: Office, who: str, page: Any) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics")
    more(office, office.task("4"), 9, status=TaskStatus.ACCEPTED)
    reader, address = office.sign_in(who), page(office) if callable(page) else page
    asked: dict[str, Any] = {}

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        asked.setdefault(statement, values)

    event.listen(office.engine, "before_cursor_execute", keep)
    assert reader.get(address).status_code == 200
    event.remove(office.engine, "before_cursor_execute", keep)
    walked = [walk for statement, values in asked.items() for walk in walks(office.engine, statement, values)]
    assert not walked, "\n".join(walked)
