"""A gateway of the office, to a real HTTP server: what it is told, how often, and what is never told."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlmodel import Session, select, update
from standardwebhooks import Webhook as Verifier

from models.channels.channel import ChannelMessage, Gateway, MessageState
from models.database.back_off import MESSAGE
from models.database.session import reading, transaction
from models.errors import BadInput, DondocError, Refused
from models.letters.letter import Letter, LetterKind, LetterState, NoticeState
from tests.office import ON, Office, at
from tests.workflows.channels.channels import COORDINATOR, Channels
from tests.workflows.channels.gateway_server import Gateway as Server
from workflows.access.rights import Forbidden
from workflows.channels.gateways import change_gateway, gateway_headers, make_gateway, send_test, switch_gateway
from workflows.channels.send_messages import GIVEN_UP_AFTER, LEASE
from workflows.queue.send_hold import begin_send_hold, lift_send_hold

HEAD = "ta.ba.toan"
SOON = ON + timedelta(minutes=1)


def launched(channels: Channels) -> Office:
    """Duty 4 assigned to its unit, whose head is told by letter."""
    channels.office.launch("4")
    channels.office.tick(SOON)
    return channels.office


def test_a_letter_that_was_sent_is_told_once_signed_and_without_a_word(channels: Channels, server: Server) -> None:
    gateway = channels.make()
    channels.choose(HEAD, gateway)
    office = launched(channels)
    channels.send(SOON + timedelta(minutes=1))
    (path, headers, body), told = server.told[0], json.loads(server.told[0][2])
    assert len(server.told) == 1 and path == "/sms" and channels.states() == [MessageState.SENT]
    assert told["to"] == "0909717171" and headers["authorization"] == "Bearer mat-khau-cong"
    task = office.task("4")
    assert told["message"]["link"] == f"{office.settings.base_url}/tasks/{task.id.hex[-12:]}"
    assert "06/2004/CT-BBCVT" in told["message"]["text"] and "miễn" not in body.decode()
    (message,) = channels.messages()
    assert headers["idempotency-key"] == headers["webhook-id"] == told["ref"] == f"msg_{message.id.hex}"
    with reading(office.engine) as session:
        secret = session.get_one(Gateway, gateway.id).secret
    verifier = Verifier(secret)
    verifier._Webhook__verify_timestamp = lambda header: SOON  # type: ignore[attr-defined]  # the test's clock is another
    signed = {name: headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    assert verifier.verify(body.decode(), signed) == told


def test_nobody_is_told_who_did_not_ask(channels: Channels, server: Server) -> None:
    channels.make()
    launched(channels)
    assert channels.send(SOON) == 0 and not channels.messages() and not server.told


def test_only_letters_after_the_consent_and_of_the_chosen_kinds_are_told(channels: Channels, server: Server) -> None:
    gateway = channels.make(kinds=["incident"])
    channels.choose(HEAD, gateway)
    launched(channels)
    assert not channels.messages()
    with transaction(channels.office.engine) as session:
        change_gateway(
            session,
            channels.principal(),
            gateway.id,
            channels.given(kinds=["assigned"], headers=None),
            settings=channels.office.settings,
            now=SOON,
        )
    channels.choose(HEAD, gateway, on=False)
    channels.choose(HEAD, gateway, now=SOON + timedelta(minutes=5))
    assert channels.send(SOON + timedelta(minutes=6)) == 0 and not channels.messages()


@pytest.mark.parametrize("state", [LetterState.HELD, LetterState.FAILED, LetterState.UNCERTAIN])
def test_a_letter_that_was_not_sent_makes_no_message(channels: Channels, state: LetterState) -> None:
    gateway = channels.make()
    office = launched(channels)
    channels.choose(HEAD, gateway, now=ON)
    with transaction(office.engine) as session:
        session.execute(update(Letter).values(state=state))
    assert channels.send(SOON) == 0 and not channels.messages()


def test_a_letter_with_a_code_is_never_told(channels: Channels) -> None:
    with pytest.raises(BadInput, match="kinds"):
        channels.make(kinds=["account"])
    gateway = channels.make()
    channels.choose(HEAD, gateway)
    office = launched(channels)
    with transaction(office.engine) as session:
        session.execute(update(Letter).values(kind=LetterKind.ACCOUNT))
        session.execute(update(ChannelMessage).values(state=MessageState.FAILED))
    assert channels.send(SOON + timedelta(minutes=1)) == 0


def test_500_then_success_is_sent_under_the_same_key(channels: Channels, server: Server) -> None:
    channels.choose(HEAD, channels.make())
    server.answers = [500, 503]
    launched(channels)
    moment = SOON
    for pause in MESSAGE.pauses[:2]:
        assert channels.states() == [MessageState.QUEUED]
        assert channels.send(moment + pause - timedelta(seconds=1)) == 0
        moment += pause
        assert channels.send(moment) == 1
    assert channels.states() == [MessageState.SENT] and len(set(server.keys)) == 1 and len(server.keys) == 3
    ends = [(one.outcome, one.status) for one in sorted(channels.attempts(), key=lambda one: one.lease_token)]
    assert ends == [("temporary", 500), ("temporary", 503), ("accepted", 200)]


def test_a_refusal_is_for_good_and_a_failing_gateway_is_given_up(channels: Channels, server: Server) -> None:
    channels.choose(HEAD, channels.make())
    server.answers = [400]
    launched(channels)
    assert channels.states() == [MessageState.FAILED]
    with transaction(channels.office.engine) as session:
        session.execute(update(ChannelMessage).values(state=MessageState.QUEUED, attempts=0, not_before=SOON))
    server.answers = [500] * 20
    moment = SOON
    for pause in (timedelta(0), *MESSAGE.pauses):
        moment += pause
        channels.send(moment)
    assert channels.states() == [MessageState.FAILED] and len(server.told) == 1 + MESSAGE.attempts


@pytest.mark.parametrize("knows_repeats", [False, True])
@pytest.mark.parametrize("way", ["drip", "hang-up", "502"])
def test_a_lost_answer_is_repeated_only_where_repeats_are_known(
    channels: Channels, server: Server, monkeypatch: pytest.MonkeyPatch, way: str, knows_repeats: bool
) -> None:
    monkeypatch.setattr("notifications.channels.http_client.SECONDS", 0.4)
    path = "" if way == "502" else f"/{way}"
    server.answers = [502] if way == "502" else []
    channels.choose(HEAD, channels.make(url=f"{server.url}/sms{path}", knows_repeats=knows_repeats))
    launched(channels)
    (attempt,) = channels.attempts()
    assert attempt.outcome == "uncertain" and attempt.ended_at is not None
    assert channels.states() == [MessageState.QUEUED if knows_repeats else MessageState.UNCERTAIN]
    channels.send(SOON + timedelta(hours=1))
    assert len(server.told) == (2 if knows_repeats else 1) and len(set(server.keys)) == 1


def test_a_gateway_that_nobody_reaches_is_tried_again(channels: Channels) -> None:
    channels.choose(HEAD, channels.make(url="http://localhost:9/sms"))
    launched(channels)
    (message,), (attempt,) = channels.messages(), channels.attempts()
    assert (message.state, attempt.outcome) == (MessageState.QUEUED, "temporary")


def test_an_address_inside_the_house_is_not_called(channels: Channels, server: Server) -> None:
    channels.choose(HEAD, channels.make())
    channels.office.settings = channels.office.settings.model_copy(update={"webhooks_to_private": False})
    launched(channels)
    (attempt,) = channels.attempts()
    assert not server.told and "own network" in attempt.reply


@pytest.mark.long
@pytest.mark.parametrize("knows_repeats", [False, True])
def test_killed_between_the_call_and_its_end(channels: Channels, server: Server, knows_repeats: bool) -> None:
    """A process is killed while the gateway has the message: it is told twice only where it knows repeats."""
    office = channels.office
    if office.engine.dialect.name != "sqlite":
        pytest.skip("the same code on either database; its lease is tested on both")
    channels.choose(HEAD, channels.make(knows_repeats=knows_repeats))
    office.launch("4")
    server.meanwhile = lambda: time.sleep(20)
    script = (
        "import sys; from datetime import datetime; from models.database.session import open_engine; "
        "from tests.keys import KEYS; "
        "from models.settings import Settings; from workflows.jobs.simulate import RecordedSender; "
        "from workflows.jobs.tick import tick; "
        "settings = Settings(data=sys.argv[2], webhooks_to_private=True); "
        "engine, now = open_engine(sys.argv[1], KEYS), datetime.fromisoformat(sys.argv[3]); "
        "tick(engine, settings, now=now, sender=RecordedSender())"
    )
    url = office.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen([sys.executable, "-c", script, url, str(office.settings.data), SOON.isoformat()])
    while not server.told:
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    server.meanwhile = lambda: None
    assert channels.states() == [MessageState.CLAIMED]
    assert channels.send(SOON + LEASE - timedelta(seconds=1)) == 0, "it may be at work still"
    channels.send(SOON + LEASE + timedelta(seconds=1))
    assert len(server.told) == (2 if knows_repeats else 1) and len(set(server.keys)) == 1
    assert channels.states() == [MessageState.SENT if knows_repeats else MessageState.UNCERTAIN]
    assert all(one.ended_at is not None for one in channels.attempts())


def test_letters_and_notices_stand_the_same_whatever_becomes_of_messages(channels: Channels, server: Server) -> None:
    channels.choose(HEAD, channels.make())
    server.answers = [400]
    office = launched(channels)
    (letter,) = (one for one in office.letters() if one.recipient_id == office.person(HEAD).id)
    assert letter.state is LetterState.SENT and channels.states() == [MessageState.FAILED]
    assert {state for *_told, state in office.notices(office.task("4"))} == {NoticeState.SENT.value}


def test_what_stands_in_the_way_is_said_and_nothing_leaves(channels: Channels, server: Server) -> None:
    gateway = channels.make()
    office = channels.office
    ways: list[tuple[str, Any]] = [
        ("no telephone number", lambda: office.change_person(HEAD, phone="xin gọi tổng đài")),
        ("no longer asked for", lambda: office.change_person(HEAD, phone="0909717171")),
        ("retired", lambda: office.change_person(HEAD, is_active=False)),
    ]
    channels.choose(HEAD, gateway)
    server.answers = [500]
    launched(channels)
    for why, do in ways:
        with transaction(office.engine) as session:
            session.execute(update(ChannelMessage).values(state=MessageState.QUEUED, not_before=SOON))
        do()
        if why == "no longer asked for":
            channels.choose(HEAD, gateway, on=False)
        channels.send(SOON + timedelta(hours=1))
        (message,) = channels.messages()
        assert (message.state, message.error) == (MessageState.FAILED, why)
    with transaction(office.engine) as session:
        session.execute(update(ChannelMessage).values(state=MessageState.QUEUED, not_before=SOON))
    channels.send(SOON + GIVEN_UP_AFTER + timedelta(minutes=1))
    assert [one.error for one in channels.messages()] == ["too late"] and len(server.told) == 1


def test_switched_off_what_waits_is_given_up(channels: Channels, server: Server) -> None:
    gateway = channels.make()
    channels.choose(HEAD, gateway)
    server.answers = [500]
    launched(channels)
    with transaction(channels.office.engine) as session:
        switch_gateway(session, channels.principal(), gateway.id, on=False, now=SOON)
    (message,) = channels.messages()
    assert (message.state, message.error) == (MessageState.FAILED, "switched off")
    with transaction(channels.office.engine) as session, pytest.raises(Refused):
        switch_gateway(session, channels.principal(), gateway.id, on=False, now=SOON)


def test_during_a_send_hold_nothing_leaves_and_what_may_have_left_waits(channels: Channels, server: Server) -> None:
    channels.choose(HEAD, channels.make())
    server.answers = [500]
    office = launched(channels)
    with transaction(office.engine) as session:
        begin_send_hold(session, made_at=SOON, restored_at=SOON + timedelta(hours=1), head=None)
    assert channels.send(SOON + timedelta(hours=1)) == 0
    with transaction(office.engine) as session:
        lift_send_hold(session, stopped_at=SOON + timedelta(minutes=1), now=SOON + timedelta(hours=1))
    assert channels.states() == [MessageState.UNCERTAIN]
    assert channels.send(SOON + timedelta(hours=1)) == 0 and len(server.told) == 1


def test_a_test_goes_to_the_administrators_own_telephone(channels: Channels, server: Server) -> None:
    gateway = channels.make(body_form="form", body="so={phone}\nnoi_dung={text}", is_unmarked=True)
    with transaction(channels.office.engine) as session:
        send_test(session, channels.principal(), gateway.id, now=ON)
    assert channels.send(ON) == 1
    fields = parse_qs(server.told[0][2].decode())
    assert fields["so"] == ["0909717171"] and fields["noi_dung"][0].isascii()


def test_only_who_may_edit_channels_makes_and_changes_them(channels: Channels) -> None:
    gateway = channels.make()
    coordinator, settings = channels.principal(COORDINATOR), channels.office.settings
    deeds: tuple[Any, ...] = (
        lambda session: make_gateway(session, coordinator, channels.given(name="Zalo"), settings=settings, now=ON),
        lambda session: change_gateway(session, coordinator, gateway.id, channels.given(), settings=settings, now=ON),
        lambda session: switch_gateway(session, coordinator, gateway.id, on=False, now=ON),
        lambda session: send_test(session, coordinator, gateway.id, now=ON),
    )
    for deed in deeds:
        with transaction(channels.office.engine) as session, pytest.raises(Forbidden):
            deed(session)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " ", "name"),
        ("name", "x" * 101, "name"),
        ("url", "ftp://x", "url"),
        ("body", "{", "body"),
        ("body", '"{phone} {text}"', "body"),
        ("body", '{"to": "{phone}"}', "{text}"),
        ("body", '{"to": "{phone}", "t": "{text} {nguoi}"}', "{nguoi}"),
        ("body", "[" * 3000, "body"),
        ("headers", "Authorization", "headers"),
        ("headers", "X-A: một", "headers"),
        ("headers", "Host: x", "Host"),
        ("headers", "webhook-id: x", "webhook-id"),
        ("kinds", ["x"], "kinds"),
        ("longest", 70, "length"),
        ("body_form", "xml", "body form"),
    ],
)
def test_bad_input_names_the_field_and_leaves_nothing(channels: Channels, field: str, value: Any, words: str) -> None:
    with pytest.raises(DondocError) as fault:
        channels.make(**{field: value})
    assert words in str(fault.value)
    with reading(channels.office.engine) as session:
        assert session.exec(select(Gateway)).first() is None


def test_another_address_asks_for_the_headers_again(channels: Channels) -> None:
    gateway, engine = channels.make(), channels.office.engine

    def change(session: Session, **more: Any) -> None:
        given, settings = channels.given(**more), channels.office.settings
        change_gateway(session, channels.principal(), gateway.id, given, settings=settings, now=ON)

    with transaction(engine) as session, pytest.raises(BadInput, match="anew"):
        change(session, url="http://localhost:1/x", headers=None)
    with transaction(engine) as session:
        change(session, name="Tin nhắn", headers=None)
        assert gateway_headers(session.get_one(Gateway, gateway.id)) == {"Authorization": "Bearer mat-khau-cong"}
        change(session, url="http://localhost:1/x", headers="")
        assert gateway_headers(session.get_one(Gateway, gateway.id)) == {}


def test_a_late_tick_makes_up_for_messages_that_a_dead_one_left(channels: Channels, server: Server) -> None:
    gateway = channels.make(on=False)
    office = launched(channels)
    with transaction(office.engine) as session:
        switch_gateway(session, channels.principal(), gateway.id, on=True, now=ON)
    channels.choose(HEAD, gateway, now=ON)
    assert channels.send(SOON + timedelta(hours=1)) == 1 and len(server.told) == 1
    with transaction(office.engine) as session:
        session.execute(update(Letter).values(sent_at=at(2)))
    assert channels.send(at(2, hour=11)) == 0, "what is two hours old is told no more"
