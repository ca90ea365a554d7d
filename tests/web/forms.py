"""Forms as a browser holds them: opened with a page, and perhaps sent long after it."""

import re
from typing import Any

import httpx
from lxml.html import fromstring

from tests.web.site import Reader

Filled = tuple[str, dict[str, str]]
"""Where a form goes, and what it holds that nobody sees."""


def form_of(page: str, do: str, at: str = "") -> Filled:
    """The one form of a page that does this, by its button or address; `at`, a pattern, is in it where several do."""
    forms = re.findall(r'<form method="post" action="([^"]+)"(.*?)</form>', page, re.DOTALL)
    button = f'name="do" value="{do}"'
    fit = [one for one in forms if button in one[1]] or [one for one in forms if one[0].endswith(f"/{do}")]
    ((action, inside),) = [one for one in fit if re.search(at, one[0])]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))
    return action, hidden | ({"do": do} if button in inside else {})


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
    parsed: Any = fromstring(page)
    return [
        (str(form.action), {name: value or "" for name, value in form.fields.items() if name}) for form in parsed.forms
    ]
