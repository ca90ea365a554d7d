"""Sign in by the organisation's own sign-in service (OpenID Connect), if one is configured."""

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
from web.request.signed_cookies import OIDC, forget_signed, keep_signed, read_signed
from workflows.sign_on.oidc import SignInService, person_of, unlink

router = APIRouter()
BACK, OUT = "/sign-in/oidc/back", "/sign-out/oidc"


def _service(context: RequestContext) -> SignInService:
    """Return the installation's service, which is made once, as it keeps what the service says of itself."""
    if context.settings.oidc is None:
        raise NotFound("there is no such page")
    state = context.request.app.state
    if not hasattr(state, "sign_in_service"):
        state.sign_in_service = SignInService(context.settings.oidc, context.settings.base_url + BACK)
    service: SignInService = state.sign_in_service
    return service


@router.get("/sign-in/oidc")
def start(context: Guest, next: str = "/") -> Response:
    """Lead to the service. A cookie proves later that this browser started the sign-in.

    A link on another site does not start a sign-in: the reader sees the sign-in page and presses the button there.
    """
    service = _service(context)
    if context.request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return sign_in_form(context, next)
    try:
        started = service.start(context.now)
    except Refused as error:
        return sign_in_form(context, next, error=error)
    answer = RedirectResponse(started.url, 303)
    keep_signed(
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
    service, waiting = _service(context), read_signed(context, OIDC)
    if waiting is None:
        refusal = Refused("this sign-in was started in another browser, or too long ago: start again")
        return sign_in_form(context, "/", error=refusal)
    address = context.address
    try:
        identity = service.finish(waiting, dict(context.request.query_params), context.now)
        with context.transaction() as session:
            person = person_of(session, identity, now=context.now, address=address)
            return enter(context, session, person, Proof.OIDC, next=waiting["next"])
    except DondocError as error:
        answer = sign_in_form(context, waiting["next"], error=error)
        forget_signed(context, answer, OIDC)
        return answer


@router.get(OUT)
def leave_service(context: Guest) -> Response:
    """Lead to the service, which ends its own session. Else the next user of the computer could sign in with it."""
    service = _service(context)
    try:
        return RedirectResponse(service.leave(context.now), 303)
    except Refused as error:
        return sign_in_form(context, "/", error=error)


@router.post("/account/oidc")
def remove_link(context: Signed, form: SentAgain) -> Response:
    """Remove the link between the account and the service. The reader proves once more who they are."""
    with context.again(lambda error: account_form(context, error)):
        prove_again(context, form)
    with context.transaction() as session:
        unlink(session, context.person, now=context.now, address=context.address)
    return context.go("/account", _("The link is removed."))
