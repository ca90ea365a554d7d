"""Inspect the signatures of a PDF, in a process of its own: the work of `check_signatures`.

Nothing is fetched, so only revocations within the file are known. The result is facts; `signature_facts.outcome`
judges them.
"""

import asyncio
import logging
import unicodedata
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from itertools import islice
from typing import Any

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation import generic_cms
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from workflows.bounded_process.limits import protected, too_large

MOST_SIGNATURES = 20
"""Signatures of a file; an office's document has two or three."""
_MOST_LISTS = 20
"""Embedded lists of revoked certificates that are read, and as many OCSP responses."""
_LONGEST = 200
_LOCAL = timezone(timedelta(hours=7))
"""The zone of a signing time without a zone: the office's."""
_AHEAD = timedelta(minutes=10)
"""How far another machine's clock may be ahead of ours."""
_KINDS = {"/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/PBAD.PAdES"}
_STAMP = "/ETSI.RFC3161"
_DIGESTS = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512"}
_OTHER_PURPOSES = {"server_auth", "code_signing", "time_stamping", "ocsp_signing"}
_TRUST = {
    None: "trusted",
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: "unknown_root",
    AdESIndeterminate.REVOKED_NO_POE: "revoked",
    AdESIndeterminate.REVOKED_CA_NO_POE: "revoked",
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: "expired",
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: "usage",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: "algorithm",
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: "algorithm",
}


class _KnownCertificates:
    """The basis for judging certificates: the roots, and the certificates, revocations and timestamps of the file."""

    def __init__(self, roots: Iterable[bytes], now: datetime, reader: PdfFileReader) -> None:
        self.now = now
        self.roots = [x509.Certificate.load(root) for root in roots]
        self.stamps: list[tuple[datetime, str]] = []  # a timestamp also dates what is earlier in the file
        self.certificates: list[x509.Certificate] = []
        self.crls: list[crl.CertificateList] = []
        self.ocsps: list[ocsp.OCSPResponse] = []
        if "/DSS" in reader.root:
            store = DocumentSecurityStore.read_dss(reader)
            self.certificates = list(islice(store.load_certs(), 5 * _MOST_LISTS))
            context = store.as_validation_context({"trust_roots": []})
            self.add(context.crls, context.ocsps)

    def add(self, crls: Iterable[crl.CertificateList], ocsps: Iterable[ocsp.OCSPResponse]) -> None:
        self.crls = [*self.crls, *crls][:_MOST_LISTS]
        self.ocsps = [*self.ocsps, *ocsps][:_MOST_LISTS]

    def add_embedded(self, signer: cms.SignerInfo) -> None:
        """Add the revocations that the signer's program put into the signature itself."""
        try:
            archived = find_unique_cms_attribute(signer["signed_attrs"], "adobe_revocation_info_archival")
        except Exception:  # there are none, or they are malformed
            return
        self.add(archived["crl"] or (), archived["ocsp"] or ())

    def at(self, moment: datetime) -> ValidationContext:
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=self.certificates,
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
            crls=self.crls,
            ocsps=self.ocsps,
            revocation_mode="soft-fail",
            retroactive_revinfo=True,
        )

    def revocation_moments(self) -> list[datetime]:
        """Return when the lists and the OCSP responses were made, the earliest first."""
        moments = [revocations["tbs_cert_list"]["this_update"].native for revocations in self.crls]
        for response in self.ocsps:
            answers = response.response_data["responses"] if response["response_bytes"] else ()
            moments += [answer["this_update"].native for answer in answers]
        return sorted({moment for moment in moments if moment <= self.now})[:_MOST_LISTS]


def inspect_sent(data: bytes, roots: list[str], now: str) -> dict[str, object]:
    """Call `inspect_pdf` with roots in base64 and a time in ISO 8601."""
    logging.disable(logging.CRITICAL)  # the answer contains the faults of a file
    return {"signatures": inspect_pdf(data, [b64decode(root) for root in roots], datetime.fromisoformat(now))}


def inspect_pdf(data: bytes, roots: list[bytes], now: datetime) -> list[dict[str, Any]]:
    """Return the facts of each signature in the order in which they were made, with times in ISO 8601 with their zone.

    Raises Unreadable if a password protects the file, or if it has too many signatures; any error if it is no PDF.
    """
    reader = PdfFileReader(BytesIO(data), strict=False)  # files from Word do not comply strictly
    if reader.encrypted and reader.decrypt(b"").status is AuthStatus.FAILED:
        raise protected()
    fields = list(islice(enumerate_sig_fields(reader, filled_status=True), MOST_SIGNATURES + 1))
    if len(fields) > MOST_SIGNATURES:
        raise too_large()
    known = _KnownCertificates(roots, now, reader)
    fields.sort(key=lambda entry: _revision(reader, entry[2]), reverse=True)
    # the latest first, because its timestamp also dates the earlier ones
    latest_first = [asyncio.run(_inspect(reader, field, str(name), known)) for name, _value, field in fields]
    return latest_first[::-1]


def _revision(reader: PdfFileReader, field: Any) -> int:
    try:
        return int(reader.xrefs.get_last_change(field.get_object().raw_get("/V").reference))
    except Exception:  # no reference: the inspection of the signature reports it
        return 0


async def _inspect(reader: PdfFileReader, field: Any, name: str, known: _KnownCertificates) -> dict[str, Any]:
    facts: dict[str, Any] = {"trust": "unreadable"}
    try:
        await _fill(facts, reader, field, name, known)
    except Exception:  # a hostile signature may fail anywhere; the others are still inspected
        facts["trust"] = "unreadable"
    return facts


async def _fill(facts: dict[str, Any], reader: PdfFileReader, field: Any, name: str, known: _KnownCertificates) -> None:
    embedded = EmbeddedPdfSignature(reader, field, name)
    kind, signer = str(embedded.sig_object.get("/SubFilter", "")), embedded.signer_info
    facts["is_stamp"] = kind == _STAMP
    facts["reason"] = _clean(str(embedded.sig_object.get("/Reason", "")))
    facts |= _names(embedded.signer_cert)
    claimed = _zoned(embedded.self_reported_timestamp)
    if claimed:
        facts["signed_at"] = claimed.isoformat()
    mechanism = str(signer["signature_algorithm"]["algorithm"].native)
    if kind not in _KINDS | {_STAMP} or embedded.md_algorithm not in _DIGESTS or mechanism[:1].isdigit():
        facts["trust"] = "algorithm"
        return
    embedded.compute_integrity_info()
    facts["change"] = _change(embedded)
    facts["covers_all"] = embedded.coverage is SignatureCoverageLevel.ENTIRE_FILE
    known.add_embedded(signer)
    if facts["is_stamp"]:
        await _judge_stamp(facts, embedded, known)
        return
    own_stamp = None
    for token in islice(generic_cms.extract_tst_data_iter(signer, signed=False), 3):
        if own_stamp := await _trusted_stamp(token, generic_cms.message_imprint_checker(signer), known):
            break
    if stamp := own_stamp or min(known.stamps, default=None):
        _date(facts, *stamp)
    await _judge(facts, embedded, known, claimed if claimed and claimed <= known.now + _AHEAD else None)
    if own_stamp and facts["is_intact"] and facts["change"] != "content":
        known.stamps.append(own_stamp)


def _date(facts: dict[str, Any], stamped_at: datetime, stamped_by: str) -> None:
    facts |= {"stamped_at": stamped_at.isoformat(), "stamped_by": stamped_by}


async def _judge_stamp(facts: dict[str, Any], embedded: EmbeddedPdfSignature, known: _KnownCertificates) -> None:
    """Judge a timestamp of the whole document. A trusted one dates the signatures before it."""
    token = embedded.signed_data
    status = await generic_cms.validate_tst_signed_data(token, known.at(_made_at(token)), embedded.compute_digest)
    facts["is_intact"] = bool(status["intact"] and status["valid"])
    facts["trust"] = _TRUST.get(status["trust_problem_indic"], "chain")
    stamp = await _trusted_stamp(token, embedded.compute_digest, known)
    if stamp and facts["change"] != "content":
        _date(facts, *stamp)
        known.stamps.append(stamp)


def _made_at(token: cms.SignedData) -> datetime:
    made_at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return made_at


