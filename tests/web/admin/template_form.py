"""A template's form, as a browser fills it."""

from typing import Any

import httpx
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from tests.page import Page
from tests.web.site import Office, Reader

HOME = "/admin/templates/ct-06-2004/4"


def boss(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def yaml_of(reader: Reader, home: str = HOME) -> str:
    """The template as the file that the page saves."""
    return reader.get(f"{home}/file").text


def began_from(reader: Reader, home: str = HOME) -> str:
    return Page(reader.get(home).text).value("began_from")


def save(reader: Reader, yaml: str | bytes, home: str = HOME, **fields: str) -> httpx.Response:
    """Send a file."""
    sent = {"file": ("mẫu.yaml", yaml if isinstance(yaml, bytes) else yaml.encode(), "application/yaml")}
    return reader.send(home, f"{home}/file", sent, **{"began_from": began_from(reader, home)} | fields)


def versions(office: Office, duty: str = "4") -> list[TemplateVersion]:
    with reading(office.engine) as session:
        query = select(TemplateVersion).join(Duty, col(Duty.id) == TemplateVersion.duty_id).where(Duty.path == duty)
        return list(session.exec(query.order_by(col(TemplateVersion.version))).all())


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the editor's form."""
    fields = Page(page).form("form.editor").fields
    return {name: value for name, value in fields.items() if name != "csrf"}
