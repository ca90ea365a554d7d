"""A site that is reached by https: whoever comes by plain http is led there, or refused; a proxy's word counts."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from models.settings import Settings
from tests.web.site import Reader
from web.app import create_app

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"
BY_HTTP, BY_HTTPS = {"x-forwarded-proto": "http"}, {"x-forwarded-proto": "https"}


def site(engine: Engine, folder: Path, base_url: str) -> FastAPI:
    return create_app(engine, Settings(data=folder, base_url=base_url))


@pytest.fixture
def secure(engine: Engine, tmp_path: Path) -> FastAPI:
    return site(engine, tmp_path, "https://dondoc.example:8443")


def ask(app: FastAPI, method: str, path: str, who: str = HERE, scheme: str = "http", **headers: str) -> httpx.Response:
    return Reader(app, at=f"{scheme}://dondoc.example", client=(who, 50000)).ask(method, path, headers=headers)


def test_who_opens_a_page_by_plain_http_is_led_to_https_with_all_that_was_asked(secure: FastAPI) -> None:
    path = "/v/a%2Fb?k=m%E1%BA%ADt&lang=en"
    for answer in (ask(secure, "GET", path, **BY_HTTP), ask(secure, "GET", path, ELSEWHERE)):
        assert (answer.status_code, answer.headers["location"]) == (308, f"https://dondoc.example:8443{path}")
        assert "strict-transport-security" in answer.headers


def test_nobody_is_led_to_another_host(secure: FastAPI) -> None:
    for path in ("//evil.example/x", "/%0d%0aX-Evil:1", "/\\evil.example"):
        there = ask(secure, "GET", path, **BY_HTTP).headers["location"]
        assert httpx.URL(there).host == "dondoc.example" and "\n" not in there


def test_a_form_or_a_program_is_refused_and_told_the_address(secure: FastAPI) -> None:
    form = ask(secure, "POST", "/sign-in?lang=en", **BY_HTTP)
    assert form.status_code == 403
    assert "reached by https alone: https://dondoc.example:8443" in form.text
    assert "chỉ được truy cập qua https" in ask(secure, "POST", "/sign-in", ELSEWHERE).text
    for method in ("GET", "POST"):
        told = ask(secure, method, "/api/v1/tasks", **BY_HTTP)
        assert told.status_code == 403 and told.headers["content-type"] == "application/problem+json"
        assert "https://dondoc.example:8443" in told.json()["detail"]


def test_machines_that_watch_are_answered_all_the_same(secure: FastAPI) -> None:
    for path in ("/health", "/version"):
        assert ask(secure, "GET", path, ELSEWHERE).status_code == 200


def test_who_comes_by_https_or_through_a_proxy_that_does_not_tell_is_let_in(secure: FastAPI) -> None:
    for answer in (
        ask(secure, "GET", "/sign-in", ELSEWHERE, "https"),
        ask(secure, "GET", "/sign-in", ELSEWHERE, **BY_HTTPS),
        ask(secure, "GET", "/sign-in", ELSEWHERE, **{"x-forwarded-for": "192.0.2.9"}),
        ask(secure, "GET", "/sign-in", HERE),
        ask(secure, "GET", "/sign-in", ""),
    ):
        assert answer.headers.get("location") != "https://dondoc.example:8443/sign-in", answer.status_code
        assert answer.status_code != 308


def test_a_site_without_https_turns_nobody_away(engine: Engine, tmp_path: Path) -> None:
    plain = site(engine, tmp_path, "http://dondoc.example")
    assert ask(plain, "GET", "/sign-in", ELSEWHERE).status_code != 308
    assert ask(plain, "GET", "/api/v1/me", **BY_HTTP).status_code == 401
