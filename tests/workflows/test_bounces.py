"""Letters that come back: believed only with our own token, told to whoever must know, and never twice."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, event, update
from sqlmodel import col, select

from models.database.run import link_key
from models.database.session import reading, transaction
from models.letters.bounce import Bounce, BounceAction, BounceAside
from models.letters.letter import Letter, LetterState, NoticeState
from models.letters.letter_reads import bounces_since, letter_bounces
from models.operations.alert import Alert
from models.organization.account import Proof, WebSession
from notifications.composing.keys import message_id, read_return, sign_return
from notifications.replies.bounce_report import LARGEST, read_report
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.bounce_samples import exchange, gmail, headers_of, holiday_answer, nested, postfix, token_of
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.workflows.bounced import DEPUTY, HEAD, LATER, drop, left, letter, sent_to
from workflows.delivery.resend import resend
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.simulate import RecordedSender
from workflows.queue.send_hold import begin_send_hold, lift_send_hold
from workflows.replies.read_mail import read_mail
from workflows.rules.bounce_meaning import DOUBT_LASTS

SECRET = "the installation's key"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


def read(office: Office) -> list[Bounce]:
    with reading(office.engine) as session:
        return list(session.exec(select(Bounce).order_by(col(Bounce.read_at), col(Bounce.key))))


def forms(office: Office) -> dict[str, Callable[[bytes], bytes]]:
    return {
        "postfix, headers": postfix,
        "postfix, envelope id": lambda raw: postfix(raw, envid=token_of(raw).upper(), returned="Subject: x"),
        "exchange": exchange,
        "gmail, return path": lambda raw: gmail(raw, f"bounce+{token_of(raw)}@mpt.example"),
    }


# what happens


@pytest.mark.parametrize("form", ["postfix, headers", "postfix, envelope id", "exchange", "gmail, return path"])
def test_who_must_know_hears_within_one_tick_that_a_letter_came_back(office: Office, form: str) -> None:
    drop(office, forms(office)[form](left(office)))
    assert office.tick(LATER).bounces == 1
    assert letter(office).state is LetterState.FAILED and "came back" in letter(office).error
    assert office.person(HEAD).email_doubted_at == LATER
    assert office.notices(office.task(), NoticeState.FAILED) == [("assigned", 0, HEAD, "failed")]
    for code in (COORDINATOR, DEPUTY):
        assert ("undeliverable", 0) in office.told(office.task(), code)


def test_its_file_is_put_away_once_it_is_read(office: Office) -> None:
    drop(office, postfix(left(office)))
    office.tick(LATER)
    assert [path.name for path in office.settings.bounces_folder.glob("*.eml")] == []
    assert [path.name for path in (office.settings.bounces_folder / "done").iterdir()] == ["001.eml"]


def test_on_sqlite_a_report_is_on_the_disk_before_its_file_is_put_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut may leave the file among those that are done, and take back what was learnt of it."""
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")
    drop(office, postfix(left(office)), holiday_answer())
    commits: list[int] = []
    put_away: list[list[int]] = []

    def commit(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        commits.append(driver.execute("PRAGMA synchronous").fetchone()[0])

    def rename(path: Path, target: Path) -> None:
        put_away.append(commits.copy())
        commits.clear()
        os.rename(path, target)

    event.listen(office.engine, "commit", commit)
    monkeypatch.setattr(Path, "rename", rename)
    try:
        assert read_mail(office.engine, office.settings, now=LATER, calendar=office.calendar).bounces == 2
    finally:
        event.remove(office.engine, "commit", commit)
    assert put_away == [[2, 2], [2]], "written down and acted upon, and written down, with the disk asked (FULL)"
    assert letter(office).state is LetterState.FAILED
    with office.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1, "and everything else as fast as ever"


def test_the_letter_to_the_deputy_names_the_task(office: Office) -> None:
    drop(office, postfix(left(office)))
    office.tick(LATER)
    assert "30/06/2004" in body(office.sent(DEPUTY)[-1])


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_did_not_come_back_is_only_recorded(office: Office, action: str) -> None:
    drop(office, postfix(left(office), action, "2.0.0"))
    office.tick(LATER)
    assert letter(office).state is LetterState.SENT and office.person(HEAD).email_refused_at is None
    assert [one.action for one in read(office)] == [BounceAction(action)]


@pytest.mark.parametrize("status", ["4.4.7", "5.0.0", "5.2.2", "5.3.4", "5.4.316", "5.7.1"])
def test_a_letter_that_came_back_for_another_reason_condemns_no_address(office: Office, status: str) -> None:
    drop(office, postfix(left(office), status=status))
    office.tick(LATER)
    assert letter(office).state is LetterState.FAILED and office.person(HEAD).email_refused_at is None
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    advice = "bộ lọc của máy chủ thư" if status == "5.7.1" else "cập nhật danh bạ"
    assert advice in body(office.sent(COORDINATOR)[-1])


def test_the_same_report_twice_changes_nothing_the_second_time(office: Office) -> None:
    report = postfix(left(office))
    drop(office, report)
    office.tick(LATER)
    before = (office.rows(), office.person(HEAD), letter(office).error)
    drop(office, report, report.replace(b"Received: by", b"Received: again by"))
    office.tick(LATER + timedelta(minutes=1))
    after = office.rows()
    assert after.pop("run") == before[0].pop("run") + 1  # the tick itself
    assert (after, office.person(HEAD), letter(office).error) == before


def test_a_second_report_of_the_same_letter_tells_nobody_again(office: Office) -> None:
    raw = left(office)
    drop(office, postfix(raw), exchange(raw))
    office.tick(LATER)
    office.tick(LATER + timedelta(minutes=1))
    assert office.told(office.task(), COORDINATOR).count(("undeliverable", 0)) == 1
    assert [one.settled_at is not None for one in read(office)].count(True) == 1


def test_after_the_coordinator_changed_the_present_one_hears_of_it(office: Office) -> None:
    raw = left(office)
    office.change_task(office.task(), coordinator_id=office.person("ho.thi.mai").id)
    drop(office, postfix(raw))
    office.tick(LATER)
    assert ("undeliverable", 0) in office.told(office.task(), "ho.thi.mai")
    assert ("undeliverable", 0) not in office.told(office.task(), COORDINATOR)


def test_bounce_after_change_of_lead_goes_to_the_readers_deputy(office: Office) -> None:
    raw = left(office)
    office.act(office.task(), "change-lead", COORDINATOR, at(1, minute=5), to="VU-PC", note="đúng chức năng")
    drop(office, postfix(raw))
    office.tick(LATER)
    assert ("undeliverable", 0) in office.told(office.task(), DEPUTY)
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    assert ("undeliverable", 0) not in office.told(office.task(), "thai.duy.khanh"), "the new unit's"


@pytest.mark.parametrize("change", [{"deputy_id": None}, {"is_outside": True}])
def test_a_readers_unit_without_a_deputy_of_ours_leaves_it_to_the_coordinator(
    office: Office, change: dict[str, object]
) -> None:
    raw = left(office)
    office.change_unit("VU-KHTC", **change)
    drop(office, postfix(raw))
    office.tick(LATER)
    told = {code for rung, _offset, code, _state in office.notices(office.task()) if rung == "undeliverable"}
    assert told == {COORDINATOR}


def test_an_address_that_was_changed_meanwhile_is_not_condemned(office: Office) -> None:
    raw = left(office)
    office.change_person(HEAD, email="ngan.moi@mpt.example")
    drop(office, postfix(raw))
    office.tick(LATER)
    assert office.person(HEAD).email_refused_at is None
    assert letter(office).state is LetterState.FAILED, "it went to the old one all the same"
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)


