"""What a unit wrote for its superiors alone is found by nobody else: no page, no call, no file, no letter holds it.

Every text that a unit may write carries a marker of its own. Each person opens every page and asks every call, with the
names of everything that there is, and of no answer a marker is theirs that they must not see.
"""

import io
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session, col, select

from models.database.session import reading
from models.directives.directive import Duty
from models.directives.launch import Incident, Launch
from models.inspections.inspection import Inspection, InspectionFile
from models.letters.letter import Letter, LetterContent, Notice
from models.operations.background_job import BackgroundJob
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.papers.issued_report import IssuedReport
from models.tasks.conversation import ConversationFile, ConversationMessage
from models.tasks.history import History
from models.tasks.task import Contribution, Evidence, Task
from tests.page import Page
from tests.web.api.programs import Make
from tests.web.conftest import (  # noqa: F401
    database_url,
    launched_postgresql,
    launched_sqlite,
    office,
    program,
    pytest_generate_tests,
)
from tests.web.site import LAUNCHED, Office
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.papers.make_paper import PaperKind

pytestmark = pytest.mark.long

CODE, COORDINATOR, NOBODY = "ct-06-2004", "le.thi.c", "00000000-0000-0000-0000-000000000001"
OBSERVER, CLERK = "nguyen.minh.quan", "ngo.van.loc"
HEADS = {
    "T-LT": "duong.trong.nghia",
    "CTY-M": "ta.chi.thanh",
    "CTY-R": "margaret.lindqvist",
    "VU-KHTC": "luong.thi.ngan",
}
PARTNER = "pham.dang.vinh"
"""Heads VU-KHCN, which takes part in the task of CTY-M."""
CHILD, CHILDS_HEAD = "T-LT-KV1", "duong.minh.quan"
"""A unit to which T-LT hands its task down."""
ON_DIRECTIVE, ON_TASK, IN_INSPECTION, IN_REPORT = "directive", "task", "inspection", "report"
"""Where words stand: each place has readers of its own."""
PLACES = (ON_DIRECTIVE, ON_TASK, IN_INSPECTION, IN_REPORT)


@dataclass
class Words:
    """The markers that were written: whose each is, and where."""

    written: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def of(self, unit: str, where: str, what: str) -> str:
        marker = f"zq{len(self.written):03d}x"
        self.written[marker] = (unit, where, what)
        return marker

    def found_in(self, text: str) -> set[str]:
        return {one for one in re.findall(r"zq\d{3}x", text.lower()) if one in self.written}


@dataclass
class Told:
    """An office in which everybody has written something."""

    office: Office
    words: Words
    names: dict[str, list[str]]


def ok(answer: Any) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()


def a_file(name: str) -> list[dict[str, str]]:
    return [{"name": name, "content": b64encode(name.encode()).decode()}]


@pytest.fixture
def told(office: Office, program: Make) -> Told:  # noqa: F811
    """Units ask, report, submit, ask for more time, put difficulties; the coordinator answers and returns."""
    words, coordinator = Words(), program(COORDINATOR)
    launched = {"duties": ["2.a", "5", "obstacles"], "override": True, "reason": "thiếu"}
    ok(coordinator.post(f"/directives/{CODE}/launches", launched))
    run_background_jobs(office.engine, office.settings, now=office.now)
    office.change(_hire)
    for unit in ("T-LT", "CTY-M", "CTY-R"):
        _tell(office, program, words, unit)
    _hand_down(office, program, words)
    _submit(office, program, words)
    _contribute(office, program, words)
    _inspect(program, words)
    _alarm(office, program, words)
    _report(office, words)
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(days=1), sender=RecordedSender())
    office.now = LAUNCHED + timedelta(days=1, hours=1)
    return Told(office, words, _names(office))


def task_of(office: Office, unit: str, duty: str) -> Task:  # noqa: F811
    with reading(office.engine) as session:
        query = select(Task).join(Duty, col(Duty.id) == col(Task.duty_id))
        query = query.where(Duty.path == duty, Task.lead_unit_id == resolve_unit(session, unit).id)
        return session.exec(query.order_by(col(Task.id))).first() or pytest.fail(f"no task of {duty} for {unit}")


