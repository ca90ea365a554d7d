"""However much there is, a page asks the database as often as with a little of it."""

from collections.abc import Callable

import pytest

from models.tasks.task import TaskStatus
from tests.web.more_tasks import more
from tests.web.pages_of_size import PAGES
from tests.web.site import Office

pytestmark = pytest.mark.long

DATABASES = ("sqlite", "postgresql")


@pytest.mark.parametrize(("who", "page"), PAGES)
def test_a_thousand_tasks_more_cost_no_query_more(
    office: Office, who: str, page: str | Callable[[Office], str]
) -> None:
    reader, address = office.sign_in(who), page(office) if callable(page) else page
    more(office, office.task("4"), 9, status=TaskStatus.ACCEPTED)
    few = office.queries(reader, address)
    more(office, office.task("4"), 990, status=TaskStatus.ACCEPTED)
    assert office.queries(reader, address) == few
