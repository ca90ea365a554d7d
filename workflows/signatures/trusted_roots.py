"""Install and remove the root certificates that digital signatures are checked against."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from sqlmodel import Session, col, select

from models.errors import BadInput, NotFound, Refused
from models.signatures.trust import TrustedRoot
from models.tasks.evidence_files import clean_name
from workflows.access.audit_log import AuditActor

MOST_BYTES = 256 << 10
"""Of a file of certificates; one has about two kilobytes."""
MOST_ROOTS = 100
"""Installed at once; each check of a file reads them all."""
_LONGEST = 300
_NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)


@dataclass(frozen=True)
class RootCandidate:
    """`is_authority`: it may vouch for others."""

    sha256: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    is_authority: bool
    is_installed: bool
    content: bytes

    def is_over(self, now: datetime) -> bool:
        """Signatures made before may still need an expired root."""
        return self.valid_until < now


def read_roots(session: Session, name: str, data: bytes) -> list[RootCandidate]:
    """The file may be PEM, DER or PKCS #7; each certificate comes once. BadInput where there are none."""
    file = clean_name(name)
    if not 0 < len(data) <= MOST_BYTES:
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes", file=file, size=len(data), most=MOST_BYTES
        )
    installed = set(session.exec(select(TrustedRoot.sha256)))
    try:
        found = {one.sha256: one for one in (_candidate(read, installed) for read in _certificates(data))}
    except ValueError:
        found = {}
    if not found:
        raise BadInput("file {file}: there is no certificate in it; send a .cer, .crt, .pem or .p7b file", file=file)
    return list(found.values())


def install_roots(session: Session, chosen: Sequence[RootCandidate], by: AuditActor, person_id: UUID) -> int:
    """Install those that are not yet there, and return how many these were.

    Refused where one is no authority's: whoever holds its key could sign, but vouch for nobody.
    """
    news = [one for one in chosen if not one.is_installed]
    for one in news:
        if not one.is_authority:
            raise Refused(
                "{subject}: this is a person's or an office's certificate, not an authority's", subject=one.subject
            )
    if len(list_roots(session)) + len(news) > MOST_ROOTS:
        raise Refused("at most {most} root certificates: remove those that are no longer needed", most=MOST_ROOTS)
    for one in news:
        session.add(
            TrustedRoot(
                sha256=one.sha256,
                subject=one.subject,
                issuer=one.issuer,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
                content=one.content,
                installed_at=by.now,
                installed_by=person_id,
            )
        )
        by.note(session, "root_installed", one.subject, {"fingerprint": one.sha256})
    session.flush()
    return len(news)


def remove_root(session: Session, root_id: str, by: AuditActor) -> TrustedRoot:
    """`root_id` is in hexadecimal digits. Raises NotFound."""
    found = next((one for one in list_roots(session) if one.id.hex == root_id), None)
    if found is None:
        raise NotFound("there is no such root certificate")
    session.delete(found)
    by.note(session, "root_removed", found.subject, {"fingerprint": found.sha256})
    session.flush()
    return found


def list_roots(session: Session) -> list[TrustedRoot]:
    return list(session.exec(select(TrustedRoot).order_by(col(TrustedRoot.subject), col(TrustedRoot.sha256))))


def digest_of_roots(session: Session) -> str:
    fingerprints = session.exec(select(TrustedRoot.sha256).order_by(col(TrustedRoot.sha256)))
    return hashlib.sha256("".join(fingerprints).encode()).hexdigest()


def write_fingerprint(sha256: str) -> str:
    """Return a fingerprint in groups that can be compared by eye, as viewers of certificates show it: "3F2A 99B0 …"."""
    return " ".join(sha256[at : at + 4] for at in range(0, len(sha256), 4)).upper()


def _certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN PKCS7-----" in data:
        return pkcs7.load_pem_pkcs7_certificates(data)
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    try:
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(data)


def _candidate(read: x509.Certificate, installed: set[str]) -> RootCandidate:
    fingerprint = read.fingerprint(SHA256()).hex()
    return RootCandidate(
        sha256=fingerprint,
        subject=_name(read.subject),
        issuer=_name(read.issuer),
        valid_from=read.not_valid_before_utc,
        valid_until=read.not_valid_after_utc,
        is_authority=_is_authority(read),
        is_installed=fingerprint in installed,
        content=read.public_bytes(Encoding.DER),
    )


def _is_authority(read: x509.Certificate) -> bool:
    try:
        return bool(read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:  # of version 1, as the oldest roots are: then it vouches for itself
        return read.subject == read.issuer


def _name(name: x509.Name) -> str:
    values = [str(one.value) for kind in _NAMES for one in name.get_attributes_for_oid(kind)]
    return _clean(", ".join(dict.fromkeys(values)) or name.rfc4514_string())[:_LONGEST]


def _clean(text: str) -> str:
    return " ".join("".join(char for char in text if char.isprintable()).split())
