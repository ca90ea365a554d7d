"""Each field of what an action or a message takes changes what somebody sees: a page of the task, or a letter.

A line of `CHANGED` is a field and what is given instead. The same story is played with both; a field without a line
fails, and so does one whose story is the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.database.schema import migrate
from models.database.session import open_engine, transaction
from models.directives.directive import Directive
from models.organization.account import Proof
from models.settings import MailSettings, Settings
from models.tasks import act_inputs
from models.tasks.act_inputs import ActionInput, MessageEdit, MessageInput, Publication
from models.tasks.evidence_files import GivenFile
from models.tasks.task import Contribution, Task
from tests.fields.lives import IDS, copy_of
from tests.keys import KEYS
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.web.site import Reader
from web.app import create_app
from workflows.access.accounts.sessions import open_session
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS
from workflows.tasks.conversation.post import Posted, edit_message, post_message, publish_answer

pytestmark = pytest.mark.long

HEAD, CLERK, PARTNER, OFFICER = "luong.thi.ngan", "ngo.van.loc", "ly.ngoc.anh", "phan.ngoc.son"
READERS = (COORDINATOR, HEAD, PARTNER)
NOW = at(2, hour=9)
PAPER = {"number": "12/BC", "date": date(2004, 6, 1)}
RESULT = PAPER | {"subject": "Báo cáo", "signer": "Lương Thị Ngân"}
MORE_TIME = ("ask-extension", HEAD, {"due": date(2004, 7, 30), "note": "Chờ số liệu"})
ANOTHER_DATE = ("counter-extension", COORDINATOR, {"due": date(2004, 7, 9), "note": "Sớm hơn"})
NOT_OURS = ("not-ours", HEAD, {"note": "Không thuộc chức năng"})


def _file(name: str) -> GivenFile:
    return GivenFile(name, lambda: BytesIO(b"%PDF-1.4 mot bao cao"))


@dataclass(frozen=True)
class Deed:
    """An action: what comes before it, who does it, and what they give."""

    by: str
    given: dict[str, Any] = field(default_factory=dict)
    before: Sequence[tuple[str, str, dict[str, Any]]] = ()
    path: str = "4"


DEEDS: dict[str, Deed] = {
    "accept": Deed(HEAD),
    "assign": Deed(HEAD, {"to": OFFICER}),
    "set-date": Deed(COORDINATOR, {"due": date(2004, 7, 5), "note": "Chờ văn bản"}),
    "progress": Deed(HEAD, {"note": "Đang làm"}),
    "submit": Deed(HEAD, RESULT),
    "take-back": Deed(HEAD, before=[("submit", HEAD, RESULT)]),
    "correct": Deed(HEAD, RESULT, [("submit", HEAD, RESULT | {"number": "11/BC"})]),
    "receive": Deed(CLERK, PAPER | {"received_on": date(2004, 6, 1)}),
    "return": Deed(COORDINATOR, {"note": "Thiếu"}, [("submit", HEAD, RESULT)]),
    "approve": Deed(COORDINATOR, before=[("submit", HEAD, RESULT)]),
    "undo-approval": Deed(COORDINATOR, before=[("submit", HEAD, RESULT), ("approve", COORDINATOR, {})]),
    "not-ours": Deed(HEAD, {"note": "Không thuộc chức năng"}),
    "change-lead": Deed(COORDINATOR, {"note": "Đúng chức năng", "to": "VU-PC"}),
    "keep-lead": Deed(COORDINATOR, {"note": "Đúng chức năng"}, [NOT_OURS]),
    "change-coordinator": Deed(COORDINATOR, {"to": "ho.thi.mai"}),
    "remind": Deed(COORDINATOR),
    "telephone": Deed(COORDINATOR, {"answered_by": "Trực ban"}),
    "ask-extension": Deed(HEAD, MORE_TIME[2]),
    "grant-extension": Deed(COORDINATOR, before=[MORE_TIME]),
    "refuse-extension": Deed(COORDINATOR, {"note": "Không"}, [MORE_TIME]),
    "counter-extension": Deed(COORDINATOR, ANOTHER_DATE[2], [MORE_TIME]),
    "agree-extension": Deed(HEAD, before=[MORE_TIME, ANOTHER_DATE]),
    "decline-extension": Deed(HEAD, before=[MORE_TIME, ANOTHER_DATE]),
    "raise-obstacle": Deed(HEAD, {"note": "Thiếu mẫu"}),
    "answer-obstacle": Deed("le.thi.d", {"note": "Dùng mẫu cũ"}, [("raise-obstacle", HEAD, {"note": "Thiếu mẫu"})]),
    "contribute": Deed(PARTNER),
    "cascade": Deed("duong.trong.nghia", {"units": ["T-LT-KV1"]}, path="3"),
    "press-signed": Deed(COORDINATOR, PAPER | {"signer": "Lê Thị Duyên"}),
    "withdraw": Deed(COORDINATOR, {"note": "Thôi"}),
    "reopen": Deed(COORDINATOR, {"note": "Làm tiếp"}, [("withdraw", COORDINATOR, {"note": "Thôi"})]),
}
_RESULT_FIELDS = {
    "number": "13/BC",
    "date": date(2004, 6, 2),
    "subject": "Tờ trình",
    "signer": "Tạ Bá Toàn",
    "link": "https://vidu.example/1",
    "file": (_file("bao-cao.pdf"),),
    "note": "Gửi kèm",
}
CHANGED: dict[str, dict[str, Any]] = {
    "accept": {"note": "Rõ"},
    "assign": {"to": "chu.bich.dao", "note": "Làm gấp"},
    "set-date": {"due": date(2004, 7, 6), "note": "Lý do khác"},
    "progress": {"note": "Được một nửa"},
    "submit": _RESULT_FIELDS,
    "take-back": {"note": "Sai số liệu"},
    "correct": _RESULT_FIELDS,
    "receive": {
        "number": "13/BC",
        "date": date(2004, 5, 31),
        "received_on": date(2004, 6, 2),
        "subject": "Tờ trình",
        "signer": "Tạ Bá Toàn",
    },
    "return": {"note": "Thiếu phụ lục"},
    "approve": {"note": "Tốt"},
    "undo-approval": {"note": "Nhầm"},
    "not-ours": {"note": "Việc của Vụ khác", "to": "VU-PC"},
    "change-lead": {"note": "Theo phân công", "to": "VU-BC"},
    "keep-lead": {"note": "Theo quy định"},
    "change-coordinator": {"to": "hoang.quoc.bao", "note": "Nghỉ phép"},
    "remind": {"note": "Cần gấp"},
    "telephone": {"answered_by": "Văn thư", "at": datetime(2004, 6, 2, 8, 30), "note": "Hứa gửi"},
    "ask-extension": {"due": date(2004, 8, 2), "note": "Lý do khác"},
    "grant-extension": {"note": "Lần cuối"},
    "refuse-extension": {"note": "Không đủ lý do"},
    "counter-extension": {"due": date(2004, 7, 12), "note": "Sớm hơn nữa"},
    "agree-extension": {"note": "Đồng ý"},
    "decline-extension": {"note": "Không đồng ý"},
    "raise-obstacle": {"note": "Thiếu người", "to": "VU-PC"},
    "answer-obstacle": {"note": "Dùng mẫu mới"},
    "contribute": {"note": "Đã góp ý"},
    "cascade": {"units": ["T-LT-KV2"], "due": date(2004, 6, 4), "note": "Làm gấp"},
    "press-signed": {"number": "9/VT", "date": date(2004, 6, 2), "signer": "Bùi Công Hoan"},
    "withdraw": {"note": "Không cần nữa"},
    "reopen": {"note": "Cần lại"},
}

MESSAGE = {"text": "Cho hỏi mẫu biểu"}
MESSAGES: dict[str, tuple[type[ActionInput], dict[str, Any]]] = {
    "message": (
        MessageInput,
        {
            "text": "Cho hỏi thời hạn",
            "file": (_file("mau.pdf"),),
            "quote": True,
            "mention": (OFFICER,),
            "question": True,
            "answers": "the question",
            "to_all": True,
        },
    ),
    "edit": (MessageEdit, {"text": "Cho hỏi thời hạn"}),
    "publication": (Publication, {"question": "Dùng mẫu nào?", "show_unit": True}),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office with the tasks of two duties told, to be copied."""
    folder = tmp_path_factory.mktemp("stage")
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", KEYS)
    migrate(engine)
    office = furnish(engine, folder)
    office.launch("4")
    office.launch("3", due=None)
    with transaction(engine) as session:
        session.add(Contribution(task_id=office.task("4").id, unit_id=office.unit("VU-BC").id))
    office.tick(ON)
    engine.dispose()
    return folder / "dondoc.sqlite"


