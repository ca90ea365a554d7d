"""Help: the guide of each role, with the text and pictures of docs/how-to."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from markdown_it import MarkdownIt
from markdown_it.token import Token

from models.errors import NotFound
from models.i18n import _
from web.request.request_context import Guest
from workflows.rules.rights_table import OfficeRole

router = APIRouter(prefix="/help")
_PACKAGED = Path(__file__).parents[1] / "how-to"
HOW_TO = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "docs" / "how-to"

GUIDES = {
    "unit-head": (_("Unit heads and officers"), OfficeRole.HEAD),
    "coordinator": (_("Coordinators"), OfficeRole.COORDINATOR),
    "oversight": (_("Inspection, report, scorecards"), OfficeRole.SUPERVISOR),
    "records-clerk": (_("Records clerks"), OfficeRole.CLERK),
    "observer": (_("Observers"), OfficeRole.OBSERVER),
    "administrator": (_("Administrators"), OfficeRole.ADMINISTRATOR),
}
"""The title and the role of each guide, by its file name, which is the same in both languages."""


@router.get("")
def guides(context: Guest) -> HTMLResponse:
    """List the guides, those of the reader's own roles first."""
    own_roles = context.principal_or_none.standings if context.principal_or_none else frozenset()
    listed = [(name, title, role) for name, (title, role) in GUIDES.items()]
    listed.sort(key=lambda guide: guide[2] not in own_roles)
    return context.page("help/guides.html", guides=listed, mine=own_roles)


@router.get("/pictures/{name}")
def picture(name: str) -> FileResponse:
    path = HOW_TO / "pictures" / name
    if path.parent != HOW_TO / "pictures" or path.suffix != ".webp" or not path.is_file():
        raise NotFound("there is no such page")
    return FileResponse(path, media_type="image/webp", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/{name}")
def guide(name: str, context: Guest) -> HTMLResponse:
    if name not in GUIDES:
        raise NotFound("there is no such page")
    return context.page("help/guide.html", title=GUIDES[name][0], text=_read(context.language, name))


@cache
def _read(language: str, name: str) -> str:
    """Return a guide as HTML, with the site's addresses of other guides and of pictures."""
    text = (HOW_TO / language / f"{name}.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        _rewrite_pictures(token.children or [])
        _rewrite_links(token.children or [])
    return str(reader.renderer.render(tokens, reader.options, {}))


def _rewrite_pictures(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type == "image":
            token.attrSet("src", f"/help/pictures/{Path(str(token.attrGet('src'))).name}")
            token.attrSet("loading", "lazy")


def _rewrite_links(tokens: list[Token]) -> None:
    """Lead links to other guides to their pages, and keep only the words of links to other documentation."""
    is_outside = False
    for token in tokens:
        href = str(token.attrGet("href") or "")
        if token.type == "link_open":
            is_outside = href.startswith("../")
            if href.endswith(".md"):
                token.attrSet("href", f"/help/{Path(href).stem}")
        if is_outside and token.type in ("link_open", "link_close"):
            token.tag, token.attrs = "span", {}
