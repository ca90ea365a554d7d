"""What was found of a digital signature, and what it means on a day: pure policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from models.i18n import Labelled, _


class Change(StrEnum):
    """What became of the file after a signature."""

    NONE = "none"
    SIGNED = "signed"  # somebody else signed it: no change of what it says
    FORM = "form"  # fields were filled in
    NOTES = "notes"  # comments were added
    CONTENT = "content"


class Trust(StrEnum):
    """What the signer's certificate is worth at the time of the signature."""

    TRUSTED = "trusted"
    UNKNOWN_ROOT = "unknown_root"
    REVOKED = "revoked"
    EXPIRED = "expired"
    USAGE = "usage"
    ALGORITHM = "algorithm"
    CHAIN = "chain"
    UNREADABLE = "unreadable"


class Outcome(Labelled):
    """What a signature is worth today. Everything but VALID is a warning, and none stops anybody."""

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
    """The facts of one signature; names are as the certificate says them, instants in UTC.

    `signed_at` is what the signer's machine said, `stamped_at` what a timestamp authority with an installed root says.
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
    is_stamp: bool = False  # a timestamp of the whole document, nobody's signature
    covers_all: bool = False  # the whole file as it is
    change: Change = Change.NONE
    trust: Trust = Trust.UNREADABLE

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """`facts` are those of `inspect_pdf`, or as they were kept."""
        given = dict(facts) | {"change": Change(facts.get("change", "none")), "trust": Trust(facts["trust"])}
        for name in ("signed_at", "stamped_at", "valid_from", "valid_until", "revoked_at"):
            given[name] = datetime.fromisoformat(facts[name]) if facts.get(name) else None
        return cls(**given)

    @property
    def at(self) -> datetime | None:
        """By the better of what says so."""
        return self.stamped_at or self.signed_at


@dataclass(frozen=True)
class FileCheck:
    """The signatures of a file, in the order in which they were made; `has_failed`: they could not be looked at."""

    signatures: tuple[Signature, ...] = ()
    has_failed: bool = False


UNSIGNED = FileCheck()


def outcome(signature: Signature, now: datetime) -> Outcome:
    """At `now`; of several troubles the gravest.

    A certificate that has expired since does no harm where a trusted timestamp proves that the signature is older.
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
    """The later signature that vouches for the file as it is, where it was changed after `changed`."""
    later = signatures[signatures.index(changed) + 1 :]
    return next((one for one in later if one.is_intact and one.covers_all and not one.is_stamp), None)
