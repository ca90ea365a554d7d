"""Somebody's browser at one installation: signed in or not, on a phone or a desk, watched for what goes wrong."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser.places import Place
from web.request.cookies import LANGUAGE, cookie_name

PHONE, DESK = 390, 1280
_PATIENCE = 30_000  # ms: a machine may be busy
_HEIGHTS = {PHONE: 844, DESK: 800}
expect.set_options(timeout=_PATIENCE)


@dataclass
class Visit:
    """A browser of its own, with its own cookies. `faults` gathers what no page may do."""

    place: Place
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)

    def open(self, path: str, status: int = 200) -> Page:
        """Opens a page of the site by its path; it must answer with this status."""
        answer = self.page.goto(self.place.url + path)
        assert answer is not None and answer.status == status, f"{path}: {answer and answer.status}, not {status}"
        return self.page

    def press(self, key: str) -> None:
        """A key, once the page's scripts listen: one that is pressed before them is heard by nobody."""
        self.page.wait_for_load_state("domcontentloaded")
        self.page.keyboard.press(key)

    def resize(self, width: int) -> None:
        """A phone (390) or a desk (1280)."""
        self.page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})

    def overhang(self) -> int:
        """By how many CSS pixels the page is wider than its window, so that it scrolls sideways."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def watch(self, page: Page) -> None:
        """Notes what the page does wrong from now on."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # a page that answers 404 is said to be one by the browser; what matters is what the page itself loads and does
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.place.url + "/"):
            self.faults.append(f"{request.frame.url}: asks {request.url}")

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not is_page):
            self.faults.append(f"{response.url}: {response.status}")


@contextmanager
def visiting(
    browser: Browser,
    place: Place,
    who: str | None = None,
    *,
    width: int = DESK,
    language: Literal["vi", "en"] = "vi",
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
    scale: float = 1,
) -> Iterator[Visit]:
    """A browser opened for a while, `who` (a person's code) signed in. At its end nothing may have gone wrong in it."""
    context = browser.new_context(
        viewport={"width": width, "height": _HEIGHTS[width]},
        device_scale_factor=scale,
        locale="vi-VN" if language == "vi" else "en-GB",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme=scheme,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(_PATIENCE)
    cookies: dict[str, str] = {LANGUAGE: language}
    if who is not None:
        cookies[cookie_name(place.story.settings)] = place.open_session(who)
    context.add_cookies([{"name": name, "value": value, "url": place.url} for name, value in cookies.items()])
    visit = Visit(place, context, context.new_page())
    context.on("page", visit.watch)
    visit.watch(visit.page)
    try:
        yield visit
    finally:
        context.close()
    assert not visit.faults, "\n".join(visit.faults)


Visiting = Callable[..., AbstractContextManager[Visit]]