def test_bounce_of_the_old_address_spares_the_new_ones_letter(office: Office) -> None:
    raw = left(office)
    drop(office, postfix(raw))
    office.tick(LATER)
    office.change_person(HEAD, email="ngan.moi@mpt.example")
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter(office).id], LATER)
    office.tick(LATER + timedelta(minutes=1))
    assert letter(office).address == "ngan.moi@mpt.example" and letter(office).state is LetterState.SENT
    drop(office, exchange(raw))
    office.tick(LATER + timedelta(minutes=2))
    assert letter(office).state is LetterState.SENT and office.person(HEAD).email_refused_at is None


# what condemns an address


def doubted(office: Office) -> None:
    """A report that nothing proves has come of the head's first letter."""
    drop(office, postfix(left(office)))
    office.tick(LATER)


def next_letter(office: Office) -> bytes:
    """The head's next letter, which leaves after the doubt."""
    before = len(office.sent(HEAD))
    office.days(at(2), at(4))
    assert len(office.sent(HEAD)) > before
    return sent_to(office, HEAD)


def test_an_unproved_report_doubts_the_address_and_letters_go_on(office: Office) -> None:
    doubted(office)
    head = office.person(HEAD)
    assert (head.email_refused_at, head.email_doubted_at) == (None, LATER)
    next_letter(office)


