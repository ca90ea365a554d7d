"""What holds of every page: axe-core finds nothing, nothing scrolls sideways, nothing is loaded from afar."""

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Browser, expect

from tests.browser import axe
from tests.browser.pages import NO_PAGES, PAGES, Shown
from tests.browser.places import Place
from tests.browser.visits import DESK, PHONE, visiting


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_shuts_nobody_out(browser: Browser, autumn: Place, shown: Shown) -> None:
    """On a phone and at a desk, light and dark: no rule of WCAG 2.2 AA that axe-core can check is broken."""
    found = []
    with visiting(browser, autumn, shown.who, width=PHONE) as visit:
        page = visit.open(shown.path(autumn), shown.status)
        for width in (PHONE, DESK):
            visit.resize(width)
            if visit.overhang() > 0:
                found.append(f"{width} px: scrolls sideways by {visit.overhang()} px")
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += [f"{width} px, {scheme}: {violation}" for violation in axe.look(page)]
    assert not found, "\n".join(found)


def test_no_page_is_forgotten(autumn: Place) -> None:
    routes = {route.path for route in iter_route_contexts(autumn.app.routes) if "GET" in (route.methods or ())}
    known = {shown.route for shown in PAGES} | set(NO_PAGES)
    assert routes - known == set(), "a page to be entered in tests/browser/pages.py"
    assert known - routes == set(), "no longer a page of the site"


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_the_keyboard_comes_past_the_menu_at_once(browser: Browser, autumn: Place, shown: Shown) -> None:
    """The first stop is "skip to the content"; and every page has a title of its own."""
    with visiting(browser, autumn, shown.who) as visit:
        page = visit.open(shown.path(autumn), shown.status)
        assert page.title().strip() not in ("", "Đôn đốc")
        page.keyboard.press("Tab")
        expect(page.locator("a.skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement === document.body || !document.activeElement.closest('header')")
        assert inside, "the next stop is in the header again"
