"""The frame around the administration's pages: their own navigation beside what they show."""

from typing import Any

from fastapi.responses import HTMLResponse

from models.i18n import _
from web.navigation import Item
from web.visit import Visit
from workflows.rights import Place
from workflows.rules.rights import Right

_SECTIONS = (
    ("/admin", _("Overview"), Right.RUN_JOBS),
    ("/admin/check-up", _("Check-up"), Right.RUN_JOBS),
    ("/admin/webhooks", _("Webhooks"), Right.EDIT_WEBHOOKS),
)
"""In the order in which they stand. A page's section is the one whose path its own begins with."""


def sections(place: Place, path: str) -> list[Item]:
    """The entries that somebody may open."""
    mine = [entry for entry in _SECTIONS if place.may(entry[2])]
    here = max((href for href, _words, _right in mine if f"{path}/".startswith(f"{href}/")), key=len, default="")
    return [Item(href, words, href == here) for href, words, _right in mine]


def admin_page(visit: Visit, template: str, code: int = 200, **facts: Any) -> HTMLResponse:
    """A page of the administration; `template` extends admin/layout.html."""
    shown = sections(visit.the_place, visit.request.url.path)
    return visit.page(f"admin/{template}", code, sections=shown, **facts)
