"""What a sign-in service says is believed for its signature, for us, for this sign-in and of now; no forgery is."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from pydantic import SecretStr

from models.errors import Refused
from models.settings import OidcSettings
from workflows.sign_on import oidc
from workflows.sign_on.oidc import SignInService

ISSUER, CLIENT, NONCE = "https://sso.example", "dondoc", "a nonce of this sign-in"
SECRET = "a client secret that is long enough for HMAC"
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
STRANGER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def claims(**changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    told = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "ngan",
        "nonce": NONCE,
        "iat": at,
        "exp": at + 300,
        "email": "ngan@mpt.example",
        "email_verified": True,
    } | changes
    return {name: value for name, value in told.items() if value is not None}


def signed(told: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": "one"} | header, told, key, algorithms=[algorithm])


def written(told: dict[str, Any], algorithm: str, secret: bytes = b"") -> str:
    """A token as a forger writes it, who asks no library whether that is wise."""
    parts = [json.dumps(one).encode() for one in ({"alg": algorithm, "kid": "one"}, told)]
    body = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret, body, "sha256") if secret else b""
    return f"{body.decode()}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


TOKENS: dict[str, Callable[[], str]] = {
    "unsigned": lambda: written(claims(), "none"),
    "unsigned in other capitals": lambda: written(claims(), "nOnE"),
    "signed with the secret that we know as well": lambda: written(claims(), "HS256", SECRET.encode()),
    "signed with the public key as if it were a secret": lambda: written(claims(), "HS256", KEY.as_pem(private=False)),
    "signed by a stranger": lambda: signed(claims(), STRANGER),
    "signed by a key that it brings along": lambda: signed(claims(), STRANGER, jwk=STRANGER.as_dict(private=False)),
    "signed by a key that it says where to fetch": lambda: signed(claims(), STRANGER, jku="https://evil.example/k"),
    "signed by a key of another kind": lambda: signed(claims(), ECKey.generate_key("P-256"), "ES256"),
    "changed after signing": lambda: signed(claims()).replace(".", ".e30", 1),
    "of another issuer": lambda: signed(claims(iss="https://evil.example")),
    "without an issuer": lambda: signed(claims(iss=None)),
    "for another client": lambda: signed(claims(aud="somebody else")),
    "for nobody": lambda: signed(claims(aud=None)),
    "of another sign-in": lambda: signed(claims(nonce="another")),
    "of no sign-in": lambda: signed(claims(nonce=None)),
    "too old": lambda: signed(claims(exp=int((NOW - timedelta(minutes=5)).timestamp()))),
    "without an end": lambda: signed(claims(exp=None)),
    "issued in an hour": lambda: signed(claims(iat=int((NOW + timedelta(hours=1)).timestamp()))),
    "no token": lambda: "x.y.z",
}


class Client:
    """What the library would do over the network: it fetches what the test hands out."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_end: object) -> None:
        pass

    def fetch_token(self, *_where: object, **_what: object) -> dict[str, Any]:
        return {"id_token": self._token, "access_token": "x", "token_type": "Bearer"}


def service(monkeypatch: pytest.MonkeyPatch, token: str, **metadata: Any) -> SignInService:
    answers = {
        f"{ISSUER}/.well-known/openid-configuration": METADATA | metadata,
        f"{ISSUER}/keys": KeySet([KEY]).as_dict(private=False),
    }
    monkeypatch.setattr(oidc, "_get_json", lambda url: answers[url])
    monkeypatch.setattr(SignInService, "_session", lambda _self: Client(token))
    chosen = OidcSettings(issuer=ISSUER, client_id=CLIENT, client_secret=SecretStr(SECRET))
    return SignInService(chosen, "https://dondoc.example/back")


def finish(found: SignInService) -> oidc.Identity:
    kept = {"state": "s", "nonce": NONCE, "verifier": "v"}
    return found.finish(kept, {"state": "s", "code": "c"}, NOW)


def test_a_token_as_it_must_be_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    who = finish(service(monkeypatch, signed(claims())))
    assert (who.subject, who.address) == (f"{ISSUER}#ngan", "ngan@mpt.example")


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_is_not_as_it_must_be_lets_nobody_in(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    with pytest.raises(Refused):
        finish(service(monkeypatch, TOKENS[token]()))


@pytest.mark.parametrize("name", ["https://evil.example", f"{ISSUER}/", "http://sso.example"])
def test_a_service_that_calls_itself_otherwise_is_not_believed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(Refused):
        finish(service(monkeypatch, signed(claims()), issuer=name))


def test_an_answer_that_leads_elsewhere_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get(url: str, **given: Any) -> requests.Response:
        asked.append(url)
        assert given["allow_redirects"] is False
        answer = requests.Response()
        answer.status_code, answer.url = 302, url
        answer.headers["location"] = "https://evil.example/metadata"
        answer._content = b"{}"
        return answer

    monkeypatch.setattr(requests, "get", get)
    with pytest.raises(ValueError, match="leads elsewhere"):
        oidc._get_json(f"{ISSUER}/keys")
    assert asked == [f"{ISSUER}/keys"]


@contextmanager
def in_the_house(monkeypatch: pytest.MonkeyPatch, **leads: int) -> Iterator[tuple[SignInService, list[str]]]:
    """A service on loopback, and what it was asked; those of its addresses that are named lead elsewhere."""
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({"sub": "ngan", "email": "ngan@mpt.example", "email_verified": True})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            told = claims(iss=base, email=None, email_verified=None)
            self.answer({"id_token": signed(told), "access_token": "x", "token_type": "Bearer"})

        def answer(self, told: dict[str, Any]) -> None:
            asked.append(self.path)
            status = leads.get(self.path[1:], 200)
            body = json.dumps(told).encode()
            self.send_response(status)
            if status != 200:
                self.send_header("location", f"{base}/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        base = f"http://127.0.0.1:{server.server_port}"
        names = {f"{name}_endpoint": f"{base}/{name}" for name in ("authorization", "token", "userinfo")}
        answers = {
            f"{base}/.well-known/openid-configuration": names | {"issuer": base, "jwks_uri": f"{base}/keys"},
            f"{base}/keys": KeySet([KEY]).as_dict(private=False),
        }
        monkeypatch.setattr(oidc, "_get_json", lambda url: answers[url])
        monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        chosen = OidcSettings(issuer=base, client_id=CLIENT, client_secret=SecretStr(SECRET))
        yield SignInService(chosen, "https://dondoc.example/back"), asked
        server.shutdown()


def test_what_the_token_does_not_tell_is_asked_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    with in_the_house(monkeypatch) as (found, asked):
        assert finish(found).address == "ngan@mpt.example"
    assert asked == ["/token", "/userinfo"]


@pytest.mark.parametrize(("name", "status"), [("token", 307), ("userinfo", 302)])
def test_nothing_is_told_where_an_answer_of_the_service_leads(
    monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    with in_the_house(monkeypatch, **{name: status}) as (found, asked), pytest.raises(Refused):
        finish(found)
    assert asked[-1] == f"/{name}" and "/elsewhere" not in asked


def test_a_service_that_would_tell_of_people_by_plain_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        finish(service(monkeypatch, signed(claims()), userinfo_endpoint="http://sso.example/userinfo"))
