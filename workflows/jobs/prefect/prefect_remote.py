"""Check what many machines share, a database and a Prefect server, and prepare the environment of workers.

Import this module before Prefect, which reads the environment when it is imported.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.errors import BadInput, Refused
from models.i18n import Words, _
from models.operations.logs import get_log
from models.settings import Settings
from workflows.jobs.prefect.prefect_server import check_auth, login_of

_ANSWER_SECONDS = 5.0  # after this the work is done without Prefect
_PATIENCE = 30.0  # seconds that a command gives a busy server
QUERY_SECONDS = 2  # between two requests of a worker for runs
ALIVE_SECONDS = 10  # between two signs of life of a worker; after three missing ones it counts as gone
HEARTBEAT_SECONDS = 30  # between two heartbeats of a run; the least that Prefect accepts
_NEEDED_VARIABLES = ("PATH", "HOME", "USER", "TMPDIR", "TZ", "SYSTEMROOT", "VIRTUAL_ENV")
_NEEDED_PREFIXES = (
    "DONDOC_",
    "PREFECT_",
    "OTEL_",
    "LC_",
    "LANG",
    "PYTHON",
    "SSL_CERT_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
_SERVER_PREFIXES = ("DONDOC_PREFECT_DATABASE_URL", "PREFECT_SERVER_DATABASE_")
Say = Callable[..., None]
"""Tells the user a message id, filled with facts."""
_log = get_log(__name__)


class RemotePrefect:
    """A server on another machine, by the address of its API. `auth` is its login ("user:password")."""

    def __init__(self, api_url: str, home: Path, *, auth: str | None = None, say: Say | None = None) -> None:
        check_auth(auth)
        self.api_url, self.home, self.auth, self._say = api_url, home, auth, say
        self._lock = threading.Lock()
        self._last_answered: bool | None = None

    @property
    def url(self) -> str:
        return self.api_url.removesuffix("/api")

    def check(self) -> bool:
        """Return whether the server answers now. Log and say it whenever that changes."""
        trouble = self.trouble()
        with self._lock:
            is_new, self._last_answered = self._last_answered is not (trouble is None), trouble is None
        if is_new and trouble is None:
            _log.info("prefect_answers", url=self.url)
        elif is_new and trouble is not None:
            _log.warning("prefect_silent", url=self.url, reason=str(trouble))
        if is_new and self._say is not None:
            if trouble is None:
                self._say(_("Prefect runs the background work: {url}"), url=self.url)
            else:
                self._say(_("{trouble} – until it does, the background work is done here"), trouble=trouble)
        return trouble is None

    def need(self) -> None:
        """Raise Refused with advice if the server does not answer."""
        trouble = self.trouble(_PATIENCE)
        if trouble is not None:
            raise Refused("{trouble}", trouble=trouble)

    def trouble(self, seconds: float = _ANSWER_SECONDS) -> Words | None:
        """Return what is wrong with the server, with advice; None if it answers within `seconds`."""
        try:
            answer = httpx.get(f"{self.api_url}/admin/version", auth=login_of(self.auth), timeout=seconds)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = _("Prefect does not answer at {url} ({reason}): is `dondoc prefect-server` running there?")
            return Words(words, url=self.url, reason=str(error).rpartition("] ")[2] or type(error).__name__)
        if answer.status_code in (401, 403):
            return _("prefect_auth: Prefect at {url} refuses it; expected what its own machine has there", url=self.url)
        if not answer.is_success:
            return self._no_prefect(f"HTTP {answer.status_code}")
        try:
            version = answer.json()
        except ValueError:
            return self._no_prefect("no JSON")
        return None if isinstance(version, str) else self._no_prefect(type(version).__name__)

    def _no_prefect(self, reason: str) -> Words:
        return _(
            "prefect_api_url {url}: no Prefect server answers there ({reason}); right would end in /api",
            url=self.api_url,
            reason=reason,
        )


def check_database(settings: Settings) -> None:
    """Raise BadInput unless the database is one that many machines can write to."""
    try:
        backend = make_url(settings.url).get_backend_name()
    except ArgumentError:
        return  # opening the database raises the error
    if backend != "postgresql":
        raise BadInput(
            _("database_url: work shared between machines needs PostgreSQL, not SQLite; expected {right}"),
            right="postgresql://user:password@host/dondoc",
        )


def check_address(settings: Settings) -> str:
    """Return the address of the Prefect server. Raise BadInput if none is set."""
    if settings.prefect_api_url is None:
        raise BadInput(
            _("prefect_api_url: needed here, the address of the Prefect server of all machines, such as {right}"),
            right="http://10.0.0.5:4200/api",
        )
    return settings.prefect_api_url


def worker_environment(inherited: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the environment of a worker and of its runs: only the inherited variables that they need.

    The settings of database and mail come from there or from dondoc.toml. Prefect does not know them.
    """
    needed = {
        name: value
        for name, value in inherited.items()
        if (name in _NEEDED_VARIABLES or name.upper().startswith(_NEEDED_PREFIXES))
        and not name.upper().startswith(_SERVER_PREFIXES)
    }
    return needed | {
        "DO_NOT_TRACK": "1",
        "DONDOC_DATA": str(settings.data),  # a run's process starts in another folder
        "PREFECT_WORKER_QUERY_SECONDS": str(QUERY_SECONDS),
        "PREFECT_WORKER_HEARTBEAT_SECONDS": str(ALIVE_SECONDS),
        "PREFECT_WORKER_PREFETCH_SECONDS": "1",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    }
