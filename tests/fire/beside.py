"""A running site, and all that may be asked of it and done beside it: pages, calls, jobs and commands."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine, func
from sqlmodel import col, select
from starlette.routing import BaseRoute, compile_path

from models.database.session import open_engine, reading, transaction
from models.operations.system_job import JobName
from models.organization.account import Proof
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.conversation import ConversationMessage
from models.tasks.task import Task, TaskStatus
from models.text.localtime import local_date
from tests.keys import KEYS
from tests.office import Office
from tests.page import Page
from tests.serve.serving import ROOT, Serving
from web.app import create_app
from workflows.access.access_tokens import Scope, make_token
from workflows.access.accounts.sessions import open_session
from workflows.access.rights import read_principal
from workflows.jobs.system_jobs import written
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar

EVERYTHING = "le.thi.c"
"""Who has every role in `launched_today`."""
_ONCE = httpx.Limits(max_keepalive_connections=0)
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
_LINK = re.compile(r'href="(/[^"#]*)')


def launched_today(engine: Engine, folder: Path) -> None:
    """The bundled directive, given out this morning: a site of today may work on it."""
    now = datetime.now(UTC)
    set_up(engine, now=now, example=True)
    with reading(engine) as session:
        calendar = load_calendar(session)
    office = Office(engine, Settings(data=folder), calendar=calendar)
    due = calendar.add(local_date(now), 20)
    office.launch("2", "4", "5", on=now, due=due, override=True)
    with transaction(engine) as session:
        person = resolve_person(session, EVERYTHING)
        assert person.unit_id is not None
        has = set(session.exec(select(PersonRole.role).where(PersonRole.person_id == person.id)))
        for role in set(Role) - has:
            session.add(PersonRole(person_id=person.id, role=role, unit_id=person.unit_id))


@dataclass
class Site:
    """A `dondoc serve`, asked over its port by people who are signed in."""

    serving: Serving

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serving.port}"

    def browser(self, who: str) -> httpx.Client:
        """Somebody's browser. Their session is written from here: another process, which closes the database again."""
        with _looking(self.serving.url) as engine, transaction(engine) as session:
            key = open_session(session, resolve_person(session, who), Proof.PASSWORD, now=datetime.now(UTC))
        return httpx.Client(base_url=self.url, cookies={"dondoc": key}, timeout=60, limits=_ONCE)

    def program(self, who: str) -> httpx.Client:
        """A program with a token of theirs."""
        now = datetime.now(UTC)
        with _looking(self.serving.url) as engine, transaction(engine) as session:
            principal = read_principal(session, resolve_person(session, who), local_date(now))
            _token, text = make_token(session, principal, "fire", list(Scope), now + timedelta(days=9), now=now)
        return httpx.Client(
            base_url=f"{self.url}/api/v1", headers={"authorization": f"Bearer {text}"}, timeout=60, limits=_ONCE
        )

    def send(self, browser: httpx.Client, page: str, action: str, **fields: str) -> httpx.Response:
        """Fills and sends a form of a page."""
        csrf = Page(browser.get(page).text).value("csrf")
        headers = {"origin": self.url, "sec-fetch-site": "same-origin"}
        return browser.post(action, data={"csrf": csrf} | fields, headers=headers)

    def open_everything(self) -> Counter[int]:
        """Every page and every call that answers GET, by somebody of every role. How often which status came."""
        app = create_app(open_engine("sqlite://"), Settings(data=self.serving.data))
        tasks = self.tasks()
        known = {"name": tasks[0].id.hex, "task": tasks[0].id.hex, "code": "ct-06-2004", "path": "2", "kind": "report"}
        statuses: Counter[int] = Counter()
        for client, routes in (
            (self.browser(EVERYTHING), app.routes),
            (self.program(EVERYTHING), app.state.api.routes),
        ):
            for path in self._addresses(client, _getting(routes), known):
                answer = client.get(path)
                well = answer.status_code < 500 or path == "/ready"  # whose 503 says that no tick has ended yet
                assert well, f"{path}: {answer.status_code}\n{answer.text[-2000:]}"
                statuses[answer.status_code] += 1
        return statuses

    def _addresses(self, client: httpx.Client, routes: Sequence[str], known: dict[str, str]) -> Iterator[str]:
        """An address of each route: one that a page leads to, else one made of what is known."""
        forms = {route: compile_path(route)[0] for route in routes}
        links = {link for page in ("/", "/tasks", "/admin", "/directives/ct-06-2004") for link in _links(client, page)}
        for route, form in forms.items():
            there = next((link for link in sorted(links) if form.fullmatch(link.partition("?")[0])), None)
            yield there or _PARAMETER.sub(lambda found: known.get(found[1], UUID(int=1).hex), route)

    def do_every_job(self) -> None:
        """Each job by the site's own clock, and the letters to come."""
        browser = self.browser(EVERYTHING)
        for job in JobName:
            answer = self.send(browser, "/admin/jobs", f"/admin/jobs/{written(job)}/run")
            assert answer.status_code == 303, answer.text
        answer = self.send(browser, "/letters/coming", "/letters/coming")
        assert answer.status_code == 303, answer.text

    @property
    def environment(self) -> dict[str, str]:
        """Of a command beside the site."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        return inherited | {
            "DONDOC_DATA": str(self.serving.data),
            "DONDOC_DATABASE_URL": self.serving.url,
            "DONDOC_MAIL_PORT": str(self.serving.mail_port),
            "PYTHONPATH": str(ROOT),
        }

    def give_every_command(self, folder: Path) -> str:
        """Each in a process that closes the database after each, as a terminal beside the site does."""
        told = subprocess.run(
            [sys.executable, "-m", "tests.fire.every_command", self.tasks()[-1].id.hex],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def tasks(self) -> list[Task]:
        """Those that nobody has accepted, whose unit has a head."""
        with _looking(self.serving.url) as engine, reading(engine) as session:
            query = select(Task).join(Unit, col(Unit.id) == col(Task.lead_unit_id))
            query = query.where(Task.status == TaskStatus.ASSIGNED, col(Unit.head_id).is_not(None))
            return list(session.exec(query.order_by(col(Task.id))))

    def head_of(self, task: Task) -> str:
        with _looking(self.serving.url) as engine, reading(engine) as session:
            head = session.exec(
                select(Person.code).join(Unit, col(Unit.head_id) == col(Person.id)).where(Unit.id == task.lead_unit_id)
            )
            return head.one()

    def assert_held(self) -> None:
        """The server still has its lock on SQLite's file, and holds nothing that was unlinked under its hands."""
        if not self.serving.url.startswith("sqlite"):
            return
        pid, file = self.serving.process.pid, self.serving.data / "dondoc.sqlite"
        held: list[str] = []
        for one in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                held.append(os.readlink(one))
        assert [one for one in held if "dondoc.sqlite" in one and one.endswith("(deleted)")] == []
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
        inodes = {line[5].rpartition(":")[2] for line in locks if line[1] == "POSIX" and line[4] == str(pid)}
        assert str(file.stat().st_ino) in inodes, "SQLite's lock on its file is gone"


