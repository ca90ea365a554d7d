"""The provider, and somebody's browser at it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.accounts.people import HEAD
from tests.page import Page
from tests.web.accounts.conftest import house  # noqa: F401

ACCOUNTS: dict[str, dict[str, Any]] = {
    "ngan": {"email": f"{HEAD}@mpt.example", "email_verified": True},
    "unverified": {"email": f"{HEAD}@mpt.example", "email_verified": False},
    "stranger": {"email": "ai.do@noi.khac.example", "email_verified": True},
    "without": {},
    "impostor": {"email": f"{HEAD}@MPT.example", "email_verified": True},
}


@dataclass
class Provider:
    """The provider, and somebody's browser at it with its cookies."""

    issuer: str
    browser: httpx.Client

    def sign_in(self, url: str, account: str) -> str:
        """Follows an authorization address through the provider's own forms, as somebody whom it does not know yet.

        Returns where it sends the browser.
        """
        self.browser.cookies.clear()
        answer = self._follow(url)
        for _step in range(10):
            if answer.is_redirect:
                return str(answer.headers["location"])
            action, fields = _form(answer)
            if fields.get("prompt") == "login":
                fields |= {"login": account, "password": "any"}
            answer = self._follow(action, fields)
        raise AssertionError("the provider goes round in circles")

    def asks_who_it_is(self, url: str) -> bool:
        """Whether an authorization address leads to a form in which a name is asked for."""
        return 'name="login"' in self._follow(url).text

    def sign_out(self, url: str) -> str:
        """Follows the address at which it is left, and agrees; what it says then."""
        action, fields = _form(self._follow(url))
        return self._follow(action, fields | {"logout": "yes"}).text

    def _follow(self, url: str, fields: dict[str, str] | None = None) -> httpx.Response:
        """A page of the provider, or the answer that leads away from it."""
        answer = self.browser.get(url) if fields is None else self.browser.post(url, data=fields)
        while answer.is_redirect:
            location = answer.url.join(answer.headers["location"])
            if not str(location).startswith(self.issuer):
                return answer
            answer = self.browser.get(location)
        assert answer.status_code == 200, answer.text
        return answer


def _form(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Where the form of a page goes, and its hidden fields."""
    form = Page(answer.text).forms()[0]
    return str(answer.url.join(form.action)), form.hidden
