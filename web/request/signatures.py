"""What a browser keeps for us under our signature: HMAC-SHA-256 of the installation's key, for one purpose each."""

from hashlib import sha256

from itsdangerous import URLSafeSerializer


def signed(key: str, purpose: str) -> URLSafeSerializer:
    """Write and read what is signed for a purpose. What was signed for another, or otherwise, is a BadSignature."""
    return URLSafeSerializer(key, salt=purpose, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256})
