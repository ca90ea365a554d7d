"""Checks of the settings file, the data folder, the disk and the installed rooms."""

import os
import tomllib
from pathlib import Path

from sqlmodel import Session, col, select

from models.channels.channel import Gateway, PushSubscription
from models.i18n import _
from models.organization.access import Webhook
from models.papers.report_schedule import ReportSchedule
from models.rooms import missing
from models.settings import MailSettings, Settings
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, size_words, warning
from workflows.operations.private_files import is_open, open_to_others

_MIB = 1024 * 1024
_GIB = 1024 * _MIB
_LOW, _LOW_SHARE, _FULL = _GIB, 0.10, 200 * _MIB  # of free space


def settings_file(case: CheckedInstallation) -> Finding:
    """Look for entries of the settings file that are no settings."""
    path = case.settings.data / "dondoc.toml"
    if not path.is_file():
        return ok(_("read from the environment and defaults; there is no {file}"), file=path)
    with path.open("rb") as file:
        written = tomllib.load(file)
    mail = written.get("mail")
    unknown = sorted(written.keys() - Settings.model_fields.keys())
    unknown += sorted(mail.keys() - MailSettings.model_fields.keys()) if isinstance(mail, dict) else []
    if unknown:
        return warning(
            _("{file}: {names}: no settings known here, they have no effect", file=path, names=unknown),
            _("correct or remove them; `dondoc config` shows the settings in force"),
        )
    return ok(_("read from {file}"), file=path)


def folder(case: CheckedInstallation) -> Finding:
    """Check that the data folder exists, that this user may write to it, and that nobody else may read its secrets."""
    place = case.settings.data
    if not place.is_dir():
        return broken(
            _("{folder} is not there", folder=place),
            _("run `dondoc init`, or name the right folder with --data or DONDOC_DATA"),
        )
    locked = [path for path in (place, place / "dondoc.sqlite") if path.exists() and not _may_write(path)]
    if locked:
        return broken(
            _("this user may not write to {path}", path=locked[0]),
            _("give it to the user that runs dondoc: chown -R USER {folder}", folder=place),
        )
    shared = open_to_others(place) if is_open(place) else []
    if shared:
        return warning(
            _("{folder}: others on this machine may read {names}", folder=place, names=shared),
            _("close it to others: chmod -R go= {folder}", folder=place),
        )
    return ok(_("{folder} is there, writable, and closed to others"), folder=place)


def rooms(case: CheckedInstallation) -> Finding:
    """Look for rooms that the settings need and that are not installed. Nothing reads what comes in for them."""
    settings = case.settings
    wanted = {
        "exchange": settings.edxml is not None,
        "replies": settings.bounces is not None or settings.mail.reply_address is not None,
        "sign_on": settings.oidc is not None,
    }
    extras = [room.extra for room in missing() if wanted.get(room.name)]
    if extras:
        return broken(
            _("the settings name what is not installed: {extras}", extras=extras),
            _("pip install what is missing, or take it out of dondoc.toml"),
        )
    return ok(_("what the settings name is installed"))


_IN_USE = {
    "channels": (
        select(Gateway.id).where(col(Gateway.is_active)),
        select(Webhook.id).where(col(Webhook.is_active)),
        select(PushSubscription.id).where(col(PushSubscription.ended_at).is_(None)),
    ),
    "papers": (select(ReportSchedule.id).where(~col(ReportSchedule.is_paused)),),
}
"""Queries for what an office has switched on, by the room that serves it."""


def rooms_in_use(_case: CheckedInstallation, session: Session) -> Finding:
    """Look for rooms that the office uses and that are not installed. Nothing of theirs is sent or drafted."""

    def is_in_use(name: str) -> bool:
        return any(session.exec(query.limit(1)).first() for query in _IN_USE.get(name, ()))

    needed = [room for room in missing() if is_in_use(room.name)]
    if needed:
        return warning(
            _(
                "what was switched on here is not installed, and stands still: {rooms}",
                rooms=[room.title for room in needed],
            ),
            _("pip install what is missing: {extras}", extras=[room.extra for room in needed]),
        )
    return ok(_("what was switched on here is installed"))


def disk(case: CheckedInstallation) -> Finding:
    """Check the free space for database, mailbox and evidence."""
    space = case.space(case.settings.data)
    share = space.free / space.total if space.total else 0.0
    words = _(
        "{free} free of {total} ({percent} %)",
        free=size_words(space.free),
        total=size_words(space.total),
        percent=f"{share * 100:.0f}",
    )
    advice = _(
        "make room on the disk of {folder}: a full disk stops the engine in the middle of its work",
        folder=case.settings.data,
    )
    if space.free < _FULL:
        return broken(words, advice)
    if space.free < _LOW or share < _LOW_SHARE:
        return warning(words, advice)
    return ok(words)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK | os.X_OK if path.is_dir() else os.W_OK)
