"""A template's form, as a browser fills it."""

import html
import re
from typing import Any

import httpx
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from tests.web.site import Office, Reader

HOME = "/admin/templates/ct-06-2004/4"


def boss(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def yaml_of(reader: Reader, home: str = HOME) -> str:
    """The template as the file that the page saves."""
    return reader.get(f"{home}/file").text


def began_from(reader: Reader, home: str = HOME) -> str:
    found = re.search(r'name="began_from" value="([0-9a-f]*)"', reader.get(home).text)
    assert found
    return found[1]


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
    page = page[page.index('class="editor"') : page.index('id="part-file"')]
    fields: dict[str, Any] = {}
    typed = r'<input id="[^"]*" name="([^"]+)"(?: type="(?:text|date|time)")? value="([^"]*)"'
    for name, value in re.findall(typed, page):
        fields[name] = html.unescape(value)
    for name, value in re.findall(r'<textarea id="[^"]*" name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        fields[name] = html.unescape(value)
    for name, inner in re.findall(r'<select id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        fields[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', inner)[0]
    for name, value in re.findall(r'name="([^"]+)" type="checkbox" value="([^"]+)" checked', page):
        fields.setdefault(name, [])
        fields[name].append(value)
    hidden = re.findall(r'<input type="hidden" name="(began_from|was)" value="([^"]*)"', page)
    return fields | {name: html.unescape(value) for name, value in hidden}
