"""Bugs that the engine once had, or was built not to have: put back on purpose, to see that the soak finds them."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from models.database import leases
from models.database.rows import update_one
from models.letters.letter import Letter, LetterAttempt, LetterState
from models.organization.person import Person
from models.settings import MailSettings
from notifications.outbox import attempts
from notifications.smtp import client
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.soak import post
from workflows.delivery import deliver
from workflows.delivery import letter_delivery as letter_turn
from workflows.delivery import recheck as send_check
from workflows.delivery.letters import letter_facts
from workflows.replies import confirm_reply, received_replies, take_replies
from workflows.rules.reply_policy import why_not


def mark_without_lease() -> AbstractContextManager[Any]:
    """A deliverer that was paused claims its letter without looking whether another has it by now.

    The key of the mark still keeps it from leaving twice: what goes wrong is what the letter is said to have become.
    """

    def unguarded(session: Session, one: attempts.Claim, **written: Any) -> bool:
        taken: dict[str, Any] = {"state": LetterState.CLAIMED, "resent": False}
        leases.claim(session, Letter, [(one.letter_id,)], **(taken | written))
        return True

    def as_it_is(session: Session, one: attempts.Claim) -> attempts.RecipientNow:
        person = session.get_one(Person, one.recipient_id)
        return attempts.RecipientNow(person.is_active, person.email or "")

    return _patched((attempts, "claim_letter", unguarded), (letter_turn, "lock", as_it_is))


def forgotten_resend() -> AbstractContextManager[Any]:
    """That an uncertain letter went out once more already is not remembered."""
    ending: Callable[..., tuple[LetterState, dict[str, Any]]] = attempts._outcome_values

    def forgetful(*given: Any, **more: Any) -> tuple[LetterState, dict[str, Any]]:
        state, values = ending(*given, **more)
        return state, values | ({"resent": False} if state is LetterState.UNCERTAIN else {})

    return _patched((attempts, "_outcome_values", forgetful))


def mark_after_data() -> AbstractContextManager[Any]:
    """The attempt is written down once the server has answered, and not before the letter is handed over."""
    kept: dict[tuple[UUID, int], datetime] = {}

    def later(session: Session, one: attempts.Claim, *, now: datetime, **words: Any) -> None:
        attempts.mark_attempt(session, one, now=now, **words)
        mark = session.get_one(LetterAttempt, (one.letter_id, one.lease_token))
        session.delete(mark)
        session.flush()
        kept[one.letter_id, one.lease_token] = now

    def settled(session: Session, one: attempts.Claim, *given: Any, **more: Any) -> LetterState | None:
        key = (one.letter_id, one.lease_token)
        if (began := kept.pop(key, None)) is not None:  # who retired was never written to
            session.add(LetterAttempt(letter_id=key[0], lease_token=key[1], started_at=began, reply=""))
            session.flush()
        return attempts.settle(session, one, *given, **more)

    return _patched((send_check, "mark_attempt", later), (letter_turn, "settle", settled))


def told_though_over() -> AbstractContextManager[Any]:
    """Whether the reason of a letter still holds is asked when it is decided, and not when it leaves."""
    return _patched((letter_facts, "why_untrue", lambda *_: ""))


def no_last_look() -> AbstractContextManager[Any]:
    """What a letter says is true when it is written, and nobody looks again when it is marked."""
    return _patched((send_check, "_has_changed", lambda *_: False))


def lost_answer_taken_for_no() -> AbstractContextManager[Any]:
    """A line that breaks after DATA is called a temporary failure, as if the letter could not have arrived."""
    handing: Callable[..., Attempt] = YagmailSender._hand_over

    def hand_over(*given: Any) -> Attempt:
        attempt = handing(*given)
        return replace(attempt, outcome=SendOutcome.TEMPORARY) if attempt.outcome is SendOutcome.UNCERTAIN else attempt

    return _patched((YagmailSender, "_hand_over", hand_over))


def short_patience() -> AbstractContextManager[Any]:
    """The answer to a whole letter is waited for 20 seconds: a server that scans for longer gets it twice."""
    making: Callable[..., None] = YagmailSender.__init__

    def hasty(self: YagmailSender, settings: MailSettings, *given: Any, **more: Any) -> None:
        making(self, settings.model_copy(update={"dot_seconds": 20.0}), *given, **more)

    return _patched((YagmailSender, "__init__", hasty))


def time_out_per_read() -> AbstractContextManager[Any]:
    """Each line of a reply has its time, and the whole of it no end: a server that drips is listened to for ever."""
    return _patched((post, "end_of", lambda *_: math.inf), (client, "MOST_LINES", 10_000))


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
    return _patched((received_replies, "why_not", lambda facts: why_not(replace(facts, is_from_reader=True))))


def _patched(*changes: tuple[Any, str, Any]) -> AbstractContextManager[Any]:
    stack = ExitStack()
    for where, name, instead in changes:
        stack.enter_context(patch.object(where, name, instead))
    return stack
