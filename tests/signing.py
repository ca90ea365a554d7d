"""A certificate authority of our own for tests: root, authority below it, people, an authority of time; signs PDFs."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any, Self

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from asn1crypto.pdf import RevocationInfoArchival
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
SIGNED_AT = datetime(2026, 10, 20, 2, 30, tzinfo=UTC)  # 09:30 local
_AUTHORITY = ("key_cert_sign", "crl_sign")
_SIGNS = ("digital_signature", "content_commitment")
_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Holder:
    """A certificate with its key, and the certificates above it."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @classmethod
    def root(cls, name: str, **given: Any) -> Self:
        """A new root."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(_made(name, key, None, usage=_AUTHORITY, is_authority=True, **given), key)

    def authority(self, name: str, **given: Any) -> "Holder":
        """An authority below this one."""
        return self._below(name, usage=_AUTHORITY, is_authority=True, **given)

    def person(self, name: str, organisation: str = "", usage: tuple[str, ...] = _SIGNS, **given: Any) -> "Holder":
        """Somebody who signs, or an office."""
        return self._below(name, organisation=organisation, usage=usage, **given)

    def clock(self, name: str) -> "Holder":
        """An authority of time."""
        key = rsa.generate_private_key(65537, 2048)  # pyhanko's stamper for tests knows no other
        return self._below(name, key, usage=("digital_signature",), purposes=(ExtendedKeyUsageOID.TIME_STAMPING,))

    def _below(self, name: str, key: Key | None = None, **given: Any) -> "Holder":
        key = key or ec.generate_private_key(ec.SECP256R1())
        return Holder(_made(name, key, self, **given), key, (*self.above, self.certificate))

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def revoked(self, of: "Holder", at: datetime, told_at: datetime) -> asn1_crl.CertificateList:
        """This authority's list of revoked certificates, with one on it."""
        entry = x509.RevokedCertificateBuilder().serial_number(of.certificate.serial_number).revocation_date(at)
        told = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(told_at)
            .next_update(told_at + timedelta(days=7))
            .add_revoked_certificate(entry.build())
            .sign(self.key, hashes.SHA256())
        )
        return asn1_crl.CertificateList.load(told.public_bytes(serialization.Encoding.DER))


def _made(
    name: str,
    key: Key,
    issuer: Holder | None,
    *,
    usage: Collection[str],
    organisation: str = "",
    is_authority: bool = False,
    purposes: Collection[x509.ObjectIdentifier] = (),
    begins: datetime = datetime(2025, 1, 1, tzinfo=UTC),
    ends: datetime = datetime(2029, 1, 1, tzinfo=UTC),
) -> x509.Certificate:
    names = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation:
        names.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    subject = x509.Name(names)
    above = issuer.certificate if issuer else None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.KeyUsage(**{one: one in usage for one in _USAGES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_authority:  # as real ones: without it nobody asks whether a certificate was revoked
        where = [x509.UniformResourceIdentifier("http://crl.example.vn/a.crl")]
        points = x509.CRLDistributionPoints([x509.DistributionPoint(where, None, None, None)])
        builder = builder.add_extension(points, critical=False)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=True)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


@dataclass(frozen=True)
class Authority:
    """What most tests sign with."""

    root: Holder = field(default_factory=lambda: Holder.root("CA gốc thử nghiệm"))
    below: Holder = field(init=False)
    minister: Holder = field(init=False)
    office: Holder = field(init=False)
    time: Holder = field(init=False)

    def __post_init__(self) -> None:
        below = self.root.authority("CA cơ quan nhà nước thử nghiệm")
        for name, made in {
            "below": below,
            "minister": below.person("Nguyễn Văn An", "Bộ Bưu chính, Viễn thông"),
            "office": below.person("Bộ Bưu chính, Viễn thông", "Bộ Bưu chính, Viễn thông"),
            "time": self.root.clock("TSA thử nghiệm"),
        }.items():
            object.__setattr__(self, name, made)

    @property
    def roots(self) -> list[bytes]:
        return [self.root.der]


@cache
def authority() -> Authority:
    """The same for all tests of a process."""
    return Authority()


class _At(PdfSigner):
    """Signs at a time that is passed in."""

    at: datetime

    def init_signing_session(self, *given: Any, **more: Any) -> Any:
        session = super().init_signing_session(*given, **more)
        session.system_time = self.at
        return session


def sign(
    data: bytes,
    holder: Holder,
    at: datetime = SIGNED_AT,
    *,
    clock: Holder | None = None,
    reason: str = "",
    crls: Collection[asn1_crl.CertificateList] = (),
    digest: str = "sha256",
) -> bytes:
    """A PDF with one signature more; `clock` stamps its time."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    described = PdfSignatureMetadata(
        field_name=f"Signature{len(data)}", reason=reason or None, md_algorithm=digest, subfilter=_kind(crls)
    )
    signer = SimpleSigner(_certificate(holder.certificate), _key(holder), _store(holder))
    if crls:
        signer = _Archiving(_certificate(holder.certificate), _key(holder), _store(holder))
        signer.crls = list(crls)
    tool = _At(described, signer, timestamper=_clock(clock, at) if clock else None)
    tool.at = at
    made = BytesIO()
    tool.sign_pdf(writer, output=made)
    return made.getvalue()


def stamp(data: bytes, clock: Holder, at: datetime = SIGNED_AT) -> bytes:
    """A PDF with a timestamp of the whole."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    made = BytesIO()
    PdfTimeStamper(_clock(clock, at)).timestamp_pdf(writer, "sha256", output=made)
    return made.getvalue()


class _Archiving(SimpleSigner):
    """Lays lists of revoked certificates into its signature, as Acrobat and its like do."""

    crls: list[asn1_crl.CertificateList]

    async def signed_attrs(self, *given: Any, **more: Any) -> Any:
        settings = more["attr_settings"]

        archived = RevocationInfoArchival({"crl": self.crls, "ocsp": []})
        more["attr_settings"] = replace(settings, adobe_revinfo_attr=archived)
        return await super().signed_attrs(*given, **more)


def _kind(crls: Collection[object]) -> SigSeedSubFilter:
    return SigSeedSubFilter.ADOBE_PKCS7_DETACHED if crls else SigSeedSubFilter.PADES


def _clock(holder: Holder, at: datetime) -> DummyTimeStamper:
    return DummyTimeStamper(_certificate(holder.certificate), _key(holder), _store(holder), fixed_dt=at)


def _store(holder: Holder) -> SimpleCertificateStore:
    store = SimpleCertificateStore()
    store.register_multiple([_certificate(one) for one in holder.above])
    return store


def _certificate(one: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(one.public_bytes(serialization.Encoding.DER))


def _key(holder: Holder) -> asn1_keys.PrivateKeyInfo:
    plain = holder.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(plain)


def changed(data: bytes) -> bytes:
    """The file with words drawn over its first page, as an update behind what was signed."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    drawn = generic.StreamObject(stream_data=b"BT (changed) Tj ET")
    writer.add_stream_to_page(0, writer.add_object(drawn))
    made = BytesIO()
    writer.write(made)
    return made.getvalue()