def test_the_next_letter_is_the_probe_and_its_report_condemns(office: Office) -> None:
    doubted(office)
    drop(office, postfix(next_letter(office), message_id="probe@mx"))
    office.tick(at(5))
    assert office.person(HEAD).email_refused_at == at(5)


@pytest.mark.parametrize(
    "results",
    [
        "spf=pass smtp.helo=mx.mpt.example",
        "dkim=pass header.d=mpt.example",
        "spf=none; dkim=pass header.i=@bounces.mpt.example",
    ],
)
def test_a_report_that_our_server_proved_condemns_at_once(office: Office, results: str) -> None:
    office.settings.replies = office.settings.replies.model_copy(update={"authserv_id": "mx.office.example"})
    head = f"Authentication-Results: mx.office.example; {results}\r\n".encode()
    drop(office, head + postfix(left(office)))
    office.tick(LATER)
    assert office.person(HEAD).email_refused_at == LATER


def test_who_has_signed_in_since_is_never_condemned(office: Office) -> None:
    doubted(office)
    raw = next_letter(office)
    with transaction(office.engine) as session:
        session.add(
            WebSession(
                key_hash="x" * 64,
                person_id=office.person(HEAD).id,
                proof=Proof.PASSWORD,
                created_at=ON,
                last_seen_at=at(4, hour=12),
                expires_at=at(30),
            )
        )
    drop(office, postfix(raw, message_id="probe@mx"))
    office.tick(at(5))
    head = office.person(HEAD)
    assert head.email_refused_at is None and head.email_doubted_at == at(5), "and the next letter is the probe"


def test_a_new_address_and_sending_again_end_the_doubt(office: Office) -> None:
    doubted(office)
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter(office).id], LATER)
    assert office.person(HEAD).email_doubted_at is None


def test_a_doubt_of_long_ago_makes_no_letter_a_probe(office: Office) -> None:
    doubted(office)
    office.tick(LATER + DOUBT_LASTS + timedelta(days=1))
    drop(office, postfix(sent_to(office, HEAD), message_id="late@mx"))
    office.tick(LATER + DOUBT_LASTS + timedelta(days=1, minutes=1))
    assert office.person(HEAD).email_refused_at is None


# before our commit


def test_a_report_that_is_faster_than_our_commit_waits_for_the_letters_end(office: Office) -> None:
    raw = left(office)
    with transaction(office.engine) as session:  # as it is between the server's 250 and the commit
        session.execute(
            update(Letter)
            .where(col(Letter.id) == letter(office).id)
            .values(state=LetterState.CLAIMED, lease_until=LATER + timedelta(minutes=10))
        )
    drop(office, postfix(raw))
    office.tick(LATER)
    assert letter(office).state is LetterState.CLAIMED and [one.waits for one in read(office)] == [True]
    assert office.person(HEAD).email_refused_at is None
    with transaction(office.engine) as session:
        session.execute(
            update(Letter).where(col(Letter.id) == letter(office).id).values(state=LetterState.SENT, lease_until=None)
        )
    office.tick(LATER + timedelta(minutes=1))
    assert letter(office).state is LetterState.FAILED and [one.waits for one in read(office)] == [False]
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)


