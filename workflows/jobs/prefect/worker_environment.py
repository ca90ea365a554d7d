"""What a worker and the processes of its runs are told by their environment; to be set before Prefect is imported."""

from collections.abc import Mapping

from models.settings import Settings

QUERY_SECONDS = 2  # so often a worker asks for runs
ALIVE_SECONDS = 10  # so often it says that it lives; after three times that it counts as gone
HEARTBEAT_SECONDS = 30  # so often a run says that it goes on; the least that Prefect takes
_NEEDED = ("PATH", "HOME", "USER", "TMPDIR", "TZ", "SYSTEMROOT", "VIRTUAL_ENV")
_NEEDED_OF = (
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
_OF_THE_SERVER = ("DONDOC_PREFECT_DATABASE_URL", "PREFECT_SERVER_DATABASE_")


def worker_environment(inherited: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the environment of a worker and of its runs: of what it inherits, only what they need.

    Database and mail are the worker's own affair, from here or from dondoc.toml: Prefect never hears of them.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if (name in _NEEDED or name.upper().startswith(_NEEDED_OF)) and not name.upper().startswith(_OF_THE_SERVER)
    }
    return kept | {
        "DO_NOT_TRACK": "1",
        "DONDOC_DATA": str(settings.data.resolve()),  # a run's process begins in another folder
        "PREFECT_WORKER_QUERY_SECONDS": str(QUERY_SECONDS),
        "PREFECT_WORKER_HEARTBEAT_SECONDS": str(ALIVE_SECONDS),
        "PREFECT_WORKER_PREFETCH_SECONDS": "1",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_SECONDS),
    }