@dataclass(frozen=True)
class Acknowledged:
    """What the site has said that it has done: languages chosen, tasks accepted, messages written."""

    languages: dict[str, str] = field(default_factory=dict)
    accepted: frozenset[UUID] = frozenset()
    messages: frozenset[UUID] = frozenset()

    def __or__(self, later: "Acknowledged") -> "Acknowledged":
        return Acknowledged(
            self.languages | later.languages, self.accepted | later.accepted, self.messages | later.messages
        )

    def missing(self, url: str) -> list[str]:
        """Which of it another process does not find."""
        with _looking(url) as engine, reading(engine) as session:
            languages = {code: resolve_person(session, code).language for code in self.languages}
            accepted = set(session.exec(select(Task.id).where(Task.status == TaskStatus.ACCEPTED)))
            messages = set(session.exec(select(ConversationMessage.id)))
            assert session.scalar(select(func.count()).select_from(Task))
        lost = [f"language of {code}" for code, one in self.languages.items() if languages[code] != one]
        lost += [f"acceptance of {one}" for one in self.accepted - accepted]
        return lost + [f"message {one}" for one in self.messages - messages]


def write_much(site: Site, tasks: Sequence[Task], words: str) -> Acknowledged:
    """By pages and by calls; each was answered."""
    languages, accepted, messages = {}, set(), set()
    for task in tasks:
        code = site.head_of(task)
        browser, program = site.browser(code), site.program(code)
        language = "vi" if 'lang="en"' in browser.get("/account").text else "en"
        answer = site.send(browser, "/account", "/account/language", language=language)
        assert answer.status_code == 303, answer.text
        languages[code] = language
        answer = program.post(f"/tasks/{task.id.hex}/accept", json={})
        assert answer.status_code == 200, answer.text
        accepted.add(task.id)
        answer = program.post(f"/tasks/{task.id.hex}/conversation", json={"text": words})
        assert answer.status_code == 200, answer.text
        messages.add(UUID(answer.json()["message"]))
    return Acknowledged(languages, frozenset(accepted), frozenset(messages))


@contextmanager
def _looking(url: str) -> Iterator[Engine]:
    """An engine of this process, closed again at once: as any command beside the site closes it."""
    engine = open_engine(url, KEYS)
    try:
        yield engine
    finally:
        engine.dispose()


def _getting(routes: Sequence[BaseRoute]) -> list[str]:
    return [str(one.path) for one in iter_route_contexts(routes) if "GET" in (one.methods or ())]


def _links(client: httpx.Client, page: str) -> list[str]:
    return _LINK.findall(client.get(page).text)
