"""The site's cookies, which no script reads and no other host gets, and the signature under which values are kept."""

from hashlib import sha256

from fastapi.responses import Response
from itsdangerous import URLSafeSerializer

from models.settings import Settings

SESSION, MESSAGE, LANGUAGE = "dondoc", "dondoc_said", "dondoc_language"


def cookie_name(settings: Settings, plain: str = SESSION) -> str:
    """Return the name that the browser knows. Over https only a secure page can set a cookie with its prefix."""
    return f"__Host-{plain}" if is_secure(settings) else plain


def keep_cookie(response: Response, settings: Settings, name: str, value: str, seconds: int | None) -> None:
    """Set a cookie for some seconds, or with None until the browser is closed."""
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=is_secure(settings),
        path="/",
    )


def forget_cookie(response: Response, settings: Settings, name: str) -> None:
    secure = is_secure(settings)
    response.delete_cookie(cookie_name(settings, name), path="/", secure=secure, httponly=True, samesite="lax")


def is_secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def signed(key: str, purpose: str) -> URLSafeSerializer:
    """Return a serializer that signs for one purpose. It raises BadSignature for values signed for another."""
    return URLSafeSerializer(key, salt=purpose, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256})
