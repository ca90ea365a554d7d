"""Help: the how-to of each role, the same text as in docs/how-to, with its pictures."""

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
"""Each guide's file name (the same in both languages), its title, and whose it is."""


@router.get("")
def guides(context: Guest) -> HTMLResponse:
    mine = context.principal_or_none.standings if context.principal_or_none else frozenset()
    order = sorted(GUIDES, key=lambda name: (GUIDES[name][1] not in mine, list(GUIDES).index(name)))
    return context.page("help/guides.html", guides=[(name, *GUIDES[name]) for name in order], mine=mine)


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
    """Return a guide as HTML. Its links to other guides and pictures are made to fit the site's addresses."""
    text = (HOW_TO / language / f"{name}.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        for one in token.children or []:
            if one.type == "image":
                one.attrSet("src", f"/help/pictures/{Path(str(one.attrGet('src'))).name}")
                one.attrSet("loading", "lazy")
        _lead(token.children or [])
    return str(reader.renderer.render(tokens, reader.options, {}))


def _lead(children: list[Token]) -> None:
    """Links to other guides lead to their pages; those to the rest of the documentation are its words alone here."""
    is_outside = False
    for one in children:
        href = str(one.attrGet("href") or "")
        if one.type == "link_open":
            is_outside = href.startswith("../")
            if href.endswith(".md"):
                one.attrSet("href", f"/help/{Path(href).stem}")
        if is_outside and one.type in ("link_open", "link_close"):
            one.tag, one.attrs = "span", {}
