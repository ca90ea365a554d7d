"""What is printed: the giao ban list fits one sheet of A4."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.places import Place
from tests.browser.visits import visiting

pytestmark = pytest.mark.long


def test_the_briefing_list_is_one_a4(browser: Browser, autumn: Place) -> None:
    with visiting(browser, autumn, "le.thi.c") as visit:
        page = visit.open("/directives/ct-06-2004/briefing")
        sheets = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True)))
    assert sheets == 1
