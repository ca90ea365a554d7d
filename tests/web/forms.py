"""Forms as a browser holds them: opened with a page, and perhaps sent long after it."""

import re

import httpx

from tests.page import Page
from tests.web.site import Reader

Filled = tuple[str, dict[str, str]]
"""Where a form goes, and what it holds that nobody sees."""


def form_of(page: str, do: str, at: str = "") -> Filled:
    """The one form of a page that does this, by its button or address; `at`, a pattern, is in it where several do."""
    forms = Page(page).forms('form[method="post"]')
    fit = [one for one in forms if one.does(do)] or [one for one in forms if one.action.endswith(f"/{do}")]
    (form,) = [one for one in fit if re.search(at, one.action)]
    return form.action, form.hidden | ({"do": do} if form.does(do) else {})


def fill(reader: Reader, page: str, do: str, at: str = "") -> Filled:
    """The same of a page that is opened now."""
    return form_of(reader.get(page).text, do, at)


def press(reader: Reader, filled: Filled, **fields: object) -> httpx.Response:
    """Sends a form."""
    action, hidden = filled
    headers = {"origin": "http://dondoc.example", "sec-fetch-site": "same-origin"}
    return reader.ask("POST", action, data=hidden | fields, headers=headers)


def forms_on(page: str) -> list[Filled]:
    """Every form of a page as a browser sends it when nothing is typed: where it goes, and all of its fields."""
    return [(form.action, form.fields) for form in Page(page).forms()]
