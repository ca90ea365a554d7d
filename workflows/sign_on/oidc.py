"""Sign in through the organisation's sign-in service (OpenID Connect): code flow with PKCE, state and nonce.

This is the only import of Authlib. An answer of the service counts only if the service signed it, for us, for this
sign-in, and just now.
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
_CLOCK_TOLERANCE = 120  # seconds that its clock may differ from ours
_KNOWN_FOR = timedelta(hours=1)
_LONGEST_SUBJECT = 300  # characters, with the issuer
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]  # signatures only the service can make
_SCOPE = "openid email profile"
_WELL_KNOWN = "/.well-known/openid-configuration"
_log = get_log(__name__)


@dataclass(frozen=True)
class Started:
    """A sign-in under way. The browser goes to `url`, and keeps the rest."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """A person as the service knows them. `address` is None unless the service has verified it."""

    subject: str  # issuer and subject: they always mean the same person, even with another address
    address: str | None


class SignInService:
    """The sign-in service of an installation. Its metadata are kept for an hour."""

    def __init__(self, settings: OidcSettings, return_url: str) -> None:
        """Take the settings, and our address to which the service sends browsers back."""
        self._settings, self._return_url = settings, return_url
        self._metadata: dict[str, Any] = {}
        self._known_since: datetime | None = None
        self._keys: KeySet | None = None

    def start(self, now: datetime) -> Started:
        """Begin a sign-in. Raises Refused if the service cannot be reached."""
        metadata = self._read_metadata(now)
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        with self._session() as session:
            url, _state = session.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Started(url, state, nonce, verifier)

    def leave(self, now: datetime) -> str:
        """Return the address at which the service ends its own session (OpenID Connect RP-Initiated Logout 1.0).

        It has no way back, which the service would have to register. Raises Refused if the service offers no such
        address, or does not answer.
        """
        try:
            address = str(self._read_metadata(now)["end_session_endpoint"])
            _check_secure(address)
        except (Refused, KeyError, ValueError) as error:
            raise Refused(
                "{label} cannot be left from here: sign out on its own page", label=self._settings.label
            ) from error
        return str(add_params_to_uri(address, [("client_id", self._settings.client_id)]))

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str], now: datetime) -> Identity:
        """End a sign-in with the returning browser's query. `kept` has state, nonce and verifier. Raises Refused."""
        if not secrets.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
            raise Refused("this sign-in was started in another browser, or too long ago: start again")
        metadata = self._read_metadata(now)
        if answer.get("iss", metadata["issuer"]) != metadata["issuer"]:  # RFC 9207
            raise self._refusal("another issuer answered")
        if "code" not in answer:
            raise self._refusal(answer.get("error", "no code"))
        try:
            with self._session() as session:
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=kept["verifier"],
                    timeout=_PATIENCE,
                )
                claims = self._check_token(token, kept["nonce"], metadata, now)
                if "email" not in claims and metadata.get("userinfo_endpoint"):
                    claims |= self._read_user_info(session, metadata, claims["sub"])
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
            raise self._refusal(f"{type(error).__name__}: {error}") from error
        address = str(claims.get("email") or "") if claims.get("email_verified") is True else ""
        subject = f"{metadata['issuer']}#{claims['sub']}"
        if len(subject) > _LONGEST_SUBJECT:
            raise self._refusal("the subject is too long")
        return Identity(subject, address or None)

    def _session(self) -> Any:
        """Open a session that follows no redirects, so that our credentials go to the token endpoint only."""
        session = OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope=_SCOPE,
            redirect_uri=self._return_url,
            code_challenge_method="S256",
        )
        session.max_redirects = 0
        return session

    def _check_token(
        self, token: Mapping[str, Any], nonce: str, metadata: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Return the claims of a valid ID token (OpenID Connect Core, 3.1.3.7). Raises JoseError."""
        try:
            decoded = jwt.decode(token["id_token"], self._read_keys(metadata), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # the service may have a newer key
            self._keys = None
            decoded = jwt.decode(token["id_token"], self._read_keys(metadata), algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": metadata["issuer"]},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
            {"nonce": nonce, "client_id": self._settings.client_id, "access_token": token.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=_CLOCK_TOLERANCE)
        return dict(claims)

    def _read_user_info(self, session: Any, metadata: Mapping[str, Any], subject: str) -> dict[str, Any]:
        answer = session.get(metadata["userinfo_endpoint"], timeout=_PATIENCE)
        answer.raise_for_status()
        user_info: dict[str, Any] = answer.json()
        if user_info.get("sub") != subject:
            raise ValueError("userinfo tells of somebody else")
        return {name: user_info[name] for name in ("email", "email_verified") if name in user_info}

    def _read_metadata(self, now: datetime) -> dict[str, Any]:
        if self._known_since is not None and now - self._known_since < _KNOWN_FOR:
            return self._metadata
        issuer = self._settings.issuer
        try:
            metadata = _get_json(issuer.rstrip("/") + _WELL_KNOWN)
            if metadata["issuer"] != issuer:
                raise ValueError(f"it calls itself {metadata['issuer']}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_secure(metadata[name])
            if metadata.get("userinfo_endpoint"):
                _check_secure(metadata["userinfo_endpoint"])
        except (requests.RequestException, ValueError, KeyError) as error:
            raise self._refusal(f"{type(error).__name__}: {error}") from error
        self._metadata, self._known_since, self._keys = metadata, now, None
        return metadata

    def _read_keys(self, metadata: Mapping[str, Any]) -> KeySet:
        if self._keys is None:
            self._keys = KeySet.import_key_set(_get_json(metadata["jwks_uri"]))  # type: ignore[arg-type]
        return self._keys

    def _refusal(self, reason: str) -> Refused:
        """Return an error for the person, and log the reason for administrators."""
        _log.warning("oidc_failed", issuer=self._settings.issuer, reason=reason[:300])
        return Refused(
            "{label} did not confirm who you are: try again, or sign in another way", label=self._settings.label
        )


def _get_json(url: str) -> dict[str, Any]:
    _check_secure(url)
    answer = requests.get(url, timeout=_PATIENCE, headers={"Accept": "application/json"}, allow_redirects=False)
    answer.raise_for_status()
    if answer.is_redirect:  # only the address in the settings is trusted
        raise ValueError(f"{url} leads elsewhere")
    content: dict[str, Any] = answer.json()
    return content


def _check_secure(url: str) -> None:
    """Raise ValueError for an address that somebody else on the network could answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"{url} is not https")


def person_of(session: Session, identity: Identity, *, now: datetime, address: str = "") -> Person:
    """Return the active person of an identity. The first time, link the only person with the verified mail address.

    Raises Refused if nobody or several people have the address, or if the person has retired or another identity.
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
    people = session.exec(
        select(Person).where(func.lower(Person.email) == identity.address.lower(), col(Person.is_active)).limit(2)
    ).all()
    if len(people) != 1:
        raise Refused(
            "no one person in the register has the address {address}: ask an administrator to enter it",
            address=identity.address,
        )
    person = people[0]
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
    """Remove the link to the identity. The next sign-in through the service makes a new one."""
    account = session.get(Account, person.id)
    if account is not None and account.oidc_subject is not None:
        account.oidc_subject = None
        session.add(account)
        note(session, "oidc_unlinked", now=now, actor_id=person.id, about=person.code, address=address)
