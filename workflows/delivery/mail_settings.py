"""The mail settings as an administrator sees and changes them: where each comes from, and the file that is written.

What the environment says stays fixed. A change is checked whole before a byte is written, replaces the file at once,
keeps its comments and everything else in it, and holds in this process from the next letter on.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import SecretStr, ValidationError
from sqlmodel import Session
from tomlkit.items import Table

from models.errors import BadFields, BadInput, Refused
from models.i18n import Words, _
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
"""In the order in which they are shown; every field of MailSettings."""
_LONGEST = 500
_WHERE_THE_PASSWORD_GOES = ("host", "port", "security", "user")
_GIVE_IT_ANEW = _("the stored password is not carried over: on the page, enter it again with this change, or remove it")
_IN_ENVIRONMENT = _("the password stands in DONDOC_MAIL_PASSWORD: set this beside it, in the environment")


class Source(StrEnum):
    """Where a setting in force comes from."""

    ENVIRONMENT = "environment"
    FILE = "file"
    START = "start"  # neither, and not the default: whoever started the program chose it
    DEFAULT = "default"


SOURCE_WORDS = {
    Source.ENVIRONMENT: _("environment variable"),
    Source.FILE: _("settings file"),
    Source.START: _("given at the start"),
    Source.DEFAULT: _("default"),
}


def sources(mail: MailSettings) -> dict[str, Source]:
    """The environment goes before the file."""
    fixed, written, usual = mail_in_environment(), _written(), MailSettings()

    def source(field: str) -> Source:
        if field in fixed:
            return Source.ENVIRONMENT
        if field in written:
            return Source.FILE
        return Source.DEFAULT if getattr(mail, field) == getattr(usual, field) else Source.START

    return {field: source(field) for field in FIELD_WORDS}


def shown_values(mail: MailSettings) -> dict[str, str]:
    """Each field as text, as a form takes it; never the password."""
    return {name: "" if name == "password" else _shown(getattr(mail, name)) for name in FIELD_WORDS}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return ", ".join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def change_mail(
    session: Session, settings: Settings, given: Mapping[str, str], hand: AuditActor, *, seen: str | None = None
) -> tuple[str, ...]:
    """Write what a form gives into dondoc.toml and hold this process to it; return the fields that changed.

    An empty password stays as it is, "-" takes it away; to another server, line or user it goes only when given anew.
    Raises BadFields, BadInput for settings that do not fit together, Refused where they are fixed or the file cannot be
    written; then nothing is changed. The audit gets a line with the fields, never with a password. `seen`: the mark of
    what the form was filled with (`mark_of`), None unasked; Conflict where it is another by now.
    """
    if settings.mail_is_fixed:
        raise Refused(_("the mail settings of this installation are fixed: the site does not change them"))
    if seen is not None:
        refuse_changed(seen, settings.mail, what=_("mail settings"))
    fixed = mail_in_environment()
    wanted = {name: value for name, value in _read(given).items() if name in FIELD_WORDS and name not in fixed}
    before = settings.mail
    if wanted.get("password") is None:
        wanted.pop("password", None)
    elif wanted["password"] == "-":
        wanted["password"] = None
    after = _validated(before.model_dump() | wanted)
    changed = tuple(name for name in FIELD_WORDS if getattr(before, name) != getattr(after, name))
    if before.password is not None and "password" not in wanted:
        _keep_from_elsewhere(changed, _IN_ENVIRONMENT if "password" in fixed else _GIVE_IT_ANEW)
    if changed:
        hand.note(session, "mail_changed", settings_file().name, {"fields": list(changed)})
        _write({name: getattr(after, name) for name in changed})
        settings.mail = after
    return changed


def _keep_from_elsewhere(changed: tuple[str, ...], why: Words) -> None:
    """Refuse a new server without the password: an administrator may not send it to a server of their own."""
    if faults := [(name, FIELD_WORDS[name], why) for name in changed if name in _WHERE_THE_PASSWORD_GOES]:
        raise BadFields(faults)


def _read(given: Mapping[str, str]) -> dict[str, Any]:
    """Empty text is None where a field may be without a value."""
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name == "only_to":
            values[name] = tuple(part for part in text.replace(",", " ").replace(";", " ").split() if part)
        elif name == "resend_uncertain":
            values[name] = text == "yes"
        elif name in ("user", "password", "bounce_address", "reply_address", "letters_per_minute", "letters_per_day"):
            values[name] = text or None
        else:
            values[name] = text
    return values


def _validated(values: dict[str, Any]) -> MailSettings:
    faults: list[tuple[str, Words, object]] = []
    for name, value in values.items():
        if isinstance(value, str) and (len(value) > _LONGEST or not value.isprintable()):
            faults.append((name, FIELD_WORDS[name], _("too long, or with characters that cannot be seen")))
    for one in values["only_to"]:
        fault = address_fault(f"x{one}" if one.startswith("@") else one)
        if fault is not None:
            faults.append(("only_to", FIELD_WORDS["only_to"], fault))
    try:
        mail = MailSettings.model_validate(values)
    except ValidationError as error:
        for one in error.errors():
            field = str(one["loc"][0])
            faults.append((field, FIELD_WORDS[field], fault_words(one)))
        raise BadFields(faults) from error
    if faults:
        raise BadFields(faults)
    if not mail.host.strip():
        raise BadFields([("host", FIELD_WORDS["host"], _("must not be empty"))])
    check_settings(mail)
    return mail


def _written() -> dict[str, Any]:
    try:
        mail = tomllib.loads(settings_file().read_text(encoding="utf-8")).get("mail", {})
    except (OSError, ValueError):
        return {}
    return mail if isinstance(mail, dict) else {}


def _write(values: Mapping[str, Any]) -> None:
    """Put values into the file's [mail]; the file is replaced at once, and a new one is for its owner alone."""
    path = settings_file()
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
        mail = document.setdefault("mail", tomlkit.table())
        if not isinstance(mail, Table):
            raise BadInput(_("{file}: [mail] is no table; correct it by hand"), file=path)
        for name, value in values.items():
            plain = _plain(value)
            if plain is None:
                mail.pop(name, None)
            else:
                mail[name] = plain
        _replace(path, tomlkit.dumps(document))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = _("{file} cannot be written: {reason}; set it there by hand")
        raise Refused(message, file=path, reason=reason) from error


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple) else value


def _replace(path: Path, text: str) -> None:
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
