"""`dondoc config`: the settings in force, without their secrets."""

from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from commands.context import CommandContext, command, front
from models.i18n import _

_HIDDEN = "***"


@command(front, "config", example="dondoc config --json", ready=False)
def config(context: CommandContext) -> None:
    """Show the settings in force: flag, then environment (DONDOC_…), then dondoc.toml, then default."""
    data = context.settings.model_dump(mode="json")
    data["database_url"] = redacted(context.settings.url)
    data["mail"]["password"] = _HIDDEN if context.settings.mail.password else None
    if context.settings.oidc is not None:
        data["oidc"]["client_secret"] = _HIDDEN
    if context.settings.prefect_database_url is not None:
        data["prefect_database_url"] = redacted(context.settings.prefect_database_url.get_secret_value())
    data["prefect_auth"] = _HIDDEN if context.settings.prefect_auth else None
    rows = [{"name": name, "value": value} for name, value in _flat(data)]
    context.show(data, context.table(rows, {"name": _("setting"), "value": _("value")}))


def redacted(url: str) -> str:
    """Return the URL without its password, wherever that stands."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return _HIDDEN
    query = {name: _HIDDEN if "pass" in name.lower() else value for name, value in parsed.query.items()}
    return parsed.set(query=query).render_as_string(hide_password=True)


def _flat(data: dict[str, Any], before: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in data.items():
        rows += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]
    return rows