def test_an_uncertain_letter_that_came_back_did_leave_and_does_not_leave_again(office: Office) -> None:
    class Loses(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            super().send(to_address, content)
            return Attempt(SendOutcome.UNCERTAIN, reply="connection lost after DATA")

    losing = Loses()
    office.tick(ON, losing)
    raw = next(content for to, content in losing.letters if to == office.person(HEAD).email)
    assert letter(office).state is LetterState.UNCERTAIN
    drop(office, postfix(raw))
    office.tick(LATER)
    assert letter(office).state is LetterState.FAILED and office.sent(HEAD) == []
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)


# what is not believed


def test_a_forged_report_changes_nothing(office: Office) -> None:
    raw = left(office)
    token, forged = token_of(raw), sign_return("another key", letter(office).id, office.person(HEAD).email or "")
    guessed = f"Message-ID: {message_id(letter(office).id, 'mpt.example')}"
    drop(
        office,
        postfix(raw.replace(token.encode(), forged.encode()), message_id="1@x"),
        postfix(raw, envid=forged, returned=guessed, message_id="2@x"),
        postfix(raw, returned=guessed, message_id="3@x"),
        holiday_answer(),
    )
    assert office.tick(LATER).bounces == 4
    assert letter(office).state is LetterState.SENT and office.person(HEAD).email_refused_at is None
    asides = sorted(one.aside or "" for one in read(office))
    assert asides == [BounceAside.FORGED, BounceAside.FORGED, BounceAside.NOT_A_REPORT, BounceAside.UNSIGNED]
    with reading(office.engine) as session:
        assert bounces_since(session, ON)["aside"] == 4 and letter_bounces(session, letter(office).id) == []


def test_a_forged_report_of_the_same_message_id_hides_no_true_one(office: Office) -> None:
    raw = left(office)
    drop(office, postfix(raw, returned="Subject: x"), postfix(raw))
    office.tick(LATER)
    assert letter(office).state is LetterState.FAILED


def test_a_letter_of_another_database_with_our_key_is_set_aside(office: Office) -> None:
    raw = left(office)
    with reading(office.engine) as session:
        key = link_key(session)
    token = sign_return(key, office.task().id, "x@mpt.example")
    drop(office, postfix(raw, envid=token, returned=""))
    office.tick(LATER)
    assert [one.aside for one in read(office)] == [BounceAside.UNKNOWN_LETTER]


def test_poison_is_set_aside_and_stops_nobody(office: Office) -> None:
    true = postfix(left(office))
    broken = true.replace(b"\r\n\r\nFinal-Recipient", b"\r\n\r\n\xff\x00Final").replace(b"Action", b"Act\x00ion")
    drop(
        office, b"", b"\x00" * 1000, b"x" * (20 * 1024 * 1024), nested(1000), broken.replace(b"20040601@", b"b@"), true
    )
    assert office.tick(LATER).bounces == 6
    assert letter(office).state is LetterState.FAILED
    found = {one.aside for one in read(office)}
    assert {BounceAside.TOO_LARGE, BounceAside.TOO_DEEP, BounceAside.NOT_A_REPORT, BounceAside.BROKEN} <= found


