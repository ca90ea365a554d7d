"""Installations for a browser to look at: a database file, the site on loopback, a mailbox, and a clock in our hand."""

import fcntl
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from models.database.session import open_engine, reading, transaction
from models.organization.account import Proof
from models.organization.register_reads import resolve_person
from models.settings import MailSettings, Settings
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.mailbox import LocalMailbox, ReceivedLetter, read_mailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.acceptance.story import Story
from tests.keys import KEYS
from web.app import create_app
from web.server import listen, serve_site
from workflows.access.accounts.sessions import open_session
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.organization.working_calendar import load_calendar


class PickySender(YagmailSender):
    """Real SMTP, but some addresses are turned away as a mail server turns away those it does not know."""

    def __init__(self, settings: MailSettings) -> None:
        super().__init__(settings)
        self.unknown: set[str] = set()

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address in self.unknown:
            return Attempt(SendOutcome.PERMANENT, 550, "5.1.1 no such mailbox", of_address=True)
        return super().send(to_address, content)


@dataclass
class Place:
    """One installation. `story` acts and ticks in it; the site is at `url` and believes that it is `now` (UTC)."""

    story: Story
    sender: PickySender
    app: FastAPI
    url: str
    now: datetime

    def open_session(self, who: str) -> str:
        """The key of a session of somebody, as a browser's cookie carries it: what signing in gives."""
        with transaction(self.story.engine) as session:
            return open_session(session, resolve_person(session, who), Proof.PASSWORD, now=self.now, remembered=True)

    def letter(self, who: str, about: str = "") -> ReceivedLetter:
        """The newest letter to somebody with this in its subject; the demo's addresses begin with the code."""
        got = [one for one in read_mailbox(self.story.settings.mailbox) if one.to.split("@")[0] == who]
        found = [one for one in got if about in one.subject]
        assert found, f"no letter {about} to {who}: {[one.subject for one in got]}"
        return found[-1]

    def run_background_jobs(self) -> None:
        """What was asked for as long work is done now, where `dondoc serve` does it beside the site."""
        run_background_jobs(self.story.engine, self.story.settings, now=self.now)

    def tick(self, now: datetime) -> None:
        """The clock moves on to `now`, and what is due leaves."""
        self.now = now
        self.story.tick(now)


@contextmanager
def open_place(folder: Path, now: datetime) -> Iterator[Place]:
    """Opens what a folder holds: `dondoc.sqlite`, letters, files."""
    with listen("127.0.0.1", 0) as bound, LocalMailbox(folder / "mailbox") as mailbox:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        mail = MailSettings(mode="local", port=mailbox.port)
        settings = Settings(data=folder, base_url=url, mail=mail, requests_per_minute=10**6)  # its clock stands still
        engine = open_engine(settings.url, KEYS)
        with reading(engine) as session:
            calendar = load_calendar(session)
        sender = PickySender(settings.mail.model_copy(update={"mode": "smtp", "host": mailbox.host}))
        app = create_app(engine, settings)
        place = Place(Story(engine, settings, sender, calendar), sender, app, url, now)
        app.state.site.now = lambda: place.now

        @app.middleware("http")
        async def then_the_clock_asks(request: Request, respond: Callable[[Request], Awaitable[Response]]) -> Response:
            answer = await respond(request)
            if request.method == "POST":
                await run_in_threadpool(place.run_background_jobs)
            return answer

        stop = Event()
        thread = Thread(target=serve_site, args=(app, bound, stop), daemon=True)
        thread.start()
        yield place
        stop.set()
        thread.join(10)
        engine.dispose()


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Holds a lock among the processes of a test run."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def copy_of(folder: Path, to: Path) -> Path:
    """A copy to write in."""
    return Path(shutil.copytree(folder, to, dirs_exist_ok=True))


def made_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, made by `make` if no other worker of this run has done so. It is to be copied, never written."""
    with one_at_a_time(folder.with_suffix(".lock")):
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder
