"""The facts of a digital signature, and the rules that judge them on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from models.i18n import Labelled, _


class Change(StrEnum):
    NONE = "none"
    SIGNED = "signed"  # another signature was added, and nothing else
    FORM = "form"  # fields were filled in
    NOTES = "notes"  # comments were added
    CONTENT = "content"


class Trust(StrEnum):
    """The trust in the signer's certificate at the time of the signature."""

    TRUSTED = "trusted"
    UNKNOWN_ROOT = "unknown_root"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USAGE = "usage"
    ALGORITHM = "algorithm"
    CHAIN = "chain"
    UNREADABLE = "unreadable"


class Outcome(Labelled):
    """The judgement of a signature today. Everything but VALID is a warning, which stops nobody."""

    VALID = "valid", _("valid digital signature")
    CHANGED = "changed", _("changed after signing")
    BROKEN = "broken", _("digital signature not intact")
    EXPIRED = "expired", _("signer's certificate has expired")
    NOT_VALID_THEN = "not_valid_then", _("signer's certificate was not valid when signing")
    UNKNOWN_ROOT = "unknown_root", _("signer not verified")
    REVOKED = "revoked", _("signer's certificate was revoked")
    ALGORITHM = "algorithm", _("digital signature of an unsafe or unknown kind")
    USAGE = "usage", _("certificate is not for signing documents")
    CHAIN = "chain", _("signer's certificate is faulty")
    UNREADABLE = "unreadable", _("digital signature cannot be read")


@dataclass(frozen=True)
class Signature:
    """The facts of one signature, with names from the certificate and instants in UTC.

    `signed_at` comes from the signer's machine, `stamped_at` from a timestamp authority with an installed root.
    """

    name: str = ""
    organisation: str = ""
    issuer: str = ""
    reason: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamped_by: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    is_intact: bool = False
    is_stamp: bool = False  # a timestamp of the whole document, and no person's signature
    covers_all: bool = False  # the whole present file
    change: Change = Change.NONE
    trust: Trust = Trust.UNREADABLE

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Read the facts that `inspect_pdf` returns, or that were stored."""
        values = dict(facts) | {"change": Change(facts.get("change", "none")), "trust": Trust(facts["trust"])}
        for name in ("signed_at", "stamped_at", "valid_from", "valid_until", "revoked_at"):
            values[name] = datetime.fromisoformat(facts[name]) if facts.get(name) else None
        return cls(**values)

    @property
    def at(self) -> datetime | None:
        """Return the time of the signature; a timestamp counts more than the signer's machine."""
        return self.stamped_at or self.signed_at


@dataclass(frozen=True)
class FileCheck:
    """The signatures of a file in the order in which they were made. `has_failed`: they could not be checked."""

    signatures: tuple[Signature, ...] = ()
    has_failed: bool = False


UNSIGNED = FileCheck()


def outcome(signature: Signature, now: datetime) -> Outcome:
    """Judge a signature at `now`. Of several faults, the gravest counts.

    An expired certificate does no harm if a trusted timestamp proves that the signature is older.
    """
    if signature.trust in (Trust.UNREADABLE, Trust.ALGORITHM):
        return Outcome(signature.trust.value)
    if not signature.is_intact:
        return Outcome.BROKEN
    if signature.change is Change.CONTENT:
        return Outcome.CHANGED
    at, begins, ends = signature.at, signature.valid_from, signature.valid_until
    if signature.trust in (Trust.EXPIRED, Trust.CHAIN) and at and begins and ends and not begins <= at <= ends:
        return Outcome.NOT_VALID_THEN
    if signature.trust is Trust.EXPIRED:
        return Outcome.NOT_VALID_THEN
    if signature.trust is not Trust.TRUSTED:
        return Outcome(signature.trust.value)
    if ends and ends < now and signature.stamped_at is None:
        return Outcome.EXPIRED
    return Outcome.VALID


def covering(signatures: Sequence[Signature], changed: Signature) -> Signature | None:
    """Find a later signature that covers the whole file, which was changed after the signature `changed`."""
    for later in signatures[signatures.index(changed) + 1 :]:
        if later.is_intact and later.covers_all and not later.is_stamp:
            return later
    return None
