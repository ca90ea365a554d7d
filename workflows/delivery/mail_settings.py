"""Shows an administrator the mail settings with their sources, and writes changes into the settings file.

Variables of the environment override the file and cannot be changed here. All values are checked before the file is
replaced in one step. Its comments and other contents stay. The change applies from this process's next letter on.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import SecretStr, ValidationError
from sqlmodel import Session
from tomlkit.items import Table

from models.errors import BadFields, BadInput, Refused
from models.i18n import Labelled, Words, _
from models.settings import MailSettings, Settings, mail_in_environment, settings_file
from models.text.faults import fault_words
from notifications.composing.mime import address_fault
from notifications.smtp.client import check_settings
from workflows.access.audit_log import AuditActor
from workflows.access.conflict import refuse_changed

FIELD_WORDS = {
    "mode": _("Where letters go"),
    "host": _("Mail server"),
    "port": _("Port"),
    "security": _("Line"),
    "user": _("User name"),
    "password": _("Password"),
    "sender": _("Sender's address"),
    "sender_name": _("Sender's name"),
    "bounce_address": _("Where letters come back to"),
    "reply_address": _("Where letters are answered to"),
    "only_to": _("Test mode: only to"),
    "letters_per_minute": _("At most a minute"),
    "letters_per_day": _("At most a day"),
    "letters_per_connection": _("Letters a connection"),
    "connections": _("Conversations at once"),
    "timeout_seconds": _("Seconds for all before a letter's text"),
    "dot_seconds": _("Seconds for the answer to a whole letter"),
    "resend_uncertain": _("Send again what may not have arrived"),
}
"""All fields of MailSettings, in the order in which pages show them."""
_LONGEST = 500  # characters
_OPTIONAL = ("user", "password", "bounce_address", "reply_address", "letters_per_minute", "letters_per_day")
_PASSWORD_TARGET = ("host", "port", "security", "user")
_GIVE_IT_ANEW = _("the stored password is not carried over: on the page, enter it again with this change, or remove it")
_IN_ENVIRONMENT = _("the password stands in DONDOC_MAIL_PASSWORD: set this beside it, in the environment")


class Source(Labelled):
    """Where a setting in force comes from."""

    ENVIRONMENT = "environment", _("environment variable")
    FILE = "file", _("settings file")
    START = "start", _("given at the start")  # by an argument of the command
    DEFAULT = "default", _("default")


def find_sources(mail: MailSettings) -> dict[str, Source]:
    fixed, file_values, defaults = mail_in_environment(), _read_file(), MailSettings()

    def source(field: str) -> Source:
        if field in fixed:
            return Source.ENVIRONMENT
        if field in file_values:
            return Source.FILE
        return Source.DEFAULT if getattr(mail, field) == getattr(defaults, field) else Source.START

    return {field: source(field) for field in FIELD_WORDS}


def shown_values(mail: MailSettings) -> dict[str, str]:
    """Return each field as the text of a form field. The password is always empty."""
    return {name: "" if name == "password" else _form_text(getattr(mail, name)) for name in FIELD_WORDS}


def _form_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def change_mail(
    session: Session, settings: Settings, form: Mapping[str, str], audit_actor: AuditActor, *, seen: str | None = None
) -> tuple[str, ...]:
    """Write the values of a form into dondoc.toml and apply them to this process. Return the fields that changed.

    An empty password leaves the stored one, "-" removes it. A new server, security or user needs the password again.
    `seen` is the mark (`mark_of`) of the settings that the form showed, None for no check.

    Raises BadFields, BadInput for settings that contradict each other, Conflict for an outdated form, and Refused
    where the settings are fixed or the file cannot be written. Then nothing is changed.
    """
    if settings.mail_is_fixed:
        raise Refused(_("the mail settings of this installation are fixed: the site does not change them"))
    if seen is not None:
        refuse_changed(seen, settings.mail, what=_("mail settings"))
    fixed = mail_in_environment()
    values = {name: value for name, value in _parse(form).items() if name in FIELD_WORDS and name not in fixed}
    before = settings.mail
    if values.get("password") is None:
        values.pop("password", None)
    elif values["password"] == "-":
        values["password"] = None
    after = _validated(before.model_dump() | values)
    changed = tuple(name for name in FIELD_WORDS if getattr(before, name) != getattr(after, name))
    if before.password is not None and "password" not in values:
        _refuse_new_server(changed, _IN_ENVIRONMENT if "password" in fixed else _GIVE_IT_ANEW)
    if changed:
        # the password itself must never reach the audit
        audit_actor.note(session, "mail_changed", settings_file().name, {"fields": list(changed)})
        _write({name: getattr(after, name) for name in changed})
        settings.mail = after
    return changed


def _refuse_new_server(changed: tuple[str, ...], reason: Words) -> None:
    """Raise BadFields where the stored password would go to another server, which may be the administrator's own."""
    if faults := [(name, FIELD_WORDS[name], reason) for name in changed if name in _PASSWORD_TARGET]:
        raise BadFields(faults)


def _parse(form: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in form.items():
        if name == "only_to":
            values[name] = tuple(text.replace(",", " ").replace(";", " ").split())
        elif name == "resend_uncertain":
            values[name] = text == "yes"
        elif name in _OPTIONAL:
            values[name] = text or None
        else:
            values[name] = text
    return values


def _validated(values: dict[str, Any]) -> MailSettings:
    faults = _find_faults(values)
    try:
        mail = MailSettings.model_validate(values)
    except ValidationError as error:
        for fault in error.errors():
            field = str(fault["loc"][0])
            faults.append((field, FIELD_WORDS[field], fault_words(fault)))
        raise BadFields(faults) from error
    if faults:
        raise BadFields(faults)
    if not mail.host.strip():
        raise BadFields([("host", FIELD_WORDS["host"], _("must not be empty"))])
    check_settings(mail)
    return mail


def _find_faults(values: dict[str, Any]) -> list[tuple[str, Words, object]]:
    """Find what the model of the settings does not check, as arguments for BadFields."""
    faults: list[tuple[str, Words, object]] = []
    for name, value in values.items():
        if isinstance(value, str) and (len(value) > _LONGEST or not value.isprintable()):
            faults.append((name, FIELD_WORDS[name], _("too long, or with characters that cannot be seen")))
    for entry in values["only_to"]:
        fault = address_fault(f"x{entry}" if entry.startswith("@") else entry)
        if fault is not None:
            faults.append(("only_to", FIELD_WORDS["only_to"], fault))
    return faults


def _read_file() -> dict[str, Any]:
    try:
        mail = tomllib.loads(settings_file().read_text(encoding="utf-8")).get("mail", {})
    except (OSError, ValueError):
        return {}
    return mail if isinstance(mail, dict) else {}


def _write(values: Mapping[str, Any]) -> None:
    path = settings_file()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
        mail = document.setdefault("mail", tomlkit.table())
        if not isinstance(mail, Table):
            raise BadInput(_("{file}: [mail] is no table; correct it by hand"), file=path)
        for name, value in values.items():
            if value is None:
                mail.pop(name, None)
            else:
                mail[name] = _toml_value(value)
        _replace(path, tomlkit.dumps(document))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = _("{file} cannot be written: {reason}; set it there by hand")
        raise Refused(message, file=path, reason=reason) from error


def _toml_value(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple) else value


def _replace(path: Path, text: str) -> None:
    """Replace the file in one step. Only its owner may read a new file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
