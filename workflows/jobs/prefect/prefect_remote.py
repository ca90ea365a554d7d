"""The Prefect server that many machines share: whether it answers, and what is wrong where it does not."""

import json
import threading
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from models.errors import Refused
from models.i18n import Words, _
from models.operations.logs import get_log
from workflows.jobs.prefect.prefect_server import check_auth

_ANSWER_SECONDS = 5.0  # whoever waits longer does the work without it
_PATIENCE = 30.0  # seconds that a command gives a busy server
Say = Callable[..., None]
"""Tells the user a message id, filled with facts."""
_log = get_log(__name__)


class RemotePrefect:
    """A server elsewhere, by the address of its API; `auth` is what it asks everybody for ("user:password")."""

    def __init__(self, api_url: str, home: Path, *, auth: str | None = None, say: Say | None = None) -> None:
        check_auth(auth)
        self.api_url, self.home, self.auth, self._say = api_url, home, auth, say
        self._lock = threading.Lock()
        self._told: bool | None = None

    @property
    def url(self) -> str:
        """Return where its pages are."""
        return self.api_url.removesuffix("/api")

    def check(self) -> bool:
        """Return whether it answers now; said once whenever that changes."""
        trouble = self.trouble()
        with self._lock:
            is_new, self._told = self._told is not (trouble is None), trouble is None
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
        """Refused, with what to do, where it does not answer."""
        trouble = self.trouble(_PATIENCE)
        if trouble is not None:
            raise Refused("{trouble}", trouble=trouble)

    def trouble(self, seconds: float = _ANSWER_SECONDS) -> Words | None:
        """Return what is wrong with the server, with what to do about it; None where it answers within `seconds`."""
        headers = {"Authorization": f"Basic {b64encode(self.auth.encode()).decode()}"} if self.auth else {}
        try:
            with urlopen(Request(f"{self.api_url}/admin/version", headers=headers), timeout=seconds) as answer:
                version = json.load(answer)
        except HTTPError as error:
            error.close()
            if error.code in (401, 403):
                return Words(
                    _("prefect_auth: Prefect at {url} refuses it; right would be what its own machine has there"),
                    url=self.url,
                )
            return self._no_prefect(f"HTTP {error.code}")
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            return Words(
                _("Prefect does not answer at {url} ({reason}): is `dondoc prefect-server` running there?"),
                url=self.url,
                reason=getattr(reason, "strerror", None) or str(reason),
            )
        except ValueError:
            return self._no_prefect("no JSON")
        return None if isinstance(version, str) else self._no_prefect(type(version).__name__)

    def _no_prefect(self, reason: str) -> Words:
        return Words(
            _("prefect_api_url {url}: no Prefect server answers there ({reason}); right would end in /api"),
            url=self.api_url,
            reason=reason,
        )
