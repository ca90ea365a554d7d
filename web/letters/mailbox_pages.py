"""Pages of the local mailbox, for installations whose letters stay on this machine."""

import re
from pathlib import Path

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from models.database.paging import Paging
from models.errors import NotFound
from notifications.smtp.mailbox import ReceivedLetter, read_letter, read_recipient
from web.letters.letter_frame import letter_frame
from web.request.request_context import Guest, RequestContext
from web.request.visitors import is_asked_here

_NAME = re.compile(r"[0-9a-f-]{32,36}")


def may_show(context: RequestContext) -> bool:
    """The mailbox holds everybody's letters, so only somebody at this machine may see it."""
    return context.settings.mail.mode == "local" and is_asked_here(context.request, context.settings)


def _only_here(context: Guest) -> None:
    if not may_show(context):
        raise NotFound("there is no such page")


router = APIRouter(dependencies=[Depends(_only_here)])


@router.get("/mail")
def list_letters(context: Guest, page: int = 1, to: str = "") -> HTMLResponse:
    # file names are ids in the order of time, so that only the letters of this page are read
    paths = sorted(context.settings.mailbox.glob("*.eml"), reverse=True)
    recipients = {path: read_recipient(path) for path in paths}
    wanted = to.strip().casefold()[:200]
    shown = [path for path in paths if wanted in recipients[path].casefold()] if wanted else paths
    paging = Paging.of(page, len(shown))
    return context.page(
        "mailbox.html",
        letters=[read_letter(path) for path in shown[paging.rows]],
        total=paging.total,
        recipients=sorted(set(recipients.values())),
        to=to.strip()[:200],
        paging=paging,
    )


@router.get("/mail/{name}")
def show_letter(name: str, context: Guest) -> HTMLResponse:
    letter = _find(context.settings.mailbox, name)
    return context.page("letter.html", letter=letter, name=name)


@router.get("/mail/{name}/html")
def letter_html(name: str, context: Guest) -> HTMLResponse:
    return letter_frame(_find(context.settings.mailbox, name).html)


def _find(folder: Path, name: str) -> ReceivedLetter:
    path = folder / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("there is no such letter in the mailbox")
    return read_letter(path)
