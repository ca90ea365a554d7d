"""One process at work on the database: run as a script with the code of either release before it on the path.

It imports only what both releases have, under the names that both have. Each call is written to a log: when it
began, how long it took, how it ended, and what was promised to whoever made it.
"""

import argparse
import json
import os
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

import dondoc
from models.database.run import LINK_KEY, Installation
from models.database.session import open_engine, reading, transaction
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import MailSettings, Settings
from models.tasks.task import Task, TaskStatus
from notifications.composing.keys import sign_link
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act

BEGINS = datetime(2004, 5, 10, 2, 0, tzinfo=UTC)
"""A working Monday, 09:00 local."""
_NEXT = {TaskStatus.ASSIGNED: Action.ACCEPT, TaskStatus.ACCEPTED: Action.SUBMIT, TaskStatus.SUBMITTED: Action.APPROVE}


class Actor:
    """What every role has: the database, the drill's clock, the log."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        mail = MailSettings(mode="smtp", host="127.0.0.1", port=given.smtp)
        self.settings = Settings(mail=mail)
        self.engine = _opened(given.release, self.settings)
        self._log = Path(given.log).open("a", buffering=1)  # noqa: SIM115  open as long as the process

    def now(self) -> datetime:
        """The drill's moment: as many seconds after its beginning as have passed."""
        return BEGINS + timedelta(seconds=time.time() - self.given.epoch)

    def over(self) -> bool:
        """Whether the drill has told this one to stop."""
        return Path(self.given.stop).exists()

    def call(self, what: str, work: Callable[[], dict[str, Any] | None]) -> bool:
        """One call, logged; whether it succeeded."""
        began, start = time.time(), time.perf_counter()
        line: dict[str, Any] = {"at": began, "what": what, "ok": True}
        try:
            line |= work() or {}
        except Exception as error:  # whatever it is: it is what somebody was told
            line |= {"ok": False, "error": f"{type(error).__name__}: {error}"[:500]}
        line["seconds"] = time.perf_counter() - start
        self._log.write(json.dumps(line) + "\n")
        return bool(line["ok"])


def people(actor: Actor) -> None:
    """Heads accept and submit, the coordinator approves: each task goes its way, one move after the other."""
    turn, of = actor.given.share
    with reading(actor.engine) as session:
        calendar = load_calendar(session)
        every = session.exec(select(Task.id).order_by(col(Task.id))).all()
        ids = [one for number, one in enumerate(every) if number % of == turn]

    def move(task_id: Any) -> dict[str, Any] | None:
        with transaction(actor.engine) as session:
            task = session.get_one(Task, task_id)
            action = _NEXT.get(task.status)
            if action is None:
                return {"nothing": True}
            head = session.get_one(Unit, task.lead_unit_id).head_id
            person = session.get_one(Person, task.coordinator_id if action is Action.APPROVE else head)
            given: dict[str, Any] = {}
            if action is Action.SUBMIT:
                given = {
                    "number": f"{task_id.hex[-6:]}/BC",
                    "date": actor.now().date(),
                    "signer": "Nguyễn Văn A",
                    "subject": "Báo cáo kết quả thực hiện",
                }
            done = act(
                session, task_id, action, person, given, now=actor.now(), calendar=calendar, settings=actor.settings
            )
            told = {"task": str(task_id), "history": str(done.history_id), "status": done.task.status.value}
        return told | {"event": done.event}  # only now is it promised

    while not actor.over():
        for task_id in ids:
            for _move in _NEXT:
                if actor.over():
                    return
                actor.call("act", lambda task_id=task_id: move(task_id))  # type: ignore[misc]


def clock(actor: Actor) -> None:
    """Ticks, each second one: sweeps and delivers by SMTP."""

    def once() -> dict[str, Any]:
        done = tick(actor.engine, actor.settings, now=actor.now())
        return {"sent": done.sent, "failed": done.failed}

    while not actor.over():
        actor.call("tick", once)
        time.sleep(0.2)


def site(actor: Actor) -> None:
    """The site of this release; writes which pages there are to look at."""
    import uvicorn

    from web.app import create_app

    app = create_app(actor.engine, actor.settings)
    app.state.site.now = actor.now
    Path(actor.given.pages).write_text(json.dumps(_pages(actor)))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=actor.given.port, log_level="warning"))

    def watch() -> None:
        while not actor.over():
            time.sleep(0.1)
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run()


def _opened(release: str, settings: Settings) -> Engine:
    url = os.environ["DONDOC_DATABASE_URL"]
    if release == "old":
        return open_engine(url)
    from models.database.secret_keys import keys_of

    return open_engine(url, keys_of(settings))


def _link_key(session: Session, release: str) -> str:
    if release == "old":
        return session.get_one(Installation, LINK_KEY).value
    from models.database.sealing import link_key

    return link_key(session)


