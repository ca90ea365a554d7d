"""A real OpenID provider (the certified oidc-provider from npm) in a process of its own, and a site that trusts it."""

import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from models.settings import OidcSettings
from tests.missing import skip_or_fail
from tests.web.accounts.conftest import HEAD, House, house  # noqa: F401

HERE = Path(__file__).parent
ADVICE = "the OpenID provider needs node and npm: `apt-get install nodejs npm`"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "ngan": {"email": f"{HEAD}@mpt.example", "email_verified": True},
    "unverified": {"email": f"{HEAD}@mpt.example", "email_verified": False},
    "stranger": {"email": "ai.do@noi.khac.example", "email_verified": True},
    "without": {},
    "impostor": {"email": f"{HEAD}@MPT.example", "email_verified": True},
}
SECRET = "a secret of the tests, long enough for anybody"


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running provider; skipped where node or npm is missing, but never in CI."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        skip_or_fail(ADVICE)
    _install(tmp_path_factory.getbasetemp().parent)
    client = {
        "client_id": "dondoc",
        "client_secret": SECRET,
        "redirect_uris": ["http://dondoc.example/sign-in/oidc/back"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }
    given = json.dumps({"client": client, "accounts": ACCOUNTS})
    with subprocess.Popen(
        ["node", "provider.mjs", given],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        told = process.stdout.readline()
        assert told, "the provider did not start"
        yield json.loads(told)["issuer"]
        process.stdin.close()  # it ends with us
        process.wait(10)


def _install(locks: Path) -> None:
    """Has npm fetch the provider unless it is here; one worker of a run at a time."""
    with (locks / "oidc.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (HERE / "node_modules" / "oidc-provider").is_dir():
            return
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, f"npm ci in {HERE} failed: {done.stderr[-2000:]}"


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
    action = unescape(re.findall(r'<form[^>]* action="([^"]+)"', answer.text)[0])
    return str(answer.url.join(action)), dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))


@pytest.fixture
def provider(issuer: str) -> Iterator[Provider]:
    with httpx.Client(timeout=20) as browser:
        yield Provider(issuer, browser)


@pytest.fixture
def trusting(house: House, issuer: str) -> House:  # noqa: F811
    """A site that trusts the provider."""
    house.office.settings.oidc = OidcSettings(
        issuer=issuer, client_id="dondoc", client_secret=SecretStr(SECRET), label="Cổng đăng nhập Bộ"
    )
    return house
