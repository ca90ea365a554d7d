"""A real OpenID provider (the certified oidc-provider from npm) in a process of its own, and a site that trusts it."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from models.settings import OidcSettings
from tests.missing import skip_or_fail
from tests.oidc.provider import ACCOUNTS, Provider
from tests.web.accounts.conftest import house  # noqa: F401
from tests.web.accounts.house import House

HERE = Path(__file__).parent
ADVICE = "the OpenID provider needs node and npm: `apt-get install nodejs npm`"
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
