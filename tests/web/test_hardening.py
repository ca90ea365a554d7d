"""What holds for every answer, whatever was asked: headers, cookies, faults of ours, refusals that leave a line."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from models.operations.logs import start_logging, stop_logging
from models.settings import Settings
from tests.page import Page
from tests.web.site import Office, Reader
from web.app import create_app
from web.request.site import STATIC


def ask(app: FastAPI, method: str, path: str, **headers: str) -> httpx.Response:
    """An answer as it leaves the server, even where a fault of ours came in between."""
    return Reader(app, raises=False).ask(method, path, headers=headers)


@pytest.fixture
def secure(engine: Engine, tmp_path: Any) -> FastAPI:
    """A site that is reached by https."""
    return create_app(engine, Settings(data=tmp_path, base_url="https://dondoc.example"))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    written = io.StringIO()
    start_logging(written, form="json")
    yield written
    stop_logging()


def events(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_over_https_the_browser_is_told_to_stay_with_it(secure: FastAPI, office: Office) -> None:
    for path in ("/health", "/sign-in", "/nowhere", "/api/v1/me", "/static/dondoc.css"):
        told = ask(secure, "GET", path).headers["strict-transport-security"]
        assert told == "max-age=31536000; includeSubDomains", path
    assert "strict-transport-security" not in office.get("/health").headers


def test_over_https_the_small_cookies_are_for_this_host_alone_as_well(office: Office) -> None:
    office.settings.base_url = "https://dondoc.example"
    set_by = [
        cookie
        for path in ("/sign-in?lang=en", "/sign-in?lang=vi")
        for cookie in ask(office.app, "GET", path).headers.get_list("set-cookie")
    ]
    office.settings.base_url = "http://dondoc.example"
    reader = office.sign_in("dang.thu.thuy")
    csrf = Page(reader.get("/account").text).value("csrf")
    office.settings.base_url = "https://dondoc.example"
    reader.cookies.set("__Host-dondoc", reader.cookies["dondoc"], domain="dondoc.example")
    said = reader.ask("POST", "/account/language", data={"csrf": csrf, "language": "en"})
    set_by += said.headers.get_list("set-cookie")
    names = {one.partition("=")[0] for one in set_by}
    assert names == {"__Host-dondoc_language", "__Host-dondoc_said"}
    for cookie in set_by:
        told = cookie.lower()
        assert "; secure" in told and "; httponly" in told and "; samesite=lax" in told and "; path=/" in told, cookie
        assert "domain" not in told


@pytest.mark.parametrize("path", ["/tasks/none", "/api/v1/me"])
def test_what_went_wrong_inside_is_told_to_nobody(office: Office, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError("SELECT secret FROM somewhere")

    monkeypatch.setattr("web.request.request_context.find_session", fail)
    monkeypatch.setattr("web.api.caller.find_token", fail)
    cookie = "dondoc=x" if not path.startswith("/api/") else ""
    answer = ask(office.app, "GET", path, cookie=cookie, authorization="Bearer x")
    assert answer.status_code == 500
    for inside in ("secret", "RuntimeError", "Traceback", ".py"):
        assert inside not in answer.text
    kind = "application/problem+json" if path.startswith("/api/") else "text/html; charset=utf-8"
    assert answer.headers["content-type"] == kind
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_signing_out_clears_the_browser(office: Office) -> None:
    reader = office.sign_in("dang.thu.thuy")
    answer = reader.send("/account", "/sign-out")
    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert not reader.cookies.get("dondoc")


def test_no_other_site_may_read_an_answer(office: Office) -> None:
    for path in ("/health", "/sign-in", "/api/v1/me", "/api/v1/openapi.json"):
        for method in ("GET", "OPTIONS"):
            told = ask(office.app, method, path, origin="https://evil.example").headers
            assert "access-control-allow-origin" not in told, (method, path)


def test_folders_are_not_listed_and_nothing_is_echoed(office: Office) -> None:
    for path in (
        "/static/",
        "/static",
        "/static/../web/app.py",
        "/static/%2e%2e/app.py",
        "/.git/config",
        "/help/pictures/",
    ):
        assert ask(office.app, "GET", path).status_code in (404, 307), path
    for path in ("/", "/health", "/static/dondoc.css", "/api/v1/me"):
        assert ask(office.app, "TRACE", path).status_code == 405, path


def test_who_is_refused_leaves_a_line_in_the_log(office: Office, lines: io.StringIO) -> None:
    clerk = office.sign_in("ngo.van.loc")
    assert clerk.get("/admin").status_code == 403
    (told,) = events(lines)
    assert (told["event"], told["level"]) == ("forbidden", "warning")
    assert len(told["person"]) == 36 and "right" in told
    assert clerk.ask("POST", "/sign-out", data={"csrf": "AAAA"}).status_code == 409
    assert events(lines)[-1]["event"] == "form_refused"
    assert "ngo.van.loc" not in lines.getvalue() and "Lộc" not in lines.getvalue()


def test_who_tries_the_addresses_of_others_tasks_leaves_a_line_for_each(office: Office, lines: io.StringIO) -> None:
    task = office.task("4")
    stranger = office.sign_in("ly.ngoc.anh")
    assert stranger.get(f"/tasks/{task.id.hex}").status_code == 404
    assert stranger.get(f"/tasks/{UUID(int=7).hex}").status_code == 404, "the answer is that of a task that is none"
    (told,) = [one for one in events(lines) if one["event"] == "not_theirs"]
    assert (told["level"], told["task"]) == ("warning", str(task.id)) and len(told["person"]) == 36


@pytest.mark.parametrize(
    ("path", "name", "hint"), [("/sign-in", "password", "current-password"), ("/account", "password", "new-password")]
)
def test_a_password_is_typed_unseen_and_a_password_manager_may_fill_it_in(
    office: Office, path: str, name: str, hint: str
) -> None:
    reader = Reader(office.app) if path == "/sign-in" else office.sign_in("dang.thu.thuy")
    field = reader.get(path).text.split(f'name="{name}"')[1].split(">")[0]
    assert 'type="password"' in field and f'autocomplete="{hint}"' in field


WRITES_UNDER_FOREIGN_NAMES = re.compile(
    r"__proto__|\.prototype\b|\bconstructor\b|Object\.|Reflect\.|JSON\.parse|structuredClone|\beval\b|\bFunction\b"
    r"|\bin\s+\w+\)|[\w)\]]\[[^\]\"'`]+\]\s*=[^=]"
)
"""What a prototype is polluted by: keys that come from elsewhere, and whatever copies objects key by key."""


def test_no_script_writes_under_a_name_that_comes_from_elsewhere() -> None:
    scripts = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")}
    assert {"dondoc.js", "background_jobs.js", "intake.js", "templates.js"} <= scripts.keys()
    found = {name: WRITES_UNDER_FOREIGN_NAMES.findall(text) for name, text in scripts.items()}
    assert {name: some for name, some in found.items() if some} == {}


@pytest.mark.parametrize(
    "script",
    [
        "to[key] = from[key];",
        "for (const key in given) f(key)",
        "Object.assign(a, b)",
        "JSON.parse(text)",
        "a.b[c.d] = 1",
    ],
)
def test_a_script_that_did_would_be_found(script: str) -> None:
    assert WRITES_UNDER_FOREIGN_NAMES.search(script)
