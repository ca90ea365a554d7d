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
"""The largest file of certificates. One certificate has about two kilobytes."""
MOST_ROOTS = 100
"""Installed roots. Each check of a file reads all of them."""
_LONGEST = 300
_NAMES = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME)


@dataclass(frozen=True)
class RootCandidate:
    """A certificate of an uploaded file. `is_authority`: it may vouch for other certificates."""

    sha256: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    is_authority: bool
    is_installed: bool
    content: bytes

    def is_over(self, now: datetime) -> bool:
        return self.valid_until < now


def read_roots(session: Session, name: str, data: bytes) -> list[RootCandidate]:
    """Read the distinct certificates of a PEM, DER or PKCS #7 file. Raises BadInput if there are none."""
    file = clean_name(name)
    if not 0 < len(data) <= MOST_BYTES:
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes", file=file, size=len(data), most=MOST_BYTES
        )
    installed = set(session.exec(select(TrustedRoot.sha256)))
    try:
        candidates = [_candidate(certificate, installed) for certificate in _certificates(data)]
    except ValueError:
        candidates = []
    if not candidates:
        raise BadInput("file {file}: there is no certificate in it; send a .cer, .crt, .pem or .p7b file", file=file)
    return list({candidate.sha256: candidate for candidate in candidates}.values())


def install_roots(session: Session, chosen: Sequence[RootCandidate], by: AuditActor, person_id: UUID) -> int:
    """Install the certificates that are not installed yet. Return how many. Raises Refused if one is no authority's."""
    new_roots = [candidate for candidate in chosen if not candidate.is_installed]
    for root in new_roots:
        if not root.is_authority:
            raise Refused(
                "{subject}: this is a person's or an office's certificate, not an authority's", subject=root.subject
            )
    if len(list_roots(session)) + len(new_roots) > MOST_ROOTS:
        raise Refused("at most {most} root certificates: remove those that are no longer needed", most=MOST_ROOTS)
    for root in new_roots:
        session.add(
            TrustedRoot(
                sha256=root.sha256,
                subject=root.subject,
                issuer=root.issuer,
                valid_from=root.valid_from,
                valid_until=root.valid_until,
                content=root.content,
                installed_at=by.now,
                installed_by=person_id,
            )
        )
        by.note(session, "root_installed", root.subject, {"fingerprint": root.sha256})
    session.flush()
    return len(new_roots)


def remove_root(session: Session, root_id: str, by: AuditActor) -> TrustedRoot:
    """Remove the root with this hexadecimal id. Raises NotFound."""
    root = next((root for root in list_roots(session) if root.id.hex == root_id), None)
    if root is None:
        raise NotFound("there is no such root certificate")
    session.delete(root)
    by.note(session, "root_removed", root.subject, {"fingerprint": root.sha256})
    session.flush()
    return root


def list_roots(session: Session) -> list[TrustedRoot]:
    return list(session.exec(select(TrustedRoot).order_by(col(TrustedRoot.subject), col(TrustedRoot.sha256))))


def digest_of_roots(session: Session) -> str:
    fingerprints = session.exec(select(TrustedRoot.sha256).order_by(col(TrustedRoot.sha256)))
    return hashlib.sha256("".join(fingerprints).encode()).hexdigest()


def write_fingerprint(sha256: str) -> str:
    """Write a fingerprint in groups of four, as viewers of certificates do: "3F2A 99B0 …"."""
    return " ".join(sha256[start : start + 4] for start in range(0, len(sha256), 4)).upper()


def _certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN PKCS7-----" in data:
        return pkcs7.load_pem_pkcs7_certificates(data)
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    try:
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(data)


def _candidate(certificate: x509.Certificate, installed: set[str]) -> RootCandidate:
    fingerprint = certificate.fingerprint(SHA256()).hex()
    return RootCandidate(
        sha256=fingerprint,
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        is_authority=_is_authority(certificate),
        is_installed=fingerprint in installed,
        content=certificate.public_bytes(Encoding.DER),
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:  # a root of version 1, as the oldest are, is its own issuer
        return certificate.subject == certificate.issuer


def _name(name: x509.Name) -> str:
    values = [str(attribute.value) for kind in _NAMES for attribute in name.get_attributes_for_oid(kind)]
    return _clean(", ".join(dict.fromkeys(values)) or name.rfc4514_string())[:_LONGEST]


def _clean(text: str) -> str:
    return " ".join("".join(char for char in text if char.isprintable()).split())
