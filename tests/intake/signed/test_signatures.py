"""Signatures of PDFs made with a test authority: who, when, what changed since, and whom to believe."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from models.signatures.signature_facts import UNSIGNED, Change, FileCheck, Outcome, Signature, outcome
from notifications.composing.wording import WrittenWords
from tests.intake.files.made import locked_pdf, pdf
from tests.signing import NOW, SIGNED_AT, Holder, authority, changed, sign, stamp
from workflows.bounded_process.limits import Unreadable
from workflows.signatures.inspect_pdf import MOST_SIGNATURES, inspect_pdf
from workflows.signatures.kept_checks import check_signatures
from workflows.signatures.signature_words import say_signatures

IN_2030 = datetime(2030, 1, 1, tzinfo=UTC)


@cache
def plain() -> bytes:
    return pdf("CHỈ THỊ. 1. Vụ Viễn thông báo cáo kết quả.")


@cache
def signed() -> bytes:
    return sign(plain(), authority().minister)


def look(data: bytes, roots: list[bytes] | None = None, now: datetime = NOW) -> list[Signature]:
    return [Signature.of(one) for one in inspect_pdf(data, authority().roots if roots is None else roots, now)]


def outcomes(data: bytes, roots: list[bytes] | None = None, now: datetime = NOW) -> list[Outcome]:
    return [outcome(one, now) for one in look(data, roots, now)]


def sentences(data: bytes, now: datetime = NOW) -> list[str]:
    return [" ".join(one.remarks) for one in say_signatures(look(data, now=now), now, WrittenWords("en"))]


def test_a_signature_tells_who_signed_and_when() -> None:
    (one,) = look(signed())
    assert (one.name, one.organisation) == ("Nguyễn Văn An", "Bộ Bưu chính, Viễn thông")
    assert one.issuer == "CA cơ quan nhà nước thử nghiệm"
    assert (one.signed_at, one.stamped_at, one.change) == (SIGNED_AT, None, Change.NONE)
    assert one.covers_all and outcome(one, NOW) is Outcome.VALID
    (said,) = say_signatures([one], NOW, WrittenWords("vi"))
    assert str(said.who) == "Nguyễn Văn An, Bộ Bưu chính, Viễn thông"
    assert said.when is not None and said.when.facts == {"time": "09 giờ 30", "day": "20/10/2026"}


def test_the_bound_process_finds_the_same() -> None:
    found = check_signatures(signed(), authority().roots, NOW)
    assert (list(found.signatures), found.has_failed) == (look(signed()), False)


def test_an_unsigned_file_has_no_signatures() -> None:
    assert check_signatures(plain(), [], NOW) == UNSIGNED
    assert check_signatures(b"not a PDF /ByteRange", [], NOW) == UNSIGNED


def test_words_drawn_over_a_signed_page_are_a_change() -> None:
    data = changed(signed())
    assert outcomes(data) == [Outcome.CHANGED]
    assert sentences(data) == ["The content is no longer what was signed: ask for the signed original."]


def test_a_later_signature_covers_a_change_made_between() -> None:
    data = sign(changed(signed()), authority().office, SIGNED_AT + timedelta(hours=1))
    assert outcomes(data) == [Outcome.CHANGED, Outcome.VALID]
    assert "the later signature of Bộ Bưu chính, Viễn thông covers the change" in sentences(data)[0]


def test_a_second_signature_is_no_change_of_content() -> None:
    data = sign(signed(), authority().office, SIGNED_AT + timedelta(hours=1))
    clerk = authority().below.person("Trần Thị Bình", "Sở Bưu chính, Viễn thông")
    data = sign(data, clerk, SIGNED_AT + timedelta(days=2), reason="Sao y")
    found = look(data)
    assert [one.name for one in found] == ["Nguyễn Văn An", "Bộ Bưu chính, Viễn thông", "Trần Thị Bình"]
    assert [one.change for one in found] == [Change.SIGNED, Change.SIGNED, Change.NONE]
    assert outcomes(data) == [Outcome.VALID] * 3
    assert sentences(data)[2] == "Purpose given: Sao y."


def test_altered_bytes_break_the_signature() -> None:
    assert outcomes(signed().replace(b"/MediaBox", b"/MediaBax", 1)) == [Outcome.BROKEN]


def test_without_its_root_a_signer_is_not_verified() -> None:
    assert outcomes(signed(), roots=[]) == [Outcome.UNKNOWN_ROOT]
    assert outcomes(signed(), roots=[Holder.root("CA khác").der]) == [Outcome.UNKNOWN_ROOT]
    assert outcomes(signed(), roots=[Holder.root("CA gốc thử nghiệm").der]) == [Outcome.CHAIN], "only the same name"
    assert outcomes(signed(), roots=[authority().below.der]) == [Outcome.VALID], "an authority below the root will do"


def test_an_expired_certificate_needs_a_trusted_time() -> None:
    assert outcomes(signed(), now=IN_2030) == [Outcome.EXPIRED]
    assert sentences(signed(), IN_2030)[0].startswith("The certificate expired on 1 January 2029, and no trusted")
    stamped = sign(plain(), authority().minister, clock=authority().time)
    assert outcomes(stamped, now=IN_2030) == [Outcome.VALID]
    assert "a trusted timestamp proves" in sentences(stamped, IN_2030)[0]
    unknown_clock = sign(plain(), authority().minister, clock=Holder.root("Đồng hồ lạ").clock("TSA lạ"))
    assert outcomes(unknown_clock, now=IN_2030) == [Outcome.EXPIRED]


def test_a_later_timestamp_proves_the_signatures_before_it() -> None:
    clock, day = authority().time, timedelta(days=1)
    of_the_whole = stamp(signed(), clock, SIGNED_AT + day)
    assert outcomes(of_the_whole, now=IN_2030) == [Outcome.VALID, Outcome.VALID]
    assert look(of_the_whole)[0].stamped_at == SIGNED_AT + day
    of_the_office = sign(signed(), authority().office, SIGNED_AT + day, clock=clock)
    assert look(of_the_office)[0].stamped_at == SIGNED_AT + day
    said = say_signatures(look(of_the_office), NOW, WrittenWords("en"))
    assert str(said[0].when) == (
        "09:30, 20 October 2026, by the clock of the signer's machine; a timestamp of TSA thử nghiệm proves: "
        "before 09:30, 21 October 2026"
    )
    assert str(said[1].when) == "09:30, 21 October 2026, as a timestamp of TSA thử nghiệm confirms"
    assert outcomes(of_the_office, now=IN_2030) == [Outcome.VALID, Outcome.VALID]


def test_a_certificate_must_be_valid_when_it_signs() -> None:
    past = authority().below.person(
        "Cũ", begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2024, 1, 1, tzinfo=UTC)
    )
    future = authority().below.person("Mới", begins=datetime(2027, 1, 1, tzinfo=UTC))
    for holder in (past, future):
        assert outcomes(sign(plain(), holder)) == [Outcome.NOT_VALID_THEN]


@pytest.mark.parametrize(
    ("revoked", "told", "stamped", "expected"),
    [
        (1, 8, True, Outcome.REVOKED),
        (6, 8, True, Outcome.VALID),  # the timestamp proves that it was signed before
        (1, 8, False, Outcome.REVOKED),
        (6, 8, False, Outcome.REVOKED),  # nothing proves it
    ],
)
def test_a_revocation_that_the_file_carries_counts(revoked: int, told: int, stamped: bool, expected: Outcome) -> None:
    day, minister = timedelta(days=1), authority().minister
    listed = authority().below.revoked(minister, SIGNED_AT + revoked * day, SIGNED_AT + told * day)
    data = sign(plain(), minister, SIGNED_AT + 3 * day, crls=[listed], clock=authority().time if stamped else None)
    assert outcomes(data) == [expected]


def test_a_certificate_must_be_for_signing() -> None:
    below = authority().below
    for holder in (
        below.person("Khoá", usage=("key_encipherment",)),
        below.person("Máy chủ", purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)),
    ):
        assert outcomes(sign(plain(), holder)) == [Outcome.USAGE]


def test_unsafe_and_unknown_kinds_of_signatures_are_told() -> None:
    assert outcomes(sign(plain(), authority().minister, digest="sha1")) == [Outcome.ALGORITHM]
    unknown = signed().replace(b"/ETSI.CAdES.detached", b"/ABCD.CAdES.detached")
    assert outcomes(unknown) == [Outcome.ALGORITHM]


def test_a_time_ahead_of_ours_is_told() -> None:
    data = sign(plain(), authority().minister, NOW + timedelta(days=30))
    assert sentences(data) == ["This time lies ahead: the clock of the signer's machine was wrong."]


def test_names_come_without_control_and_direction_marks() -> None:
    holder = authority().below.person("Nguyễn\u202e Văn\nAn" + "x" * 30)
    (one,) = look(sign(plain(), holder))
    assert one.name == "Nguyễn VănAn" + "x" * 30


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/ByteRange", b"/ByteRunge"),
        (b"/Contents <30", b"/Contents <ff"),
        (b"/Contents <30", b"/Contents  30"),
        (b"/Type /Sig", b"/Type /Xig"),
    ],
)
def test_garbage_in_a_signature_is_told_and_hurts_nobody(old: bytes, new: bytes) -> None:
    assert old in signed()
    assert all(one is not Outcome.VALID for one in outcomes(signed().replace(old, new)))


def test_byte_ranges_that_lie_are_never_valid() -> None:
    at = signed().index(b"/ByteRange [") + 12
    end = signed().index(b"]", at)
    given = signed()[at:end].split()
    for wrong in (
        (0, 0, 0, 0),
        (0, 10, 20, 30),
        (-1, 5, 5, 5),
        (0, 1 << 60, 5, 5),
        (5, int(given[1]), int(given[2]), 9),
    ):
        lie = " ".join(map(str, wrong)).encode().ljust(end - at)[: end - at]
        found = outcomes(signed()[:at] + lie + signed()[end:])
        assert found and Outcome.VALID not in found


def test_what_cannot_be_looked_at_comes_back_as_failed() -> None:
    for data in (
        b"%PDF-1.7 /ByteRange cut off",
        signed()[: signed().index(b"/ByteRange") + 50],
        locked_pdf() + b"\n% /ByteRange",
    ):
        found = check_signatures(data, [], NOW)
        assert found.has_failed and not found.signatures


def test_a_file_made_to_take_long_is_given_up() -> None:
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 200_000))
    body = b"1 0 obj<</Type/Catalog/AcroForm<</Fields[" + kids + b"]>>>>endobj\n"
    data = b"%PDF-1.7\n% /ByteRange\n" + body * 3 + b"trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    assert check_signatures(data, [], NOW).has_failed


def test_a_file_with_more_signatures_than_any_office_makes_is_given_up() -> None:
    count = MOST_SIGNATURES + 1
    fields = b" ".join(b"%d 0 R" % (2 + one) for one in range(count))
    parts = [b"1 0 obj<</Type/Catalog/AcroForm<</Fields[" + fields + b"]>>>>endobj\n"]
    value = b"<</ByteRange[0 1 2 3]/Contents<00>>>"
    parts += [b"%d 0 obj<</FT/Sig/T(%d)/V %b>>endobj\n" % (2 + one, one, value) for one in range(count)]
    data, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for part in parts:
        table += b"%010d 00000 n \n" % len(data)
        data += part
    ending = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (count + 2, len(data))
    data += b"xref\n0 %d\n" % (count + 2) + table + ending
    with pytest.raises(Unreadable):
        look(data)
    assert check_signatures(data, [], NOW) == FileCheck(has_failed=True)