def _hire(session: Session) -> None:
    """An officer of no task, and somebody who stands in for the head of T-LT."""
    pattern = resolve_person(session, COORDINATOR).model_dump(exclude={"id", "code", "email", "unit_id"})
    for code, unit in (("only.officer", "VU-PC"), ("its.stand.in", "T-LT"), ("outside.head", "CA-HN")):
        home = resolve_unit(session, unit)
        session.add(Person(code=code, email=f"{code}@mpt.example", unit_id=home.id, **pattern))
    session.flush()
    absent, stands_in = resolve_person(session, HEADS["T-LT"]), resolve_person(session, "its.stand.in")
    days: dict[str, Any] = {"starts_on": LAUNCHED.date(), "ends_on": LAUNCHED.date() + timedelta(days=9)}
    session.add(Absence(person_id=absent.id, stand_in_id=stands_in.id, **days))
    resolve_unit(session, "CA-HN").head_id = resolve_person(session, "outside.head").id


def _tell(office: Office, program: Make, words: Words, unit: str) -> None:  # noqa: F811
    head, coordinator, task = program(HEADS[unit]), program(COORDINATOR), task_of(office, unit, "2")
    asked = {"text": f"Hỏi riêng {words.of(unit, ON_DIRECTIVE, 'question')}", "question": True}
    question = ok(head.post(f"/directives/{CODE}/conversation", asked))["message"]
    answer = {"text": f"Trả lời {words.of(unit, ON_DIRECTIVE, 'answer')}", "answers": question}
    ok(coordinator.post(f"/directives/{CODE}/conversation", answer))
    ok(head.post(f"/tasks/{task.id}/conversation", {"text": words.of(unit, ON_TASK, "message"), "question": True}))
    ok(coordinator.post(f"/tasks/{task.id}/conversation", {"text": words.of(unit, ON_TASK, "word of the coordinator")}))
    ok(coordinator.post(f"/tasks/{task.id}/remind", {"note": words.of(unit, ON_TASK, "reminder")}))
    for action, given in (
        ("accept", {"note": words.of(unit, ON_TASK, "accept")}),
        ("progress", {"note": words.of(unit, ON_TASK, "progress")}),
        ("ask-extension", {"due": "2026-11-25", "note": words.of(unit, ON_TASK, "more time")}),
        ("raise-obstacle", {"note": words.of(unit, ON_TASK, "obstacle")}),
    ):
        ok(head.post(f"/tasks/{task.id}/{action}", given))
    ok(coordinator.post(f"/tasks/{task.id}/telephone", {"answered_by": words.of(unit, ON_TASK, "call")}))
    note = words.of(unit, ON_TASK, "general difficulty")
    ok(head.post("/difficulties", {"directive": CODE, "note": note}))


def _hand_down(office: Office, program: Make, words: Words) -> None:  # noqa: F811
    parent = task_of(office, "T-LT", "2")
    ok(program(HEADS["T-LT"]).post(f"/tasks/{parent.id}/cascade", {"units": [CHILD]}))
    child, head = task_of(office, CHILD, "2"), program(CHILDS_HEAD)
    ok(head.post(f"/tasks/{child.id}/accept", {"note": words.of(CHILD, ON_TASK, "accept")}))
    ok(head.post(f"/tasks/{child.id}/conversation", {"text": words.of(CHILD, ON_TASK, "message"), "question": True}))
    asked = {"text": words.of(CHILD, ON_DIRECTIVE, "question"), "question": True}
    ok(head.post(f"/directives/{CODE}/conversation", asked))


