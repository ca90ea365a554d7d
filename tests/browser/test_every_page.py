"""What holds of every page: axe-core finds nothing, nothing scrolls sideways, nothing is loaded from afar."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, Page, expect
from starlette.routing import compile_path

from tests.browser import axe
from tests.browser.pages import NO_PAGES, PAGES, Shown
from tests.browser.places import Place
from tests.browser.screenshots import gallery_shots
from tests.browser.visits import DESK, PHONE, Visit, visiting

pytestmark = pytest.mark.long


@dataclass
class Opened:
    """A page of the registry, open in a browser of its own."""

    shown: Shown
    place: Place
    visit: Visit
    page: Page


@pytest.fixture(scope="module")
def visit_of(browser: Browser, autumn: Place) -> Iterator[Callable[[str], Visit]]:
    """The browser of somebody who is signed in: started once, as each takes as long as a page takes to be looked at."""
    with ExitStack() as closing:
        yield cache(lambda who: closing.enter_context(visiting(browser, autumn, who)))


@pytest.fixture(scope="module", params=PAGES, ids=lambda shown: shown.name)
def opened(
    request: pytest.FixtureRequest, browser: Browser, autumn: Place, visit_of: Callable[[str], Visit]
) -> Iterator[Opened]:
    """Each page, opened once for the tests of it. What the browser complains of meanwhile fails at the end."""
    shown: Shown = request.param
    if shown.who is None:  # a browser that nobody has used: who comes in by a link may be known in it afterwards
        with visiting(browser, autumn) as visit:
            yield Opened(shown, autumn, visit, shown.open(visit))
        return
    visit = visit_of(shown.who)
    visit.resize(DESK)
    visit.page.emulate_media(color_scheme="light")
    yield Opened(shown, autumn, visit, shown.open(visit))
    faults, visit.faults = visit.faults, []
    assert not faults, "\n".join(faults)


def test_the_keyboard_comes_past_the_menu_at_once(opened: Opened) -> None:
    """The first stop is "skip to the content"; and every page has a title of its own."""
    page = opened.page
    assert page.title().strip() not in ("", "Đôn đốc")
    if page.evaluate("document.activeElement !== document.body"):
        return  # a page that is one field begins in it
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement === document.body || !document.activeElement.closest('header')")
    assert inside, "the next stop is in the header again"


@pytest.mark.usefixtures("axe_core")
def test_a_page_shuts_nobody_out(opened: Opened) -> None:
    """On a phone and at a desk, light and dark: no rule of WCAG 2.2 AA that axe-core can check is broken."""
    found = []
    opened.page.evaluate("document.activeElement.blur()")  # the skip link lies over others while it is focused
    for width in (PHONE, DESK):
        opened.visit.resize(width)
        if (overhang := opened.visit.overhang()) > 0:
            found.append(f"{width} px: scrolls sideways by {overhang} px")
        opened.page.emulate_media(color_scheme="light")
        found += [f"{width} px, light: {violation}" for violation in axe.look(opened.page)]
        opened.page.emulate_media(color_scheme="dark")
        found += [f"{width} px, dark: {violation}" for violation in axe.look(opened.page, axe.OF_COLOURS)]
    assert not found, "\n".join(found)


def test_a_field_on_a_phone_is_wide_enough_to_be_read(opened: Opened) -> None:
    opened.visit.resize(PHONE)
    crushed = opened.page.eval_on_selector_all(
        "main input[type=search], main select",
        "all => all.filter(one => one.offsetParent && one.offsetWidth < 64).map(one => one.id || one.name)",
    )
    assert not crushed


@pytest.fixture(scope="module")
def looked_up() -> dict[tuple[str | None, str], int]:
    """What a reader was answered at an address: a menu's links are not followed from each page anew."""
    return {}


def test_what_a_page_offers_is_there(opened: Opened, looked_up: dict[tuple[str | None, str], int]) -> None:
    """Its links lead to pages that this reader may open, one of each kind; its forms go where they are taken."""
    shown, place, page = opened.shown, opened.place, opened.page
    links = page.eval_on_selector_all(  # of a chart's link, `href` is no text
        "a[href]", "all => all.map(one => new URL(one.getAttribute('href'), one.baseURI).href)"
    )
    forms = page.eval_on_selector_all(
        "form", "all => all.map(one => [one.method.toUpperCase(), one.getAttribute('action') || location.pathname])"
    )
    wrong = [f"{method} {path}" for method, path in forms if _route(place, urlsplit(path).path, method) is None]
    ours = [link.removeprefix(place.url) for link in links if link.startswith(f"{place.url}/")]
    kinds = {_route(place, urlsplit(link).path, "GET") or link: link for link in ours}
    for kind, link in kinds.items():
        if (shown.who, link) not in looked_up or shown.who is None:
            looked_up[shown.who, link] = opened.visit.context.request.get(place.url + link).status
        status = looked_up[shown.who, link]
        # 422 is a page that asks for what is missing
        if status >= 400 and status != 422 and (kind, status) != (shown.route, shown.status):
            wrong.append(f"{kind} ({link}): {status}")
    assert not wrong, "\n".join(wrong)


def _route(place: Place, path: str, method: str) -> str | None:
    """The path of the site's route that takes an address, as it is written in the code."""
    for route in iter_route_contexts(place.app.routes):
        if method in (route.methods or ()) and _form(route.path or "").fullmatch(path):
            return route.path
    return None


@cache
def _form(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


def test_no_page_is_forgotten(autumn: Place) -> None:
    routes = {route.path for route in iter_route_contexts(autumn.app.routes) if "GET" in (route.methods or ())}
    known = {shown.route for shown in PAGES} | set(NO_PAGES)
    assert routes - known == set(), "a page to be entered in tests/browser/pages.py"
    assert known - routes == set(), "no longer a page of the site"


def test_a_page_has_one_name_and_its_picture_stands_in_the_how_to() -> None:
    """`make screenshots ARGS=--how-to` makes each picture once, at a width that a window has."""
    names = [shown.name for shown in PAGES]
    assert sorted(set(names)) == sorted(names)
    pictures = {shown.name: shown.how_to for shown in PAGES if shown.how_to}
    assert set(pictures.values()) <= {PHONE, DESK}
    kept = {path.name for path in Path("docs/how-to/pictures").iterdir()}
    assert kept == {f"{name}.{language}.webp" for name in pictures for language in ("vi", "en")}


def test_the_gallery_shows_the_pictures_that_its_command_makes() -> None:
    made = {f"{shot.name}.webp" for shot in gallery_shots()}
    assert len(made) == 30
    assert {path.name for path in Path("docs/gallery").iterdir()} == made
    assert set(re.findall(r"\(gallery/([\w.-]+)\)", Path("docs/gallery.md").read_text(encoding="utf-8"))) == made
