"""The doctor's check of the document exchange: its folders, and the person who takes messages in."""

import os

from sqlmodel import Session

from models.errors import DondocError
from models.i18n import Words, _, _n
from workflows.exchange.hand_out import OUT
from workflows.exchange.keep_message import taking_of_folder
from workflows.exchange.watch_folder import COMES, FAILED, count_files
from workflows.operations.doctor.finding import Check, CheckedInstallation, Finding, broken, ok, warning


def exchange(case: CheckedInstallation, session: Session) -> Finding:
    """Check that the folders can be used, and that the named person may take messages in."""
    own = case.settings.edxml
    if own is None:
        return ok(_("off: messages of the document exchange (edXML) come in by hand only"))
    folder = case.settings.edxml_folder
    if own.received_by:
        try:
            taking_of_folder(session, case.settings, now=case.now)
        except DondocError as error:
            return broken(
                Words(error.message, **error.facts),
                _("edxml.received_by must name a coordinator, and edxml.unit a unit of theirs"),
            )
    used = [folder / COMES, folder / FAILED] if own.received_by else []
    used += [folder / OUT] if own.hand_over == "folder" else []
    locked = [path for path in used if path.exists() and not os.access(path, os.R_OK | os.W_OK | os.X_OK)]
    if locked:
        return broken(
            _("this user may not write to {path}", path=locked[0]),
            _("give it to the user that runs dondoc: chown -R USER {folder}", folder=folder),
        )
    failed = count_files(folder / FAILED)
    if failed:
        return warning(
            _n(
                "{count} message could not be taken in: {folder}",
                "{count} messages could not be taken in: {folder}",
                count=failed,
                folder=folder / FAILED,
            ),
            _("read the .txt beside each, have it sent again or move it back to in, and remove it there"),
        )
    return ok(
        _("{office} ({organ}) takes part; waiting to come in: {count}, in {folder}"),
        office=own.organ_name,
        organ=own.organ_id,
        count=count_files(folder / COMES),
        folder=folder,
    )


CHECK = Check("edxml", exchange, _("document exchange"))