def _submit(office: Office, program: Make, words: Words) -> None:  # noqa: F811
    """A result with a file, a message with a file, and why it was returned."""
    unit = "VU-KHTC"
    task, head, coordinator = task_of(office, unit, "4"), program(HEADS[unit]), program(COORDINATOR)
    given: dict[str, Any] = {"number": "1/BC", "date": "2026-11-02", "subject": words.of(unit, ON_TASK, "subject")}
    given |= {"signer": words.of(unit, ON_TASK, "signer"), "note": words.of(unit, ON_TASK, "note of the result")}
    given |= {"files": a_file(f"{words.of(unit, ON_TASK, 'file of the result')}.txt")}
    ok(head.post(f"/tasks/{task.id}/submit", given))
    ok(coordinator.post(f"/tasks/{task.id}/return", {"note": words.of(unit, ON_TASK, "why returned")}))
    said = {"text": words.of(unit, ON_TASK, "message"), "files": a_file(f"{words.of(unit, ON_TASK, 'file')}.txt")}
    ok(head.post(f"/tasks/{task.id}/conversation", said))


def _contribute(office: Office, program: Make, words: Words) -> None:  # noqa: F811
    """Two coordinating units of the task of CTY-M: one of the ministry, and an outside one."""
    task, partner = task_of(office, "CTY-M", "2"), program(PARTNER)

    def add(session: Session) -> None:
        for unit in ("VU-KHCN", "CA-HN"):
            session.add(Contribution(task_id=task.id, unit_id=resolve_unit(session, unit).id))

    office.change(add)
    ok(partner.post(f"/tasks/{task.id}/contribute", {"note": words.of("VU-KHCN", ON_TASK, "contribution")}))
    ok(partner.post(f"/tasks/{task.id}/conversation", {"text": words.of("VU-KHCN", ON_TASK, "word of a partner")}))


def _inspect(program: Make, words: Words) -> None:  # noqa: F811
    coordinator = program(COORDINATOR)
    planned: dict[str, Any] = {
        "title": "Kiểm tra",
        "starts_on": "2026-11-03",
        "ends_on": "2026-11-05",
        "lead": "duong.thanh.tung",
    }
    planned |= {"units": ["CTY-M", "CTY-R"], "questions": ["Có phương án không?"]}
    inspection = ok(coordinator.post(f"/directives/{CODE}/inspections", planned))["id"]
    for unit in ("CTY-M", "CTY-R"):
        found: dict[str, Any] = {"question": 1, "verdict": "not_met", "words": words.of(unit, IN_INSPECTION, "finding")}
        found |= {"files": a_file(f"{words.of(unit, IN_INSPECTION, 'file of a finding')}.txt")}
        ok(coordinator.post(f"/inspections/{inspection}/units/{unit}/findings", {"findings": [found]}))


def _alarm(office: Office, program: Make, words: Words) -> None:  # noqa: F811
    coordinator = program(COORDINATOR)
    declared = {"title": words.of("CTY-M", ON_TASK, "incident"), "units": ["CTY-M"], "is_drill": False}
    incident = ok(coordinator.post(f"/directives/{CODE}/incidents", declared))["id"]
    reason = {"reason": words.of("CTY-M", ON_TASK, "why stood down")}
    ok(coordinator.post(f"/incidents/{incident}/stand-down", reason))


def _report(office: Office, words: Words) -> None:  # noqa: F811
    """A unit's own report, issued."""
    reader = office.sign_in(HEADS["CTY-M"])
    drafted = reader.send("/papers", kind="unit", unit="CTY-M", directive=CODE, cutoff="2026-11-02", language="vi")
    assert drafted.status_code == 303, drafted.text
    page = reader.get(drafted.headers["location"]).text
    areas = re.findall(r'<textarea[^>]*name="(\w+)"', page)
    seen = Page(page).value("seen")
    parts = {one: words.of("CTY-M", IN_REPORT, one) for one in areas}
    saved = reader.send(drafted.headers["location"], deed="save", seen=seen, **parts)
    assert saved.status_code == 303, saved.text


