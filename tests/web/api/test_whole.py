"""Everything the pages do is in the API, or stands in docs/api.md with the reason why it is not."""

import re
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from docs.make_api import BESIDE, ONLY_PAGES, page
from models.database.session import open_engine
from models.settings import Settings
from web.app import create_app

APP = create_app(open_engine("sqlite://"), Settings())
CALLS = {f"{method.upper()} {path}" for path, methods in APP.state.api.openapi()["paths"].items() for method in methods}
PAGES = sorted(
    f"{method} {route.path}"
    for route in iter_route_contexts(APP.routes)
    for method in (route.methods or ())
    if method != "HEAD"
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_call_or_a_reason(name: str) -> None:
    path = name.partition(" ")[2]
    found = [what for what, pages, _calls in BESIDE if name in pages]
    found += [what for pattern, what, _why in ONLY_PAGES if re.match(pattern, path)]
    assert len(found) == 1, "enter the page in docs/make_api.py, once"


def test_every_call_that_is_named_is_there_and_every_page_too() -> None:
    assert len(PAGES) > 150
    assert {call for _what, _pages, calls in BESIDE for call in calls} <= CALLS
    assert {name for _what, pages, _calls in BESIDE for name in pages} <= set(PAGES)


def test_the_page_of_the_api_is_what_is_checked() -> None:
    assert (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8") == page()
