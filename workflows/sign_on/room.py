"""Sign-in by the office's identity provider (OpenID Connect)."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="sign_on",
    title=_("single sign-on"),
    needs=("authlib", "joserfc", "requests"),
    addresses=("/sign-in/oidc", "/sign-out/oidc", "/account/oidc"),
    adds={"web.pages": ("web.sign_on.oidc_pages:router",)},
)