def _pages(actor: Actor) -> dict[str, Any]:
    pages, token = ["/ready", "/health"], None
    with reading(actor.engine) as session:
        key = _link_key(session, actor.given.release)
        some = session.exec(select(Task).order_by(col(Task.id)).limit(20)).all()
        heads = [session.get_one(Unit, one.lead_unit_id).head_id for one in some]
    if actor.given.release == "old":
        signed = [sign_link(key, one.id, head) for one, head in zip(some, heads, strict=True)]  # type: ignore[call-arg,arg-type]
        return {"pages": [*pages, "/", *(f"/v/{one}" for one in signed)], "token": None}
    from workflows.access.access_tokens import Scope, make_token
    from workflows.access.rights import read_principal

    with transaction(actor.engine) as session:
        person = session.get_one(Person, some[0].coordinator_id)
        principal = read_principal(session, person, actor.now().date())
        until = actor.now() + timedelta(days=30)
        _kept, token = make_token(session, principal, "drill", list(Scope), until, now=actor.now())
    api = [f"/api/v1/tasks/{one.id}" for one in some]
    return {"pages": [*pages, "/metrics", "/sign-in", "/api/v1/work", *api], "token": token}


def reader(actor: Actor) -> None:
    """Opens the pages one after the other; with a token also writes through the API."""
    told = json.loads(Path(actor.given.pages).read_text())
    headers = {"Authorization": f"Bearer {told['token']}"} if told["token"] else {}

    def ask(path: str, body: bytes | None = None) -> dict[str, Any]:
        asked = urllib.request.Request(f"http://127.0.0.1:{actor.given.port}{path}", body, headers)
        if body is not None:
            asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            # the drill's clock is of 2004, so that no tick looks recent: the database is what is asked for
            is_ready = path == "/ready" and json.loads(text)["database"] == "ok"
            if body is not None and error.code == 409 and b"/problems/refused-by-a-rule" in text:
                return {"refused": path}  # the people were quicker and the task is done: that is the right answer
            if not is_ready:
                raise RuntimeError(f"{path}: {error.code} {text[:300]!r}") from error
        if body is None:
            return {"path": path.split("/")[1]}
        done = json.loads(text)
        return {"task": done["task"], "history": done["history"], "event": done["event"], "status": done["status"]}

    for path in _round(actor, told["pages"]):
        if not actor.call("page", lambda path=path: ask(path)):  # type: ignore[misc]
            time.sleep(0.05)
        if headers and path.startswith("/api/v1/tasks/"):
            body = b'{"answered_by": "A", "note": "drill"}'
            actor.call("api", lambda path=path, body=body: ask(f"{path}/telephone", body))  # type: ignore[misc]


def _round(actor: Actor, pages: list[str]) -> Iterator[str]:
    while True:
        for page in pages:
            if actor.over():
                return
            yield page
            time.sleep(0.01)


def cli(actor: Actor) -> None:
    """The command line, a process for each call, as cron or a person would."""
    while not actor.over():
        for words in (["report", "--json"], ["unit", "list", "--json"], ["outbox", "list", "--json"]):
            if not actor.over():
                actor.call("cli", lambda words=words: _succeed(words, Path(f"{actor.given.log}.cli")))  # type: ignore[misc]


def _succeed(words: list[str], output: Path) -> None:
    child = os.fork()
    if child == 0:
        command(words, output)
    _pid, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{' '.join(words)}: {status} {output.read_text()[-300:]}")


def command(words: list[str], output: Path) -> None:
    """`dondoc` with these words in this process, which ends with it."""
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = ["dondoc", *words]
    code = 1
    try:
        dondoc.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def make(units: int) -> None:
    """A register of many units and a launch to all of them."""
    from bench.register import fill_register
    from workflows.launch.launch_plan import default_coordinator, find_directive
    from workflows.launch.launch_tasks import launch

    engine = open_engine(os.environ["DONDOC_DATABASE_URL"])
    fill_register(engine, units=units)
    with transaction(engine) as session:
        directive = find_directive(session, "bench")
        launch(
            session,
            directive,
            on=BEGINS,
            due_on=date(2004, 5, 14),
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
        )


ROLES: dict[str, Callable[[Actor], None]] = {one.__name__: one for one in (people, clock, site, reader, cli)}


def main() -> None:
    """The release's code is read once; each line of the input then names what a process forked from here does.

    When that ends, its file of the name and `.done` tells with which code.
    """
    import web.app  # noqa: F401  read before anybody forks

    for line in sys.stdin:
        given = argparse.Namespace(**json.loads(line))
        watcher = os.fork()
        if watcher:
            continue
        child = os.fork()
        if child == 0:
            _play(given)
        _pid, status = os.waitpid(child, 0)
        Path(given.done).write_text(str(status))
        os._exit(0)


def _play(given: argparse.Namespace) -> None:
    if given.role == "command":
        command(given.words, Path(given.log))
    code = 1
    try:
        if given.role == "make":
            make(given.units)
        else:
            ROLES[given.role](Actor(given))
        code = 0
    except BaseException:
        Path(f"{given.log}.fault").write_text(traceback.format_exc())
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