def _task(office: Office, path: str) -> Task:
    return office.task(path, "T-LT" if path == "3" else None)


def _seen(office: Office, path: str) -> Iterator[str]:
    """The letters of two days, and the task's page and conversation as three people see them."""
    for moment in (NOW + timedelta(minutes=20), at(2, hour=16), at(3), at(3, hour=16)):
        office.tick(moment)
    yield from (IDS.sub("…", f"{letter['to']} {letter['subject']}\n{body(letter)}") for letter in _letters(office))
    app = create_app(
        office.engine,
        Settings(data=office.settings.data, base_url="http://dondoc.example", mail=MailSettings(mode="local")),
    )
    app.state.site.now = lambda: at(3, hour=17)
    task = _task(office, path)
    for code in READERS:
        with transaction(office.engine) as session:
            key = open_session(session, office.person(code), Proof.PASSWORD, now=at(3, hour=17))
        for page in (f"/tasks/{task.id.hex}", f"/tasks/{task.id.hex}/conversation"):
            yield IDS.sub("…", Reader(app, key).get(page).text)


def _letters(office: Office) -> list[EmailMessage]:
    by_address = sorted(office.sender.letters, key=lambda one: one[0])
    return [message_from_bytes(raw, policy=policy.default) for _to, raw in by_address]


