"""The caller of the API: the person of an access token, within the token's scopes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from models.database.session import reading, transaction
from models.organization.access import AccessToken
from models.organization.person import Person
from models.text.localtime import local_date
from web.api.problems import NoToken, OutOfScope
from web.request.site import Site, SiteContext
from workflows.access.access_tokens import Scope, find_token, is_stale, touch_token
from workflows.access.actor_context import ActorContext
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, read_principal
from workflows.rules.rights_table import Right

_BEARER = HTTPBearer(auto_error=False, description="A personal access token, made on the page of one's account")


@dataclass
class Caller(SiteContext):
    """One call by one person. `now` (UTC) stays the same during the call."""

    principal: Principal
    token: AccessToken
    address: str = ""  # the network address it comes from

    @property
    def person(self) -> Person:
        return self.principal.person

    @property
    def audit_actor(self) -> AuditActor:
        return AuditActor(self.now, self.person.id, self.address)

    def acting(self, session: Session) -> ActorContext:
        return ActorContext(session, self.person, self.now, self.calendar(session), self.settings)

    def require(self, right: Right) -> None:
        self.principal.require(right)

    def require_scope(self, scope: Scope) -> None:
        """OutOfScope where the token was not made for it."""
        if scope.value not in self.token.scopes:
            raise OutOfScope(
                "this token was made for {scopes}, and this needs {scope}",
                scopes=", ".join(self.token.scopes),
                scope=scope.value,
            )


def find_caller(request: Request) -> Caller | None:
    """Return the person of the request's token; None where the token is missing, unknown or no longer valid."""
    site: Site = request.app.state.site
    kind, _space, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        return None
    now = site.now()
    with reading(site.engine) as session:
        found = find_token(session, text.strip(), now=now)
        if found is None:
            return None
        token, person = found
        principal = read_principal(session, person, local_date(now))
    if principal is None:
        return None
    if is_stale(token, now):
        with transaction(site.engine) as session:
            touch_token(session, token, now=now)
    return Caller(site, now, principal, token, request.client.host if request.client else "")


def caller(
    request: Request, _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None
) -> Caller:
    """The dependency that gives a call its caller. Raises NoToken, and TooMuch for too many calls in a minute."""
    known = find_caller(request)
    if known is None:
        raise NoToken
    site = known.site
    site.pace.count(known.person.id, request.url.path, known.now, site.settings.requests_per_minute)
    return known


def scoped(scope: Scope) -> Callable[[Caller], Caller]:
    """Return a dependency that gives the caller and requires the scope of their token."""

    def check(known: Annotated[Caller, Depends(caller)]) -> Caller:
        known.require_scope(scope)
        return known

    return check


Reads = Annotated[Caller, Depends(scoped(Scope.READ))]
Acts = Annotated[Caller, Depends(scoped(Scope.ACT))]
Coordinates = Annotated[Caller, Depends(scoped(Scope.COORDINATE))]
Administers = Annotated[Caller, Depends(scoped(Scope.ADMINISTER))]
