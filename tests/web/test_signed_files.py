"""Digital signatures beside files: on the review, the directive, the task, the decision, the receipt, in the API."""

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.intake.intake import Intake, IntakeState
from models.organization.audit import Audit
from models.organization.register_reads import resolve_person
from models.signatures.signature_facts import UNSIGNED
from models.signatures.trust import SignatureCheck, TrustedRoot
from models.tasks.evidence_files import StoredFile, store_bytes
from tests.page import Page
from tests.signing import authority, changed, sign
from tests.web.signed_results import ADMINISTRATOR, CLERK, COORDINATOR, NOW, document, install, submitted
from tests.web.site import Office, Reader
from workflows.jobs.cleanup.purge import delete_left_files
from workflows.signatures.kept_checks import SignatureChecks, check_stored
from workflows.signatures.trusted_roots import read_roots

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages wait until a check is over, however busy the machine: what they show then is what is tested."""
    monkeypatch.setattr("workflows.signatures.kept_checks.PAGE_PATIENCE", 120.0)


@pytest.fixture
def trusting(office: Office) -> Office:
    """The office with the test authority's root."""
    with transaction(office.engine) as session:
        install(session, authority().root)
    return office


def stored(sha256: str, media_type: str = "application/pdf") -> StoredFile:
    return StoredFile(sha256, "a.pdf", media_type, 1)


def received(office: Office, data: bytes) -> tuple[Reader, str]:
    reader = office.sign_in(COORDINATOR)
    answer = reader.send("/intake?lang=en", "/intake", files={"file": ("ct.pdf", data, "")}, unit="VU-VT")
    assert answer.status_code == 303, answer.text
    return reader, str(answer.headers["location"])


def signatures_in(page: str) -> str:
    found = Page(page).words("ul.signatures, p.signatures")
    assert found, "the page shows no signature"
    return " ".join(found)


def test_the_review_tells_who_signed(trusting: Office) -> None:
    reader, review = received(trusting, sign(document(), authority().minister))
    said = signatures_in(reader.get(f"{review}?lang=vi").text)
    assert "Chữ ký số hợp lệ" in said and "Nguyễn Văn An, Bộ Bưu chính, Viễn thông" in said
    assert "09 giờ 30, ngày 20/10/2026, theo đồng hồ trên máy của người ký" in said
    with reading(trusting.engine) as session:
        assert len(session.exec(select(SignatureCheck)).all()) == 1


def test_a_changed_file_warns_and_is_read_all_the_same(trusting: Office) -> None:
    reader, review = received(trusting, changed(sign(document(), authority().minister)))
    said = signatures_in(reader.get(f"{review}?lang=en").text)
    assert "Changed after signing" in said and "ask for the signed original" in said


def test_the_directives_text_tells_it_too(trusting: Office) -> None:
    reader, _review = received(trusting, sign(document(), authority().minister))
    with transaction(trusting.engine) as session:
        intake = session.exec(select(Intake)).one()
        intake.directive_id = session.exec(select(Directive.id).where(Directive.code == "ct-06-2004")).one()
        intake.state, intake.ended_at = IntakeState.CONCLUDED, NOW
    said = signatures_in(reader.get("/directives/ct-06-2004/text?lang=en").text)
    assert "Valid digital signature" in said and "Nguyễn Văn An" in said


def test_an_unsigned_document_says_nothing(office: Office) -> None:
    reader, review = received(office, document())
    assert 'class="signatures' not in reader.get(review).text


def test_a_result_shows_its_signatures_to_those_who_decide(trusting: Office) -> None:
    task = submitted(trusting, sign(document(), authority().minister), document() + b"\n%x")
    reader = trusting.sign_in(COORDINATOR)
    for page in (f"/tasks/{task.id.hex}", f"/tasks/{task.id.hex}/approve", "/inbox"):
        assert "Valid digital signature" in signatures_in(reader.get(f"{page}?lang=en").text), page
    assert "Not digitally signed" in signatures_in(reader.get("/inbox?lang=en").text)
    clerk = trusting.sign_in(CLERK).get(f"/receipts/{task.id.hex}?lang=en").text
    assert "Valid digital signature" in signatures_in(clerk)


def test_a_doubt_is_told_where_the_file_is_folded(trusting: Office) -> None:
    submitted(trusting, document() + b"\n%x", changed(sign(document(), authority().minister)))
    page = trusting.sign_in(COORDINATOR).get("/inbox?lang=en").text
    folded = re.findall(r"<details class=\"file\">.*?<summary>(.*?)</summary>", page, re.DOTALL)
    assert ["Changed after signing" in one for one in folded] == [True]


def test_a_root_installed_later_verifies_what_is_there(office: Office) -> None:
    task = submitted(office, sign(document(), authority().minister))
    reader, page = office.sign_in(COORDINATOR), f"/tasks/{task.id.hex}?lang=en"
    said = signatures_in(reader.get(page).text)
    assert "Signer not verified" in said and "“CA cơ quan nhà nước thử nghiệm”" in said
    with transaction(office.engine) as session:
        install(session, authority().root)
    assert "Valid digital signature" in signatures_in(reader.get(page).text)
    with reading(office.engine) as session:
        assert len(session.exec(select(SignatureCheck)).all()) == 1, "the older check is replaced"


def test_a_page_does_not_wait_for_a_slow_check(trusting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.signatures.kept_checks.PAGE_PATIENCE", 0.0)
    task = submitted(trusting, sign(document(), authority().minister))
    reader, page = trusting.sign_in(COORDINATOR), f"/tasks/{task.id.hex}?lang=en"
    assert "are being checked" in signatures_in(reader.get(page).text)
    monkeypatch.setattr("workflows.signatures.kept_checks.PAGE_PATIENCE", 120.0)
    assert "Valid digital signature" in signatures_in(reader.get(page).text)


def test_a_file_is_looked_into_once(trusting: Office) -> None:
    digest = store_bytes(trusting.settings.evidence, sign(document(), authority().minister))
    file, found = stored(digest), []
    for day in (0, 1):
        checks = SignatureChecks(trusting.engine, trusting.settings.evidence, lambda: NOW + timedelta(days=day))  # noqa: B023
        found.append(checks.of([file]))
        with reading(trusting.engine) as session:
            assert session.get_one(SignatureCheck, digest).checked_at == NOW
    assert found[0] == found[1] and found[0][digest] is not None


def test_a_file_that_is_gone_is_no_signed_file(trusting: Office) -> None:
    checks = SignatureChecks(trusting.engine, trusting.settings.evidence, lambda: NOW)
    assert checks.of([stored("0" * 64), stored("1" * 64, "image/png")]) == {"0" * 64: UNSIGNED}


def test_what_was_found_of_a_left_file_goes_with_it(trusting: Office) -> None:
    digest = store_bytes(trusting.settings.evidence, sign(document(), authority().minister))
    check_stored(trusting.engine, trusting.settings.evidence, digest, NOW)
    assert delete_left_files(trusting.engine, trusting.settings.evidence, now=NOW.replace(year=2100)) == 1
    with reading(trusting.engine) as session:
        assert session.get(SignatureCheck, digest) is None


def choose(boss: Reader, data: bytes, name: str = "ca.cer") -> Any:
    return boss.send("/admin/roots?lang=en", "/admin/roots?lang=en", files={"file": (name, data, "")})


def kept(page: str) -> str:
    return Page(page).value("kept")


def test_an_administrator_looks_at_a_root_before_installing_it(office: Office) -> None:
    boss, root = office.sign_in(ADMINISTRATOR), authority().root
    page = choose(boss, root.pem).text
    assert "CA gốc thử nghiệm" in page and "valid from 1 January 2025 to 1 January 2029" in page
    digest = re.findall(r'value="([0-9a-f]{64})"', page)[0]
    assert " ".join(digest[at : at + 4] for at in range(0, 64, 4)).upper() in page
    with reading(office.engine) as session:
        assert session.exec(select(TrustedRoot)).all() == []
    answer = boss.send("/admin/roots?lang=en", "/admin/roots/install", kept=kept(page), root=digest)
    assert "CA gốc thử nghiệm" in boss.follow(answer).text
    with reading(office.engine) as session:
        (installed,) = session.exec(select(TrustedRoot)).all()
        (noted,) = session.exec(select(Audit).where(Audit.action == "root_installed")).all()
        assert installed.installed_by == noted.actor_id == resolve_person(session, ADMINISTRATOR).id
        assert (noted.object, noted.facts) == ("CA gốc thử nghiệm", {"fingerprint": digest})
    assert "already installed" in choose(boss, root.der).text
    gone = boss.send("/admin/roots?lang=en", f"/admin/roots/{installed.id.hex}/remove")
    assert "No root certificate is installed" in boss.follow(gone).text
    again = boss.send("/admin/roots", f"/admin/roots/{installed.id.hex}/remove?lang=en")
    assert again.status_code == 404 and "There is no such root certificate" in again.text
    with reading(office.engine) as session:
        assert session.exec(select(Audit).where(Audit.action == "root_removed")).one().facts == {"fingerprint": digest}


def test_a_person_is_no_authority(office: Office) -> None:
    boss, minister = office.sign_in(ADMINISTRATOR), authority().minister
    page = choose(boss, minister.pem + authority().below.pem).text
    assert page.count("no authority: cannot be installed") == 1
    with reading(office.engine) as session:
        forced = read_roots(session, "a.cer", minister.der)[0].sha256
    answer = boss.send("/admin/roots?lang=en", "/admin/roots/install?lang=en", kept=kept(page), root=forced)
    assert answer.status_code == 409 and "not an authority" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(TrustedRoot)).all() == []


def test_a_file_that_was_damaged_since_it_was_looked_at_is_refused(office: Office) -> None:
    boss = office.sign_in(ADMINISTRATOR)
    page = choose(boss, authority().root.pem).text
    (file,) = (office.settings.data / "uploads").glob("*/*/*")
    file.write_bytes(b"nothing")
    answer = boss.send("/admin/roots?lang=en", "/admin/roots/install?lang=en", kept=kept(page), root="0" * 64)
    assert answer.status_code == 422 and "ca.cer" in answer.text


@pytest.mark.parametrize("data", [b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b""])
def test_a_file_without_certificates_is_refused(office: Office, data: bytes) -> None:
    answer = choose(office.sign_in(ADMINISTRATOR), data, "thư mục/ca.p7b")
    assert answer.status_code == 422 and "ca.p7b" in answer.text


def test_a_chain_comes_as_pkcs7(office: Office) -> None:
    chain = [authority().root.certificate, authority().below.certificate]
    for encoding in (Encoding.DER, Encoding.PEM):
        with reading(office.engine) as session:
            found = read_roots(session, "ca.p7b", pkcs7.serialize_certificates(chain, encoding))
        assert [one.subject for one in found] == ["CA gốc thử nghiệm", "CA cơ quan nhà nước thử nghiệm"]


def test_only_administrators_install_roots(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    assert reader.get("/admin/roots").status_code == 403
    assert reader.send("/help", "/admin/roots", files={"file": ("a.cer", authority().root.der, "")}).status_code == 403