def _play_act(stage: Path, name: str, more: dict[str, Any]) -> list[str]:
    deed = DEEDS[name]
    with copy_of(stage) as office:
        task = _task(office, deed.path)
        for second, (action, by, given) in enumerate(deed.before):
            office.act(task, action, by, NOW + timedelta(seconds=second), **given)
        office.act(task, name, deed.by, NOW + timedelta(seconds=10), **(deed.given | more))
        return list(_seen(office, deed.path))


def _play_message(stage: Path, name: str, more: dict[str, Any]) -> list[str]:
    with copy_of(stage) as office:
        task = _task(office, "4")
        asked = _say(office, task, HEAD, MESSAGE | {"question": True}, 0) if name != "edit" else None
        if name == "message":
            by = COORDINATOR if "answers" in more else HEAD
            given = more | ({"answers": asked.message_id} if asked and "answers" in more else {})
            _say(office, task, by, MESSAGE | given, 10)
        elif name == "edit":
            first = _say(office, task, HEAD, MESSAGE, 0)
            with transaction(office.engine) as session:
                words = MessageEdit(**({"text": "Xin lỗi"} | more))
                edit_message(session, office.person(HEAD), words, message_id=first.message_id, now=NOW)
        elif asked is not None:
            answer = _say(office, task, COORDINATOR, {"text": "Mẫu 01", "answers": asked.message_id}, 10)
            with transaction(office.engine) as session:
                publish_answer(
                    office.acting(session, office.person(COORDINATOR), NOW + timedelta(seconds=20)),
                    Publication(**more),
                    message_id=answer.message_id,
                )
        return list(_seen(office, "4"))


def _say(office: Office, task: Task, by: str, given: dict[str, Any], seconds: int) -> Posted:
    with transaction(office.engine) as session:
        return post_message(
            office.acting(session, office.person(by), NOW + timedelta(seconds=seconds)),
            MessageInput(**given),
            task_id=task.id,
            directive_id=session.exec(select(Directive.id)).one(),
        )


FIELDS = [(action, name) for action, given in CHANGED.items() for name in given]
MESSAGE_FIELDS = [(message, name) for message, (_kind, given) in MESSAGES.items() for name in given]


def test_no_field_is_without_a_line() -> None:
    assert {action.value for action in Action} == DEEDS.keys() == CHANGED.keys()
    for action, spec in SPECS.items():
        assert spec.input.model_fields.keys() == CHANGED[action.value].keys(), action
    for name, (message, given) in MESSAGES.items():
        assert message.model_fields.keys() == given.keys(), name
    used = {spec.input for spec in SPECS.values()} | {kind for kind, _given in MESSAGES.values()}
    of_module = [one for one in vars(act_inputs).values() if isinstance(one, type) and issubclass(one, ActionInput)]
    assert {one for one in of_module if one.model_fields} == used, "an input that no action takes"


@cache
def _first_act(stage: Path, action: str) -> list[str]:
    return _play_act(stage, action, {})


@cache
def _first_message(stage: Path, message: str) -> list[str]:
    return _play_message(stage, message, {})


@pytest.mark.parametrize(("action", "name"), FIELDS)
def test_a_field_of_an_action_changes_what_is_seen(stage: Path, action: str, name: str) -> None:
    assert _first_act(stage, action) != _play_act(stage, action, {name: CHANGED[action][name]})


@pytest.mark.parametrize(("message", "name"), MESSAGE_FIELDS)
def test_a_field_of_a_message_changes_what_is_seen(stage: Path, message: str, name: str) -> None:
    given = MESSAGES[message][1][name]
    assert _first_message(stage, message) != _play_message(stage, message, {name: given})


@pytest.mark.parametrize(
    "play", [lambda stage: _play_act(stage, "submit", {}), lambda stage: _play_message(stage, "message", {})]
)
def test_the_same_story_twice_is_seen_alike(stage: Path, play: Callable[[Path], list[str]]) -> None:
    """Else any difference would do."""
    assert play(stage) == play(stage)
