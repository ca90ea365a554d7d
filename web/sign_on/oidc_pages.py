"""Signing in by the organisation's own sign-in service (OpenID Connect), where one is configured."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from models.errors import DondocError, NotFound, Refused
from models.i18n import _
from models.organization.account import Proof
from web.account.account_pages import SentAgain, account_form, prove_again
from web.account.entrance import enter
from web.account.sign_in_pages import sign_in_form
from web.request.navigation import local_path
from web.request.request_context import Guest, RequestContext, Signed
from web.request.signed_cookies import OIDC, forget, keep, kept
from workflows.sign_on.oidc import SignInService, person_of, unlink

router = APIRouter()
BACK, OUT = "/sign-in/oidc/back", "/sign-out/oidc"


def _service(context: RequestContext) -> SignInService:
    """The installation's service, made once: it knows what the service says of itself."""
    if context.settings.oidc is None:
        raise NotFound("there is no such page")
    state = context.request.app.state
    if not hasattr(state, "sign_in_service"):
        state.sign_in_service = SignInService(context.settings.oidc, context.settings.base_url + BACK)
    service: SignInService = state.sign_in_service
    return service


@router.get("/sign-in/oidc")
def start(context: Guest, next: str = "/") -> Response:
    """Lead to the service; the browser keeps what shows, when it comes back, that it was the one that went.

    Only from a page of ours, or by an address that somebody typed: who is led here from elsewhere presses the button.
    """
    service = _service(context)
    if context.request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return sign_in_form(context, next)
    try:
        started = service.start(context.now)
    except Refused as error:
        return sign_in_form(context, next, error=error)
    answer = RedirectResponse(started.url, 303)
    keep(
        context,
        answer,
        OIDC,
        state=started.state,
        nonce=started.nonce,
        verifier=started.verifier,
        next=local_path(next),
    )
    return answer


@router.get(BACK)
def back(context: Guest) -> Response:
    """Let in whose identity the service tells."""
    service, waiting = _service(context), kept(context, OIDC)
    if waiting is None:
        old = Refused("this sign-in was started in another browser, or too long ago: start again")
        return sign_in_form(context, "/", error=old)
    address = context.address
    try:
        identity = service.finish(waiting, dict(context.request.query_params), context.now)
        with context.transaction() as session:
            person = person_of(session, identity, now=context.now, address=address)
            return enter(context, session, person, Proof.OIDC, next=waiting["next"])
    except DondocError as error:
        answer = sign_in_form(context, waiting["next"], error=error)
        forget(context, answer, OIDC)
        return answer


@router.get(OUT)
def leave_service(context: Guest) -> Response:
    """Lead to where the service ends its own session: whoever signs in next at this computer would come in by it."""
    service = _service(context)
    try:
        return RedirectResponse(service.leave(context.now), 303)
    except Refused as error:
        return sign_in_form(context, "/", error=error)


@router.post("/account/oidc")
def remove_link(context: Signed, given: SentAgain) -> Response:
    """Remove the link between one's account and the service; who proves once more who they are."""
    with context.again(lambda error: account_form(context, error)):
        prove_again(context, given)
    with context.transaction() as session:
        unlink(session, context.person, now=context.now, address=context.address)
    return context.go("/account", _("The link is removed."))