def _names(office: Office) -> dict[str, list[str]]:  # noqa: F811
    """By what addresses call it, the names of everything that belongs to these units."""
    with reading(office.engine) as session:

        def ids(column: Any, *where: Any) -> list[str]:
            return [str(one) for one in session.exec(select(column).where(*where))]

        units = [resolve_unit(session, one).id for one in (*HEADS, CHILD)]
        private = col(Task.lead_unit_id).in_(units) | col(Task.assigner_unit_id).in_(units)
        tasks = select(Task.id).where(private)
        told = select(Notice.letter_id).where(col(Notice.task_id).in_(tasks), col(Notice.rung).startswith("event:"))
        said = select(ConversationMessage.task_id, ConversationMessage.id)
        moves = select(History.task_id, History.id).where(col(History.task_id).in_(tasks), History.event == "progress")
        return {
            "task": ids(Task.id, private),
            "evidence": ids(Evidence.id),
            "said": ids(ConversationFile.id),
            "shown": ids(InspectionFile.id),
            "message": ids(ConversationMessage.id, col(ConversationMessage.task_id).is_(None)),
            "message on task": [f"{on}/{one}" for on, one in session.exec(said) if on is not None],
            "move on task": [f"{on}/{one}" for on, one in session.exec(moves)],
            "letter": ids(Letter.id, col(Letter.id).in_(told))[:LETTERS],
            "incident": ids(Incident.id),
            "inspection": ids(Inspection.id),
            "report": ids(IssuedReport.id),
            "job": ids(BackgroundJob.id),
            "launch": ids(Launch.id),
        }


EVERYTHING = frozenset((unit, place) for unit in (*HEADS, CHILD, "VU-KHCN") for place in PLACES)
BOTH = (ON_DIRECTIVE, ON_TASK)
MAY_SEE: dict[str, frozenset[tuple[str, str]]] = {
    COORDINATOR: EVERYTHING - {("CTY-M", IN_REPORT), (CHILD, ON_TASK)},  # a draft; what T-LT handed down
    OBSERVER: EVERYTHING,
    HEADS["T-LT"]: frozenset(product(("T-LT", CHILD), BOTH)),
    "its.stand.in": frozenset(product(("T-LT", CHILD), BOTH)),
    "doan.thi.hanh": frozenset(product(("T-LT", CHILD), BOTH)),  # focal point and coordinator of T-LT
    CHILDS_HEAD: frozenset(product((CHILD,), BOTH)),
    "bui.thi.tam": frozenset({("T-LT", ON_TASK)}),  # heads TCT-T, the organisation above T-LT
    HEADS["CTY-M"]: frozenset({*product(("CTY-M",), (*BOTH, IN_REPORT)), ("VU-KHCN", ON_TASK)}),
    HEADS["CTY-R"]: frozenset(product(("CTY-R",), BOTH)),
    "dinh.thuc.quyen": frozenset(
        product(("CTY-R",), BOTH)
    ),  # coordinator of VU-BC, which supervises CTY-R alone of these
    HEADS["VU-KHTC"]: frozenset(product(("VU-KHTC",), BOTH)),
    PARTNER: frozenset({("VU-KHCN", ON_TASK)}),
    CLERK: frozenset(product((*HEADS, "VU-KHCN"), (ON_TASK,))),  # receives what is sent to VU-VT
    "outside.head": frozenset(),
}
"""Whose words each person may meet, and in which place."""


PAIRED = {"{name}/conversation/{message_id}": "message on task", "{name}/{action}/done/{history_id}": "move on task"}
"""What is found under its own task alone."""
LETTERS = 12
"""Letters that are looked at by their ids: they are very many, and of few kinds."""


def routes(app: Any) -> Iterator[str]:
    for start, each in (("", app.routes), ("/api/v1", app.state.api.routes)):
        for route in iter_route_contexts(each):
            if "GET" in (route.methods or ()):
                yield f"{start}{route.path}"