async def _trusted_stamp(token: cms.SignedData, digest: Any, known: _KnownCertificates) -> tuple[datetime, str] | None:
    """Return the time and the authority of a timestamp, if the authority's root is installed.

    Its certificate must have been valid when the timestamp was made.
    """
    made_at = _made_at(token)
    status = TimestampSignatureStatus(**await generic_cms.validate_tst_signed_data(token, known.at(made_at), digest))
    if not status.trusted or made_at > known.now + _AHEAD:
        return None
    return made_at, _names(status.signing_cert)["name"]


async def _judge(
    facts: dict[str, Any], embedded: EmbeddedPdfSignature, known: _KnownCertificates, claimed: datetime | None
) -> None:
    """Judge whether the signature fits the content, and whether its certificate is trusted.

    The certificate is judged at the trusted time, else at the time of the signer's machine. In the second case a
    revocation at any time counts, because nothing proves that the signature is older.
    """
    stamped_at = facts.get("stamped_at")
    signed_at = datetime.fromisoformat(stamped_at) if stamped_at else claimed or known.now
    moments = [signed_at]
    if not stamped_at:
        moments += [moment for moment in known.revocation_moments() if moment > signed_at]
    for moment in moments:
        status = await generic_cms.cms_basic_validation(
            embedded.signed_data,
            raw_digest=embedded.compute_digest(),
            validation_context=known.at(moment),
            key_usage_settings=_usage(embedded.signer_cert),
        )
        problem = status["trust_problem_indic"]
        trust = _TRUST.get(problem, "chain")
        if moment == signed_at:
            facts["is_intact"] = bool(status["intact"] and status["valid"])
            facts["trust"] = trust if status["validation_path"] or problem else "unknown_root"
        if trust == "revoked":
            facts["trust"] = trust
            facts["revoked_at"] = status["revocation_details"].revocation_date.isoformat()
            return
    if facts["trust"] == "trusted" and _serves_other_purposes(embedded.signer_cert):
        facts["trust"] = "usage"


def _usage(certificate: x509.Certificate) -> KeyUsageConstraints:
    """Return the required key usage. A certificate without a key usage may sign."""
    required = {"non_repudiation", "digital_signature"} if certificate.key_usage_value is not None else set()
    return KeyUsageConstraints(key_usage=required)


def _serves_other_purposes(certificate: x509.Certificate) -> bool:
    purposes = certificate.extended_key_usage_value
    return purposes is not None and set(purposes.native) <= _OTHER_PURPOSES


def _change(embedded: EmbeddedPdfSignature) -> str:
    if embedded.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return "none"
    difference: Any = embedded.diff_result
    level = difference.modification_level if isinstance(difference, DiffResult) else ModificationLevel.OTHER
    if level is ModificationLevel.OTHER or not embedded.summarise_integrity_info()["docmdp_ok"]:
        return "content"
    if level is ModificationLevel.ANNOTATIONS:
        return "notes"
    if level is ModificationLevel.FORM_FILLING:
        signatures = {name for name, _value, _field in enumerate_sig_fields(embedded.reader)}
        return "signed" if difference.changed_form_fields <= signatures else "form"
    return "none"


def _names(certificate: x509.Certificate) -> dict[str, str]:
    subject, issuer = certificate.subject.native, certificate.issuer.native
    return {
        "name": _first(subject, "common_name", "organizational_unit_name", "organization_name"),
        "organisation": _first(subject, "organization_name"),
        "issuer": _first(issuer, "common_name", "organization_name"),
        "valid_from": certificate.not_valid_before.isoformat(),
        "valid_until": certificate.not_valid_after.isoformat(),
    }


def _first(names: dict[str, Any], *kinds: str) -> str:
    """Return the first name that is not empty. A kind may have a list of names."""
    for kind in kinds:
        values = names.get(kind) or ()
        for value in values if isinstance(values, list | tuple) else [values]:
            if name := _clean(str(value)):
                return name
    return ""


def _clean(text: str) -> str:
    shown = "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] != "C")
    return " ".join(shown.split())[:_LONGEST]


def _zoned(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=_LOCAL)).astimezone(UTC)
