"""Check of the document exchange: in whose name messages come in, its folders, what lies in them."""

import os

from sqlmodel import Session

from models.errors import DondocError
from models.i18n import Words, _, _n
from workflows.delivery.edxml.edxml_port import OUT
from workflows.intake.edxml.watch_folder import COMES, FAILED, count_files
from workflows.intake.edxml.who_takes import taking_of_folder
from workflows.operations.doctor.finding import Case, Finding, broken, ok, warning

_NAME = "edxml"


def exchange(case: Case, session: Session) -> Finding:
    """Look at the folders, and whether the person named may take messages in. Nothing is made or moved."""
    own = case.settings.edxml
    if own is None:
        return ok(_NAME, _("off: messages of the document exchange (edXML) come in by hand only"))
    folder = case.settings.edxml_folder
    if own.received_by:
        try:
            taking_of_folder(session, case.settings, now=case.now)
        except DondocError as error:
            return broken(
                _NAME,
                Words(error.message, **error.facts),
                Words(_("edxml.received_by must name a coordinator, and edxml.unit a unit of theirs")),
            )
    used = [folder / COMES, folder / FAILED] if own.received_by else []
    used += [folder / OUT] if own.hand_over == "folder" else []
    locked = [one for one in used if one.exists() and not os.access(one, os.R_OK | os.W_OK | os.X_OK)]
    if locked:
        return broken(
            _NAME,
            Words(_("this user may not write to {path}"), path=locked[0]),
            Words(_("give it to the user that runs dondoc: chown -R USER {folder}"), folder=folder),
        )
    failed = count_files(folder / FAILED)
    if failed:
        return warning(
            _NAME,
            _n(
                "{count} message could not be taken in: {folder}",
                "{count} messages could not be taken in: {folder}",
                count=failed,
                folder=folder / FAILED,
            ),
            Words(_("read the .txt beside each, have it sent again or move it back to in, and remove it there")),
        )
    return ok(
        _NAME,
        _("{office} ({organ}) takes part; waiting to come in: {count}, in {folder}"),
        office=own.organ_name,
        organ=own.organ_id,
        count=count_files(folder / COMES),
        folder=folder,
    )