def values(path: str, name: str, names: dict[str, list[str]]) -> list[str]:
    """What may stand for a name in an address: everything of its kind that somebody could guess."""
    of_unit = path.removeprefix("/api/v1").startswith(("/scorecards/units", "/admin/units"))
    of_person = "/people" in path
    files = "said" if "/conversation/" in path else "shown" if "/inspections" in path else "evidence"
    known = {
        "name": names["task"] if path.removeprefix("/api/v1").startswith("/tasks") else [NOBODY],
        "task_id": names["task"],
        "file_id": names[files],
        "code": [HEADS["CTY-M"]] if of_person else ["CTY-M", "T-LT"] if of_unit else [CODE],
        "unit": [*HEADS, CHILD],
        "action": ["progress", "grant-extension", "answer-obstacle", "approve"],
        "kind": [f"{one.value}?directive={CODE}&unit={unit}" for one in PaperKind for unit in ("CTY-M", "T-LT", "")],
        "path": ["2"],
        "duty": ["2"],
        "version": ["1"],
        "number": ["1"],
        "day": ["2026-11-02"],
    }
    plural = {f"{one}_id": names[one] for one in names}
    return known.get(name) or plural.get(name) or [NOBODY]


def addresses(app: Any, names: dict[str, list[str]]) -> Iterator[str]:
    """Every page and call, with each name that its address can hold."""
    for route in routes(app):
        if re.match(r"/(static|mail|setup|help|sign-|ready|metrics|api/v1/docs|api/v1/openapi)", route):
            continue
        path = re.sub(r":\w+}", "}", route)
        for pair, kind in PAIRED.items():
            if path.removeprefix("/api/v1").startswith(f"/tasks/{pair}"):
                ends = ([*one.split("/"), "progress"] for one in names[kind])
                yield from (path.format(name=on, action=how, message_id=one, history_id=one) for on, one, how in ends)
                break
        else:
            yield from _filled(path, names)
    for unit, words in product((*HEADS, CHILD), ("riêng", "Kiểm tra", "công ty")):
        yield f"/search?q={quote(f'{unit} {words}')}"
    yield from (f"/api/v1/search?q={unit}" for unit in HEADS)
    for form in ("", "/csv", "/xlsx"):
        yield f"/tasks{form}?show=all&directive={CODE}&column=unit&column=duty&column=coordinator"
    for of in ("unit", "directive"):
        yield from (f"/letters?{of}={one}" for one in (*HEADS, CODE))
    yield from (f"/reports/tasks?figure={one}&directive={CODE}" for one in ("total", "open_in_time"))
    yield f"/api/v1/report/tasks?figure=total&directive={CODE}"
    yield from (f"/reports{form}?directive={CODE}&cutoff=2026-11-03" for form in ("", "/csv", "/xlsx"))
    yield from (f"/papers/make/assignment?task={one}" for one in names["task"])
    yield from (f"/papers/{one}/file?form={form}" for one in names["report"] for form in ("docx", "html"))
    yield from (f"/inbox?directive={CODE}&ask={one}" for one in ("question", "obstacle", "extension"))
    yield from (f"/directives/{CODE}/conversation?m={one}" for one in names["message"])
    yield from (f"/directives/{CODE}/conversation?answer={one}" for one in names["message"])
    yield f"/suggest/directives?q={CODE}"


def _filled(path: str, names: dict[str, list[str]]) -> Iterator[str]:
    holes = re.findall(r"{(\w+)}", path)
    for chosen in product(*(values(path, hole, names) for hole in holes)):
        yield path.format(**dict(zip(holes, chosen, strict=True)))


