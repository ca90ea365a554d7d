"""Who visits: heads of units who read, accept and report; coordinators who give tasks and decide. Each a thread."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.register import CODE
from models.database.session import transaction
from models.directives.directive import Urgency
from models.organization.account import Proof
from models.organization.person import Person
from models.organization.unit import Unit
from models.text.localtime import local_date
from workflows.access.access_tokens import Scope, make_token
from workflows.access.accounts.sessions import open_session
from workflows.access.rights import read_principal

FOLLOWS = "VU-VT"
"""The unit that coordinates; its person of that name is `dieu.phoi`."""
_ALLOWED = frozenset({200, 201, 409})
"""409: somebody was quicker, as happens among people at work."""
_REPORT = {"signer": "Nguyễn Văn A", "subject": "Báo cáo kết quả thực hiện", "note": "Đã thực hiện xong"}


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in on a browser, and with a token for what a program does in their name."""

    code: str
    unit: str
    cookie: str
    token: str

    @property
    def coordinates(self) -> bool:
        """Whether they give tasks and decide on results."""
        return self.unit == FOLLOWS


@dataclass
class Told:
    """What visitors were answered since it was last asked."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Ear:
    """Collects what all visitors are answered."""

    def __init__(self) -> None:
        self._lock, self._told = threading.Lock(), Told()

    def hear(self, what: str, status: int, seconds: float, body: bytes) -> None:
        """One answer; 0 where none came."""
        with self._lock:
            self._told.statuses[status] += 1
            self._told.seconds.append(seconds)
            if status not in _ALLOWED:
                self._told.broken.append(f"{what}: {status} {body[:300]!r}")

    def take(self) -> Told:
        """What was heard; hearing starts anew."""
        with self._lock:
            told, self._told = self._told, Told()
            return told


def sign_in(engine: Engine, users: int, until: datetime) -> list[Visitor]:
    """The coordinator on every tenth device, and the heads of as many units as it takes."""
    now = datetime.now(UTC)
    with transaction(engine) as session:
        heads = session.exec(
            select(Person, Unit.code)
            .join(Unit, col(Unit.head_id) == Person.id)
            .where(Unit.code.startswith("DN-"))
            .order_by(col(Unit.code))
            .limit(users - users // 10)
        ).all()
        coordinator = session.exec(select(Person).where(Person.code == "dieu.phoi")).one()
        people = [*heads, *[(coordinator, FOLLOWS)] * (users // 10)]
        return [_visitor(session, person, unit, now, until) for person, unit in people]


def _visitor(session: Session, person: Person, unit: str, now: datetime, until: datetime) -> Visitor:
    principal = read_principal(session, person, local_date(now))
    _kept, token = make_token(session, principal, "load", [Scope.READ, Scope.ACT, Scope.COORDINATE], until, now=now)
    return Visitor(person.code, unit, f"dondoc={open_session(session, person, Proof.PASSWORD, now=now)}", token)


class Visit(threading.Thread):
    """One visitor at work until told to stop, pausing as people do: `pause` seconds between two clicks on average."""

    def __init__(
        self, visitor: Visitor, port: int, ear: Ear, stop: threading.Event, *, pause: float, seed: int
    ) -> None:
        super().__init__(name=visitor.code, daemon=True)
        self._visitor, self._port, self._ear, self._over = visitor, port, ear, stop
        self.pause, self._random, self._given = pause, random.Random(seed), 0

    def run(self) -> None:
        """Reads and acts by turns."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for path, body in self._clicks():
            if self._over.wait(self._random.expovariate(1 / self.pause)):
                break
            self._answer = self._ask(line, path, body)
        line.close()

    def _ask(self, line: http.client.HTTPConnection, path: str, body: dict[str, Any] | None) -> Any:
        is_api = path.startswith("/api/")
        headers = {"Accept-Language": "vi", "Accept": "application/json" if is_api else "text/html"}
        headers |= {"Authorization": f"Bearer {self._visitor.token}"} if is_api else {"Cookie": self._visitor.cookie}
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        began, status, text = time.perf_counter(), 0, b""
        for attempt in range(2):
            try:
                line.request("GET" if sent is None else "POST", path, sent, headers)
                answer = line.getresponse()
                status, text = answer.status, answer.read()
                break
            except (ConnectionResetError, BrokenPipeError) as error:  # closed while idle: a browser opens another
                line.close()
                text = str(error).encode()
                if attempt:
                    break
            except OSError as error:
                line.close()
                text = str(error).encode()
                break
        self._ear.hear(path, status, time.perf_counter() - began, text)
        return json.loads(text) if is_api and status in (200, 201) else None

    def _clicks(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        while True:
            yield from self._coordinate() if self._visitor.coordinates else self._work()

    def _work(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """A head: what is to be done, one task of it, a step further with it; now and then a search."""
        yield "/work", None
        yield "/api/v1/tasks?limit=50", None
        tasks = [
            one
            for one in (self._answer or {}).get("items", ())
            if one["status"] in ("assigned", "accepted", "returned")
        ]
        if not tasks:
            yield "/search?q=bao+cao", None
            return
        task = self._random.choice(tasks)
        yield f"/tasks/{task['id']}", None
        if task["status"] == "assigned":
            yield f"/api/v1/tasks/{task['id']}/accept", {}
            return
        self._given += 1
        number = f"{self._given}/BC-{self._visitor.unit}"
        dated = local_date(datetime.now(UTC)).isoformat()
        yield f"/api/v1/tasks/{task['id']}/submit", {**_REPORT, "number": number, "date": dated}

    def _coordinate(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """The coordinator: gives tasks, looks at board and report, decides on what came in."""
        for _task in range(4):
            yield "/api/v1/typed-tasks", self._new_task()
        yield f"/directives/{CODE}", None
        yield "/reports", None
        yield "/inbox", None
        yield "/api/v1/tasks?status=submitted&limit=50", None
        submitted = (self._answer or {}).get("items", ())
        for task in self._random.sample(list(submitted), min(6, len(submitted))):
            yield f"/tasks/{task['id']}", None
            if self._random.random() < 0.2:
                yield f"/api/v1/tasks/{task['id']}/return", {"note": "Đề nghị bổ sung số liệu"}
            else:
                yield f"/api/v1/tasks/{task['id']}/approve", {}

    def _new_task(self) -> dict[str, Any]:
        number, today = f"{self._random.randrange(10**9)}/TB-VP", local_date(datetime.now(UTC))
        return {
            "lead": f"DN-{self._random.randrange(40):05d}",
            "title": "Báo cáo tình hình",
            "follows": FOLLOWS,
            "quote": f"Giao đơn vị báo cáo tình hình thực hiện thông báo số {number}.",
            "result": "báo cáo",
            "kind": "thông báo",
            "number": number,
            "issued_on": today.isoformat(),
            "issuer": "Văn phòng Bộ",
            "subject": "Kết luận cuộc họp giao ban",
            "urgency": Urgency.EXPRESS.value,
            "due_on": (today + timedelta(days=14)).isoformat(),
            "override": True,
            "reason": "giao bổ sung",
        }
