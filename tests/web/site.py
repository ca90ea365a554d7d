"""An office with its site, and people's browsers at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from models.database.run import link_key
from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import AudienceRule, DeadlineRule, Selector, TemplateVersion
from models.organization.account import Proof
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.old_links import sign_link
from tests.page import Page
from workflows.access.accounts.sessions import open_session
from workflows.access.actor_context import ActorContext
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act
from workflows.templates.draft import new_draft
from workflows.templates.publish import publish

LAUNCHED = at_local(date(2026, 11, 2))  # a Monday, 08:00
DUE = date(2026, 11, 20)
ADDRESS = "http://dondoc.example"
"""Where a `Reader` asks; a site answers under the name of its own `base_url`."""


class Reader:
    """Somebody's browser: asks the site in this process, without a socket. It keeps its cookies.

    starlette's own test client takes 3 ms more for each request, as it starts a thread, and wants another httpx.
    """

    def __init__(
        self,
        app: FastAPI,
        key: str | None = None,
        *,
        at: str = ADDRESS,
        client: tuple[str, int] = ("127.0.0.1", 123),
        raises: bool = True,
    ) -> None:
        """`key` is of a session, `client` where it asks from; faults of ours are answers unless it `raises`."""
        transport = httpx.ASGITransport(app, client=client, raise_app_exceptions=raises)
        self._client = httpx.AsyncClient(transport=transport, base_url=at)
        if key is not None:
            self.cookies.set("dondoc", key, domain="dondoc.example")

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, path, **given))

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def send(self, page: str, action: str | None = None, files: Any = None, **fields: Any) -> httpx.Response:
        """Fills and sends a form of a page, as a browser does; `action` where it is another path than the page."""
        shown = self.get(page).text
        csrf = Page(shown).values("csrf")[:1] if shown else []
        headers = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
        return self.ask("POST", action or page, data={"csrf": csrf} | fields, files=files, headers=headers)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that an answer leads to."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"])


class Asks(Protocol):
    """Whoever asks the site: a browser, or a program."""

    def get(self, path: str) -> httpx.Response: ...


@dataclass
class Office:
    """An installation with the duties of row 4 and row 2 launched, seen as of `now`."""

    engine: Engine
    settings: Settings
    reader: Reader
    app: FastAPI
    now: datetime = field(default=LAUNCHED)

    def sign_in(self, code: str) -> Reader:
        """The browser of somebody who is signed in."""
        with transaction(self.engine) as session:
            person = session.exec(select(Person).where(Person.code == code)).one()
            key = open_session(session, person, Proof.PASSWORD, now=self.now)
        return Reader(self.app, key)

    def get(self, path: str) -> httpx.Response:
        return self.reader.get(path)

    def queries(self, reader: Asks, path: str) -> int:
        """How many statements a page costs, once it has been opened before."""
        reader.get(path)
        seen: list[str] = []

        def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            seen.append(statement)

        event.listen(self.engine, "before_cursor_execute", keep)
        assert reader.get(path).status_code == 200
        event.remove(self.engine, "before_cursor_execute", keep)
        return len(seen)

    def task(self, duty: str) -> Task:
        """The first task of a duty."""
        with reading(self.engine) as session:
            query = select(Task).join(Duty, col(Duty.id) == col(Task.duty_id)).where(Duty.path == duty)
            return session.exec(query.order_by(col(Task.id))).first() or pytest.fail(f"no task of {duty}")

    def head(self, task: Task) -> Person:
        with reading(self.engine) as session:
            head_id = session.get_one(Unit, task.lead_unit_id).head_id
            assert head_id is not None
            return session.get_one(Person, head_id)

    def link(self, task_id: UUID, person_id: UUID, made_at: datetime | None = None) -> str:
        with reading(self.engine) as session:
            key = link_key(session)
        return f"/v/{sign_link(key, task_id, person_id, made_at or self.now)}"

    def act(self, task: Task, action: Action, actor_id: UUID, now: datetime, **given: Any) -> None:
        def do(session: Session) -> None:
            person, calendar = session.get_one(Person, actor_id), load_calendar(session)
            act(ActorContext(session, person, now, calendar, self.settings), task.id, action, given)

        self.change(do)

    def change(self, do: Callable[[Session], object]) -> None:
        with transaction(self.engine) as session:
            do(session)


def one_more_unit(session: Session, deadline: DeadlineRule) -> None:
    """Item 4 is for one unit more, which has no task of it yet."""
    duty = session.scalars(select(Duty).where(col(Duty.path) == "4")).one()
    spec = session.scalars(select(TemplateVersion).where(col(TemplateVersion.duty_id) == duty.id)).one().read_spec()
    audience = AudienceRule(any=(*spec.audience.any, Selector(named=("VU-PC",))))
    changed = spec.model_copy(update={"audience": audience, "deadline": deadline})
    publish(session, new_draft(session, duty, changed, now=LAUNCHED).id, now=LAUNCHED)
