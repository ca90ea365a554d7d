"""Bugs that the engine once had, or was built not to have: put back on purpose, to see that the soak finds them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine, bindparam, exists, update
from sqlmodel import Session

from models.database import leases
from models.database.prepared import Prepared
from models.database.rows import table_of, update_one
from models.letters.letter import Letter, LetterState
from models.organization.person import Person
from models.settings import MailSettings
from notifications.outbox import attempts
from notifications.smtp.line import Replies
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, Outcome
from workflows.delivery import deliver
from workflows.delivery import letter_delivery as letter_turn
from workflows.delivery import recheck as send_check
from workflows.delivery.letters import letter_facts
from workflows.delivery.replies import confirm_reply, take_replies
from workflows.rules.reply_policy import why_not

_LETTER, _PERSON = table_of(Letter).c, table_of(Person).c
_WRITTEN = ("message_id", "address", "subject", "is_drill", "lease_until")


def mark_without_lease() -> AbstractContextManager[Any]:
    """A deliverer that was paused marks its letter without looking whether another has it by now."""
    unguarded = Prepared(
        update(Letter)
        .where(
            _LETTER.id == bindparam("the_id"),
            exists().where(
                _PERSON.id == bindparam("the_person"), _PERSON.is_active, _PERSON.email == bindparam("the_address")
            ),
        )
        .values({name: bindparam(f"new_{name}") for name in _WRITTEN} | {"state": LetterState.CLAIMED})
        .execution_options(synchronize_session=False)
    )
    return _patched((attempts, "_MARKED", unguarded), (attempts, "_UNMOVED", unguarded))


def forgotten_resend() -> AbstractContextManager[Any]:
    """That an uncertain letter went out once more already is not remembered."""
    put_off: Callable[..., tuple[LetterState, dict[str, Any]]] = attempts._put_off

    def forgetful(*given: Any, **more: Any) -> tuple[LetterState, dict[str, Any]]:
        state, values = put_off(*given, **more)
        return state, values | ({"resent": False} if state is LetterState.UNCERTAIN else {})

    return _patched((attempts, "_put_off", forgetful))


def mark_after_data() -> AbstractContextManager[Any]:
    """The attempt is written down once the server has answered, and not before the letter is handed over."""
    marking, ending = attempts._ATTEMPTED, attempts._ENDED
    kept: dict[Any, dict[str, Any]] = {}

    class Later:
        def run(self, _connection: Connection, **values: Any) -> int:
            kept[values["the_id"], values["the_token"]] = values
            return 1

    class Both:
        def run(self, connection: Connection, **values: Any) -> int:
            if mark := kept.pop((values["the_id"], values["the_token"]), None):  # who retired was never written to
                marking.run(connection, **mark)
            return ending.run(connection, **values)

    return _patched((attempts, "_ATTEMPTED", Later()), (attempts, "_ENDED", Both()))


def told_though_over() -> AbstractContextManager[Any]:
    """Whether the reason of a letter still holds is asked when it is decided, and not when it leaves."""
    return _patched((letter_facts, "why_untrue", lambda *_: ""))


def no_last_look() -> AbstractContextManager[Any]:
    """What a letter says is true when it is written, and nobody looks again when it is marked."""
    marking = attempts._MARKED

    class Blind:
        def run(self, connection: Connection, *, the_task: Any, the_revision: int, **values: Any) -> int:
            return marking.run(connection, **values)

    return _patched((send_check, "_moved_since", lambda *_: False), (attempts, "_UNMOVED", Blind()))


def lost_answer_taken_for_no() -> AbstractContextManager[Any]:
    """A line that breaks after DATA is called a temporary failure, as if the letter could not have arrived."""
    handing: Callable[..., Attempt] = YagmailSender._hand_over

    def hand_over(*given: Any) -> Attempt:
        attempt = handing(*given)
        return replace(attempt, outcome=Outcome.TEMPORARY) if attempt.outcome is Outcome.UNCERTAIN else attempt

    return _patched((YagmailSender, "_hand_over", hand_over))


def short_patience() -> AbstractContextManager[Any]:
    """The answer to a whole letter is waited for 20 seconds: a server that scans for longer gets it twice."""
    making: Callable[..., None] = YagmailSender.__init__

    def hasty(self: YagmailSender, settings: MailSettings, *given: Any, **more: Any) -> None:
        making(self, settings.model_copy(update={"dot_seconds": 20.0}), *given, **more)

    return _patched((YagmailSender, "__init__", hasty))


def time_out_per_read() -> AbstractContextManager[Any]:
    """Each byte of a reply has 20 seconds, and the whole of it no end: a server that drips is listened to for ever."""

    def more(self: Replies) -> bool:
        self.line.settimeout(20.0)
        came = self.line.recv(1024)
        self._read += came
        return bool(came)

    def readline(self: Replies, _most: int = -1) -> bytes:
        while b"\n" not in self._read and self._more():
            pass
        return self._take(self._read.find(b"\n") + 1 or len(self._read))

    return _patched((Replies, "_more", more), (Replies, "readline", readline))


def nobody_hears() -> AbstractContextManager[Any]:
    """A letter that is refused for good is written off, and no coordinator hears of it."""
    return _patched((letter_turn, "tell_undelivered", lambda *_: None))


def nobody_hears_of_the_uncertain() -> AbstractContextManager[Any]:
    """A letter that may not have arrived and is not sent again stays so, and no coordinator hears of it."""
    return _patched((letter_turn, "tell_uncertain", lambda *_: None))


def digest_leaves_early() -> AbstractContextManager[Any]:
    """A digest leaves as soon as it is there, though another tick still has something to put into it."""
    return _patched((deliver, "first_unfinished", lambda *_given, **_named: None))


def failed_commit_left_open() -> AbstractContextManager[Any]:
    """A delivery whose commit failed keeps the database locked, while it settles its letter on another connection."""

    @contextmanager
    def transactions(engine: Engine) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
        with engine.connect() as connection:

            @contextmanager
            def one() -> Iterator[Session]:
                with connection.begin(), Session(connection, expire_on_commit=False) as session:
                    yield session
                    session.flush()

            yield one

    return _patched(
        (deliver, "transactions", transactions),
        (letter_turn, "transactions", transactions),
        (letter_turn, "PAUSES", (0.0,)),  # it waits in vain: no need to do so for two minutes
    )


def false_leases_hold() -> AbstractContextManager[Any]:
    """What a process had in hand under a clock that was ahead is held until that moment comes."""
    return _patched((leases, "LONGEST", timedelta(days=999)))


def reply_taken_twice() -> AbstractContextManager[Any]:
    """A message is not known again by its Message-ID: one that is delivered twice is taken twice."""
    numbers = count()
    return _patched((take_replies, "message_key", lambda *_: f"key {next(numbers)}"))


def link_pressed_twice() -> AbstractContextManager[Any]:
    """Nobody looks whether the link in an answer was used before."""
    return _patched((confirm_reply, "update_one", lambda *given: update_one(*given) or True))


def anybody_answers() -> AbstractContextManager[Any]:
    """Who has the address of a letter's answers is taken for its reader."""
    return _patched((take_replies, "why_not", lambda facts: why_not(replace(facts, is_from_reader=True))))


def _patched(*changes: tuple[Any, str, Any]) -> AbstractContextManager[Any]:
    stack = ExitStack()
    for where, name, instead in changes:
        stack.enter_context(patch.object(where, name, instead))
    return stack
