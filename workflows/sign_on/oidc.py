"""A sign-in service of the organisation (OpenID Connect): code flow with PKCE, state and nonce.

The only import of Authlib. What the service says is believed only under its own signature, for us, for this very
sign-in, and of now.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlmodel import Session, col, func, select

from models.errors import Refused
from models.operations.logs import get_log
from models.organization.account import Account
from models.organization.person import Person
from models.settings import OidcSettings
from workflows.access.audit_log import note

_PATIENCE = 10  # seconds, for each answer of the service
_SLACK = 120  # seconds that its clock may differ from ours
_KNOWN_FOR = timedelta(hours=1)
_LONGEST_SUBJECT = 300  # characters, with the issuer
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]  # signatures only the service can make
_SCOPE = "openid email profile"
_WELL_KNOWN = "/.well-known/openid-configuration"
_log = get_log(__name__)


@dataclass(frozen=True)
class Started:
    """A sign-in under way: the browser keeps all of it but the address, and goes there."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Who the service says it is. `address` only where it has verified that."""

    subject: str  # issuer and subject: one person for ever, whatever their address
    address: str | None


class SignInService:
    """One installation's service; what it says of itself is known for an hour."""

    def __init__(self, settings: OidcSettings, back: str) -> None:
        """`back`: the address of ours that the service sends browsers back to."""
        self._settings, self._back = settings, back
        self._metadata: dict[str, Any] = {}
        self._known_since: datetime | None = None
        self._keys: KeySet | None = None

    def start(self, now: datetime) -> Started:
        """Begin a sign-in: where to send the browser. Refused where the service cannot be reached."""
        found = self._read_metadata(now)
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        with self._session() as session:
            url, _state = session.create_authorization_url(
                found["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Started(url, state, nonce, verifier)

    def leave(self, now: datetime) -> str:
        """The service ends its own session there (OpenID Connect RP-Initiated Logout 1.0), with a word of its own.

        Without a way back, which would have to be registered there too. Refused where it offers no such address, or
        does not answer.
        """
        try:
            address = str(self._read_metadata(now)["end_session_endpoint"])
            _check_secure(address)
        except (Refused, KeyError, ValueError) as error:
            told = Refused("{label} cannot be left from here: sign out on its own page", label=self._settings.label)
            raise told from error
        return str(add_params_to_uri(address, [("client_id", self._settings.client_id)]))

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str], now: datetime) -> Identity:
        """By the address's query. `kept`: state, nonce and verifier. Refused with a reason."""
        if not secrets.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
            raise Refused("this sign-in was started in another browser, or too long ago: start again")
        found = self._read_metadata(now)
        if answer.get("iss", found["issuer"]) != found["issuer"]:  # RFC 9207
            raise self._refusal("another issuer answered")
        if "code" not in answer:
            raise self._refusal(answer.get("error", "no code"))
        try:
            with self._session() as session:
                token = session.fetch_token(
                    found["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=kept["verifier"],
                    timeout=_PATIENCE,
                )
                claims = self._check(token, kept["nonce"], found, now)
                if "email" not in claims and found.get("userinfo_endpoint"):
                    claims |= self._ask_more(session, found, claims["sub"])
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
            raise self._refusal(f"{type(error).__name__}: {error}") from error
        address = str(claims.get("email") or "") if claims.get("email_verified") is True else ""
        subject = f"{found['issuer']}#{claims['sub']}"
        if len(subject) > _LONGEST_SUBJECT:
            raise self._refusal("the subject is too long")
        return Identity(subject, address or None)

    def _session(self) -> Any:
        """The client's credentials go to the token endpoint only, wherever that would lead."""
        session = OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope=_SCOPE,
            redirect_uri=self._back,
            code_challenge_method="S256",
        )
        session.max_redirects = 0
        return session

    def _check(self, token: Mapping[str, Any], nonce: str, found: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """The claims of an ID token that is what it must be (OpenID Connect Core, 3.1.3.7). Raises JoseError."""
        try:
            decoded = jwt.decode(token["id_token"], self._read_keys(found), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # signed with a key that is newer than those we know
            self._keys = None
            decoded = jwt.decode(token["id_token"], self._read_keys(found), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": found["issuer"]},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
            {"nonce": nonce, "client_id": self._settings.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=_SLACK)
        return dict(claims)

    def _ask_more(self, session: Any, found: Mapping[str, Any], subject: str) -> dict[str, Any]:
        answer = session.get(found["userinfo_endpoint"], timeout=_PATIENCE)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        if told.get("sub") != subject:
            raise ValueError("userinfo tells of somebody else")
        return {name: told[name] for name in ("email", "email_verified") if name in told}

    def _read_metadata(self, now: datetime) -> dict[str, Any]:
        if self._known_since is not None and now - self._known_since < _KNOWN_FOR:
            return self._metadata
        issuer = self._settings.issuer
        try:
            found = _get(issuer.rstrip("/") + _WELL_KNOWN)
            if found["issuer"] != issuer:
                raise ValueError(f"it calls itself {found['issuer']}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_secure(found[name])
            if found.get("userinfo_endpoint"):
                _check_secure(found["userinfo_endpoint"])
        except (requests.RequestException, ValueError, KeyError) as error:
            raise self._refusal(f"{type(error).__name__}: {error}") from error
        self._metadata, self._known_since, self._keys = found, now, None
        return found

    def _read_keys(self, found: Mapping[str, Any]) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(_get(found["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _refusal(self, reason: str) -> Refused:
        """Refuse, and log the reason for administrators: the person who signs in can do nothing about it."""
        _log.warning("oidc_failed", issuer=self._settings.issuer, reason=reason[:300])
        return Refused(
            "{label} did not confirm who you are: try again, or sign in another way", label=self._settings.label
        )


def _get(url: str) -> dict[str, Any]:
    _check_secure(url)
    answer = requests.get(url, timeout=_PATIENCE, headers={"Accept": "application/json"}, allow_redirects=False)
    answer.raise_for_status()
    if answer.is_redirect:  # to wherever: the address of the settings is the one that is trusted
        raise ValueError(f"{url} leads elsewhere")
    found: dict[str, Any] = answer.json()
    return found


def _check_secure(url: str) -> None:
    """Raise ValueError for an address that others on the way could answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"{url} is not https")


def person_of(session: Session, identity: Identity, *, now: datetime, address: str = "") -> Person:
    """The active person of an identity; the first time, the one who alone has its verified mail address.

    Refused where nobody has, several have, the person has retired, or is linked with another identity already.
    """
    linked = session.exec(
        select(Person)
        .join(Account, col(Account.person_id) == col(Person.id))
        .where(Account.oidc_subject == identity.subject)
    ).first()
    if linked is not None:
        if not linked.is_active:
            raise Refused("{person} is retired and may no longer act", person=linked.full_name)
        return linked
    if identity.address is None:
        raise Refused("the sign-in service has not verified your e-mail address: sign in another way")
    found = session.exec(
        select(Person).where(func.lower(Person.email) == identity.address.lower(), col(Person.is_active)).limit(2)
    ).all()
    if len(found) != 1:
        raise Refused(
            "no one person in the register has the address {address}: ask an administrator to enter it",
            address=identity.address,
        )
    person = found[0]
    account = session.get(Account, person.id) or Account(person_id=person.id)
    if account.oidc_subject is not None:
        raise Refused(
            "{person} is linked with another identity of the sign-in service: sign in another way and remove that link",
            person=person.full_name,
        )
    account.oidc_subject = identity.subject
    session.add(account)
    note(session, "oidc_linked", now=now, actor_id=person.id, about=person.code, address=address)
    return person


def unlink(session: Session, person: Person, *, now: datetime, address: str = "") -> None:
    """Remove the link; the next sign-in by the service makes it anew."""
    account = session.get(Account, person.id)
    if account is not None and account.oidc_subject is not None:
        account.oidc_subject = None
        session.add(account)
        note(session, "oidc_unlinked", now=now, actor_id=person.id, about=person.code, address=address)
