"""The database itself lets no message in twice, and no answer be given twice."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from models.database.session import transaction
from models.exchange.edxml import IncomingMessage, MessageKind, OutgoingMessage
from tests.edxml.taking import NOW, take
from tests.office import Office

pytestmark = pytest.mark.long


def _incoming(office: Office, **changed: Any) -> None:
    first = take(office).incoming
    with transaction(office.engine) as session:
        fields = first.model_dump(exclude={"id"}) | changed
        session.add(IncomingMessage(**fields))


def _outgoing(office: Office, *rows: dict[str, Any]) -> None:
    message = take(office).incoming
    with transaction(office.engine) as session:
        for number, row in enumerate(rows):
            fields: dict[str, Any] = {
                "incoming_id": message.id,
                "name": f"{number}.edxml",
                "content": "<edXML/>",
                "made_at": NOW,
            }
            session.add(OutgoingMessage(**(fields | row)))


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "0" * 64},
        {"kind": MessageKind.STATUS},
        {"kind": MessageKind.UPDATE, "code": "03"},
        {"kind": MessageKind.UPDATE, "said_at": "2026/03/02"},
        {"kind": MessageKind.UPDATE, "sender": ""},
    ],
    ids=["twice", "status without code", "document with code", "document with a moment", "no sender"],
)
def test_a_wrong_message_is_refused(office: Office, changed: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        _incoming(office, **changed)


def test_another_kind_of_the_same_document_may_come(office: Office) -> None:
    _incoming(office, kind=MessageKind.REPLACE)


@pytest.mark.parametrize(
    "rows",
    [
        [{"code": "01"}, {"code": "01"}],
        [{"code": "15"}, {"code": "16"}],
        [{"code": "01"}, {"code": "03", "name": "0.edxml"}],
        [{"code": "report"}],
        [{"code": "03", "about": "a"}],
        [{"code": "03", "left_at": NOW}],
    ],
    ids=["a code twice", "two answers", "a name twice", "unnamed report", "status of a paper", "left by no way"],
)
def test_a_wrong_answer_is_refused(office: Office, rows: list[dict[str, Any]]) -> None:
    with pytest.raises(IntegrityError):
        _outgoing(office, *rows)


def test_two_reports_about_one_directive_may_go(office: Office) -> None:
    _outgoing(office, {"code": "report", "about": "a"}, {"code": "report", "about": "b"}, {"code": "13", "about": "a"})
