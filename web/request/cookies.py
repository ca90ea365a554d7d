"""Cookies of this host alone, which no script reads, and what is written under our signature."""

from hashlib import sha256

from fastapi.responses import Response
from itsdangerous import URLSafeSerializer

from models.settings import Settings

SESSION, SAID, LANGUAGE = "dondoc", "dondoc_said", "dondoc_language"


def cookie_name(settings: Settings, plain: str = SESSION) -> str:
    """Where the site is reached by https, only a secure page can set one of this name."""
    return f"__Host-{plain}" if is_secure(settings) else plain


def keep_cookie(response: Response, settings: Settings, name: str, value: str, seconds: int | None) -> None:
    """Have the browser keep something for this host alone, which no script reads. None: until it is closed."""
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
    """Write and read what is signed for a purpose. What was signed for another, or otherwise, is a BadSignature."""
    return URLSafeSerializer(key, salt=purpose, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256})
