"""What watches the pages sees what it should: a green run says something."""

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.places import Place
from tests.browser.visits import PHONE, visiting

pytestmark = pytest.mark.long


@pytest.mark.usefixtures("axe_core")
def test_a_picture_without_words_pale_letters_and_small_targets_are_found(browser: Browser, autumn: Place) -> None:
    with visiting(browser, autumn) as visit:
        page = visit.open("/sign-in")
        page.evaluate("document.querySelector('main').innerHTML += '<img src=\"/static/icon.svg\">'")
        page.evaluate("document.querySelector('h1').style.color = '#ddd'")
        page.evaluate(
            "document.querySelector('main').append(...['a', 'b'].map(id => Object.assign("
            "document.createElement('button'), {id, innerText: id})))"
        )
        page.evaluate(
            "for (const id of 'ab') { const s = document.getElementById(id).style; s.padding = 0; "
            "s.font = '9px sans-serif'; s.border = 0; s.minHeight = 0 }"
        )
        assert {found.rule for found in axe.look(page)} == {"image-alt", "color-contrast", "target-size"}


def test_a_page_that_scrolls_sideways_is_found(browser: Browser, autumn: Place) -> None:
    with visiting(browser, autumn, width=PHONE) as visit:
        page = visit.open("/sign-in")
        assert visit.overhang() == 0
        page.evaluate("document.querySelector('h1').style.width = '500px'")
        assert visit.overhang() > 0


@pytest.mark.parametrize(
    "mischief",
    [
        "const one = document.createElement('script'); one.textContent = '1'; document.head.append(one)",
        "document.querySelector('main').innerHTML += '<p style=\"color: red\">x</p>'",
        "const one = new Image(); one.src = 'http://127.0.0.2:9/'; document.body.append(one)",
        "console.error('broken')",
        "setTimeout(() => { throw new Error('broken') })",
        "const one = new Image(); one.src = '/static/none.svg'; document.body.append(one)",
    ],
    ids=["inline-script", "inline-style", "another-host", "console-error", "exception", "missing-file"],
)
def test_what_a_page_may_not_do_is_noted(browser: Browser, autumn: Place, mischief: str) -> None:
    with visiting(browser, autumn) as visit:
        page = visit.open("/sign-in")
        page.evaluate(f"() => {{ {mischief} }}")
        for _ in range(100):
            page.wait_for_timeout(20)  # the browser tells of it when it gets to it
            if visit.faults:
                break
        assert visit.faults
        visit.faults.clear()
