"""What must be so before work is shared between machines."""

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from models.errors import BadInput
from models.i18n import _
from models.settings import Settings


def check_database(settings: Settings) -> None:
    """BadInput unless the database is one that many machines can write to."""
    try:
        backend = make_url(settings.url).get_backend_name()
    except ArgumentError:
        return  # told, with what would be right, by whoever opens it
    if backend != "postgresql":
        raise BadInput(
            _("database_url: work shared between machines needs PostgreSQL, not SQLite; right would be {right}"),
            right="postgresql://user:password@host/dondoc",
        )


def check_address(settings: Settings) -> str:
    """Return the address of Prefect's API; BadInput where none is set."""
    if settings.prefect_api_url is None:
        raise BadInput(
            _("prefect_api_url: needed here, the address of the Prefect server of all machines, such as {right}"),
            right="http://10.0.0.5:4200/api",
        )
    return settings.prefect_api_url
