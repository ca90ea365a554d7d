"""How long marks and messages are kept, and what of them belongs to a person."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from models.channels.channel import ChannelAttempt, ChannelMessage, GatewayConsent, MessageState, PushSubscription
from models.database.session import reading, transaction
from models.letters.letter import NoticeRead
from tests.office import ON
from tests.workflows.channels.browsers import Browser, launched, subscribed, switch_on
from tests.workflows.channels.channels import Channels
from tests.workflows.channels.gateway_server import Gateway as Server
from workflows.channels.choices import unsubscribe
from workflows.jobs.cleanup.purge import purge
from workflows.operations.personal.erase import _delete_channel_messages
from workflows.operations.personal.export_person import export_person
from workflows.worklists.notification_centre import KEPT, mark_all_read

HEAD = "ta.ba.toan"
SOON = ON + timedelta(minutes=1)


def used(channels: Channels, server: Server) -> None:
    """The head is told by both channels, has read everything, and ended the browser."""
    channels.choose(HEAD, channels.make())
    switch_on(channels)
    subscription = subscribed(channels, Browser(f"{server.url}/push/abc"))
    launched(channels)
    with transaction(channels.office.engine) as session:
        head = channels.office.person(HEAD).id
        mark_all_read(session, head, SOON)
        unsubscribe(session, head, subscription, SOON)
    assert channels.states() == [MessageState.SENT] * 2


def test_marks_and_messages_go_once_their_time_is_over(channels: Channels, server: Server) -> None:
    used(channels, server)
    office, late = channels.office, SOON + KEPT
    done = purge(office.engine, office.settings, now=late)
    assert (done.read_marks, done.old_messages) == (0, 0)
    office.settings.keep_messages_days += 1
    done = purge(office.engine, office.settings, now=late + timedelta(minutes=1))
    assert done.read_marks >= 1 and done.old_messages == 0
    office.settings.keep_messages_days -= 1
    assert purge(office.engine, office.settings, now=late + timedelta(minutes=1)).old_messages == 2
    with reading(office.engine) as session:
        for model in (NoticeRead, ChannelMessage, ChannelAttempt, PushSubscription):
            assert session.exec(select(model)).first() is None, model
        assert session.exec(select(GatewayConsent)).one(), "a consent lasts until it is withdrawn"


def test_a_persons_export_has_them_and_their_erasure_takes_them(
    channels: Channels, server: Server, tmp_path: Path
) -> None:
    used(channels, server)
    office = channels.office
    taken = export_person(office.engine, office.person(HEAD), tmp_path / "mine.zip", now=SOON)
    for name in ("notice_read", "gateway_consent", "push_subscription", "channel_message", "channel_attempt"):
        assert taken.rows[name] >= 1, name
    with zipfile.ZipFile(taken.path) as packed:
        (browser,) = json.loads(packed.read("push_subscription.json"))
        whole = "".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".json"))
    assert "keys" not in browser and "endpoint_hash" not in browser
    assert "mat-khau-cong" not in whole
    with transaction(office.engine) as session:
        assert _delete_channel_messages(session, office.person(HEAD).id) == 3
    with reading(office.engine) as session:
        for model in (ChannelMessage, ChannelAttempt, PushSubscription):
            assert session.exec(select(model)).first() is None, model
