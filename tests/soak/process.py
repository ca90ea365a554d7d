"""A process that can die, stumble or stand still between any two things it says to the database or the mail server.

All in one thread and in virtual time: a pause plays other processes to their end before it lets this one go on. On
PostgreSQL a tick may also stand still within a transaction: others pass over what it holds, or give up waiting for it.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.database.session import open_engine
from tests.keys import KEYS
from tests.soak.story import CRASH, ERROR, PAUSE, Fault

_WAITS_FOR_NOBODY = {"sqlite": "PRAGMA busy_timeout=0", "postgresql": "SET lock_timeout = '200ms'"}
_LOCKED = ("database is locked", "lock timeout")
"""Nobody can give a lock while others wait for it: who waits does so for its own process, or for one that holds."""
_NEVER_HELD = ("letter_attempt", "LOCK TABLE")
"""A transaction that has said this goes on to its end: a mark is not to wait for hours, nor all notices with it."""


class Crash(BaseException):
    """The end of a process: nothing of the product may catch it."""


class Process:
    """One program with its own connections. `fell` tells which faults befell it during the step that is played."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, KEYS)
        self.statistics: Counter[str] = Counter()
        self.is_dead = self.is_locked_out = self.is_holding = self.may_hold = False
        self.steps = 0  # that it has done
        self.fell: list[str] = []
        self.fault: Fault | None = None
        self.meanwhile: Callable[[Fault], None] = lambda fault: None
        self.on_mark: Callable[[], None] = lambda: None
        self.on_settled: Callable[[], None] = lambda: None
        self.on_claim: Callable[[], None] = lambda: None
        self.on_fault: Callable[[], None] = lambda: None
        self._events = 0
        self._said: list[str] = []
        self._opened: list[Any] = []
        self._watch()

    def begin(self, fault: Fault | None) -> None:
        """The next step: events are counted anew."""
        self.fault, self._events, self.fell, self.is_locked_out = fault, 0, [], False

    def end(self) -> None:
        """After its step; a process that died comes back with nothing in its hands."""
        self.fault, self.steps = None, self.steps + 1
        if self.is_dead:
            self.engine.dispose()
            for one in self._opened:  # also those that its death left in nobody's hands
                one.close()
            self._opened.clear()
            self.is_dead = False
        self._said.clear()

    def happens(self, where: str, *, may_pause: bool = False) -> None:
        """An event of its life: the fault strikes at the one it waits for, a pause at the next outside transactions."""
        if self.is_dead:
            raise Crash
        in_mail, fault = where.startswith("mail"), self.fault
        self._events += in_mail or fault is None or not fault.in_mail
        if fault is None or self._events < fault.at or (fault.kind == PAUSE and not may_pause):
            return
        if in_mail < fault.in_mail or (fault.kind == ERROR and in_mail):
            return  # the mail server has troubles of its own
        self.fault = None
        self.fell.append(fault.kind)
        self.statistics[f"{fault.kind} ({where})"] += 1
        self.on_fault()
        if fault.kind == CRASH:
            self.is_dead = True
            raise Crash
        if fault.kind == ERROR:
            raise OperationalError("a statement", None, sqlite3.OperationalError("disk I/O error, on purpose"))
        self.is_holding = where == "statement"
        self.meanwhile(fault)
        self.is_holding = False

    def _can_hold(self) -> bool:
        is_free = not any(words in statement for statement in self._said for words in _NEVER_HELD)
        return self.may_hold and is_free and self.engine.dialect.name == "postgresql"

    def _watch(self) -> None:
        dialect = self.engine.dialect
        commit: Callable[[Any], None] = dialect.do_commit

        @event.listens_for(self.engine, "connect")
        def connected(driver: Any, _record: Any) -> None:
            self._opened.append(driver)
            driver.execute(_WAITS_FOR_NOBODY[dialect.name])
            driver.commit()

        @event.listens_for(self.engine, "handle_error")
        def failing(context: Any) -> None:
            self.is_locked_out |= any(words in str(context.original_exception) for words in _LOCKED)

        @event.listens_for(self.engine, "begin")
        def beginning(_connection: Any) -> None:
            self._said.clear()

        @event.listens_for(self.engine, "before_cursor_execute")
        def saying(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            self._said.append(statement)
            self.happens("statement", may_pause=self._can_hold())

        def committing(connection: Any) -> None:
            self.happens("before a commit")
            said, self._said = self._said, []
            commit(connection)
            if any("UPDATE letter_attempt" in statement for statement in said):
                self.on_settled()
            if any("UPDATE letter SET" in statement and "letter.attempts +" in statement for statement in said):
                self.on_claim()
            if any("INTO letter_attempt" in statement for statement in said):
                self.on_mark()
            self.happens("after a commit", may_pause=True)

        dialect.do_commit = committing  # type: ignore[method-assign,assignment]