def test_a_report_that_cannot_be_acted_upon_waits_and_is_an_alert(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object, **_more: object) -> None:
        raise ValueError("no such rung")

    drop(office, postfix(left(office)))
    with monkeypatch.context() as broken:
        broken.setattr("workflows.replies.take_bounces.tell_undelivered", fails)
        assert office.tick(LATER).bounces == 1, "and the rest of the tick goes on"
    assert letter(office).state is LetterState.SENT and [one.waits for one in read(office)] == [True]
    with reading(office.engine) as session:
        assert [one.subject for one in session.exec(select(Alert))] == ["bounces_letter"]
    office.tick(LATER + timedelta(minutes=1))
    assert letter(office).state is LetterState.FAILED
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    with reading(office.engine) as session:
        assert [one.ended_at for one in session.exec(select(Alert))] == [LATER + timedelta(minutes=1)]


def test_during_a_send_hold_no_report_is_read(office: Office) -> None:
    drop(office, postfix(left(office)))
    with transaction(office.engine) as session:
        begin_send_hold(session, made_at=ON, restored_at=ON, head=None)
    assert office.tick(LATER).bounces == 0
    with transaction(office.engine) as session:
        lift_send_hold(session, stopped_at=ON, now=LATER)
    assert office.tick(LATER + timedelta(minutes=1)).bounces == 1
    assert letter(office).state is LetterState.FAILED


def test_a_report_of_a_list_counts_as_come_back_only_where_nobody_was_reached(office: Office) -> None:
    also = b"User unknown\r\n\r\nFinal-Recipient: rfc822; y@mpt.example\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
    drop(office, postfix(left(office)).replace(b"User unknown\r\n", also))
    office.tick(LATER)
    assert [one.action for one in read(office)] == [BounceAction.RELAYED]
    assert letter(office).state is LetterState.SENT


# retention


def test_the_purge_forgets_reports_after_their_time(office: Office) -> None:
    drop(office, postfix(left(office)), holiday_answer())
    office.tick(LATER)
    office.settings.keep_bounces_days = 30
    assert purge(office.engine, office.settings, now=LATER + timedelta(days=29)).reports == 0
    assert purge(office.engine, office.settings, now=LATER + timedelta(days=31)).reports == 2
    assert letter(office).state is LetterState.FAILED


# the reader and the token


@given(st.binary(max_size=2000))
def test_random_bytes_never_raise_out_of_the_reader(raw: bytes) -> None:
    assert read_report(raw).aside is not None


@given(st.integers(min_value=0, max_value=3000), st.binary(max_size=30), st.integers(min_value=0, max_value=200))
def test_a_report_damaged_anywhere_never_raises_out_of_the_reader(where: int, damage: bytes, cut: int) -> None:
    letter = b"Subject: x\r\nX-Dondoc-Return: " + b"a" * 48 + b"\r\n\r\nwords\r\n"
    for whole in (postfix(letter), exchange(letter), gmail(letter, "x@y.example")):
        read_report(whole[:where] + damage + whole[where + cut :])


def test_a_report_just_within_the_bounds_is_read() -> None:
    letter = b"Subject: x\r\nX-Dondoc-Return: " + b"a" * 48 + b"\r\n\r\n"
    whole = exchange(letter + b"words\r\n" * ((LARGEST - 4096) // 7))
    assert len(whole) <= LARGEST and read_report(whole).tokens == ("a" * 48,)


@given(st.uuids(), st.emails(), st.integers(min_value=0, max_value=47))
def test_a_token_survives_the_folding_of_its_case_and_no_change_of_a_character(
    letter_id: object, address: str, where: int
) -> None:
    token = sign_return(SECRET, letter_id, address)  # type: ignore[arg-type]
    assert len(token) == 48 and read_return(SECRET, token.upper()).letter_id == letter_id
    other = token[:where] + ("a" if token[where] != "a" else "b") + token[where + 1 :]
    for wrong in (other, token[:-1], "", "ä" * 48):
        with pytest.raises(Exception, match="was not made by"):
            read_return(SECRET, wrong)


def test_a_letter_carries_its_token_and_the_sample_its_headers(office: Office) -> None:
    assert f"X-Dondoc-Return: {token_of(left(office))}" in headers_of(sent_to(office, HEAD))