def text_of(content: bytes) -> str:
    """What a file says: of Word, Excel and archives, of all that is in them."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "".join(packed.read(one).decode("utf-8", "replace") for one in packed.namelist())
    return content.decode("utf-8", "replace")


def met_by(told: Told, program: Make, person: str) -> dict[str, list[str]]:  # noqa: F811
    """The markers that somebody meets, and at which addresses."""
    reader, caller = told.office.sign_in(person), program(person)
    met: dict[str, list[str]] = {}
    for address in addresses(told.office.app, told.names):
        is_call = address.startswith("/api/v1")
        answer = caller.get(address.removeprefix("/api/v1")) if is_call else reader.get(address)
        assert answer.status_code < 500, (address, answer.text)
        for marker in told.words.found_in(text_of(answer.content)):
            met.setdefault(marker, []).append(address)
    return met


def test_nobody_meets_the_words_of_units_that_are_not_theirs(told: Told, program: Make) -> None:  # noqa: F811
    """One office for all: to open a page changes nothing that another page shows."""
    there = {(unit, place) for unit, place, _what in told.words.written.values()}
    leaks: dict[tuple[str, ...], list[str]] = {}
    for person, theirs in MAY_SEE.items():
        met = met_by(told, program, person)
        words = {one: told.words.written[one] for one in met}
        leaks |= {(person, *words[one]): met[one][:3] for one in met if words[one][:2] not in theirs}
        seen = {(unit, place) for unit, place, _what in words.values()}
        assert (person, theirs & there - seen) == (person, frozenset())  # else nothing would be proved of the others
    assert leaks == {}


def test_no_letter_holds_the_words_of_units_that_are_not_its_readers(told: Told) -> None:
    found: set[tuple[str, str, str, str]] = set()
    with reading(told.office.engine) as session:
        letters = session.execute(
            select(col(Person.code), col(LetterContent.content))
            .join(Letter, col(Letter.recipient_id) == col(Person.id))
            .join(LetterContent, col(LetterContent.letter_id) == col(Letter.id))
        ).all()
    for person, content in letters:
        parts = message_from_bytes(content, policy=policy.default).walk()
        said = "".join(str(one.get_content()) for one in parts if not one.is_multipart())
        words = {told.words.written[one] for one in told.words.found_in(said)}
        found |= {(person, *one) for one in words}
    assert len({person for person, *_words in found}) > 2
    wrong = {one for one in found if one[0] in MAY_SEE and one[1:3] not in MAY_SEE[one[0]]}
    assert wrong == set()


def test_who_has_handed_a_task_down_reads_and_addresses_no_competitor(told: Told, program: Make) -> None:  # noqa: F811
    """Overseeing one task makes nobody a reader of all questions, or the voice of the directive."""
    place, child = f"/directives/{CODE}/conversation", task_of(told.office, CHILD, "2")
    asked = program(CHILDS_HEAD).post(f"/tasks/{child.id}/conversation", {"text": "Hỏi", "question": True}).json()
    with reading(told.office.engine) as session:
        before = len(session.exec(select(Notice.id)).all())
    for person in (HEADS["T-LT"], "its.stand.in", "doan.thi.hanh", "bui.thi.tam", "dinh.thuc.quyen", HEADS["CTY-R"]):
        caller = program(person)
        for given in (
            {},
            {"to_all": True},
            {"to_all": True, "question": True},
            {"answers": _question_of(told, "CTY-M")},
        ):
            answer = caller.post(place, {"text": "x"} | given)
            assert (person, given, answer.status_code in (404, 409)) == (person, given, True)
    answered = program(HEADS["T-LT"]).post(
        f"/tasks/{child.id}/conversation", {"text": "Trả lời", "answers": asked["message"]}
    )
    assert answered.status_code == 200  # the parent's lead answers, for that unit alone
    published = program(HEADS["T-LT"]).post(
        f"/tasks/{child.id}/conversation/{answered.json()['message']}/publish", {"question": "Chào mọi đơn vị"}
    )
    assert published.status_code == 409
    with reading(told.office.engine) as session:
        new = session.exec(select(Notice).order_by(col(Notice.id)).offset(before)).all()
        told_of = {session.get_one(Person, one.recipient_id).code for one in new}
    assert told_of <= {CHILDS_HEAD, HEADS["T-LT"], "its.stand.in", "doan.thi.hanh"}


def _question_of(told: Told, unit: str) -> str:
    with reading(told.office.engine) as session:
        query = select(ConversationMessage.id).where(
            ConversationMessage.unit_id == resolve_unit(session, unit).id,
            col(ConversationMessage.task_id).is_(None),
            ConversationMessage.is_question,
        )
        return str(session.exec(query).one())
