"""Explains in words why a letter is in its state, and what a person can do about it."""

from collections.abc import Mapping
from typing import Any

from models.i18n import Words, _, _n
from models.letters.bounce import BounceAction
from models.letters.letter import CLOCK_AHEAD, LetterState
from models.text.localtime import local, write_date
from notifications.outbox.attempts import HELD_REASON
from notifications.outbox.grouping import JOINED_NEWER
from notifications.smtp.replies import RefusalReason, refusal_reason
from notifications.smtp.transport import STOOD_STILL, SendOutcome

UNWRITABLE = "cannot be written: "
CAME_BACK = "came back: "
MAY_HAVE_LEFT = "may have left before the restore"
RETIRED, NO_ADDRESS, OTHER_ADDRESS = "retired", "no address", "another address"
OF_ANOTHER_DAY, NOTHING_TRUE, NO_BYTES = "of another day", "nothing true any more", "no bytes"
KEPT_BY_TEST_MODE = "kept by test mode"
KEPT_WORDS = {
    RETIRED: _("the recipient has retired"),
    NO_ADDRESS: _("the recipient has no address"),
    OTHER_ADDRESS: _("the recipient has another address by now"),
    OF_ANOTHER_DAY: _("it lists the state of another day"),
    NOTHING_TRUE: _("nothing in it is still true"),
    NO_BYTES: _("its text is no longer stored"),
    KEPT_BY_TEST_MODE: _("test mode keeps back what goes to its address"),
}
"""Why a letter that may not have arrived is not sent again."""
BOUNCE_WORDS = {
    BounceAction.FAILED: _("came back"),
    BounceAction.DELAYED: _("is still being tried"),
    BounceAction.DELIVERED: _("has arrived"),
    BounceAction.RELAYED: _("was forwarded"),
    BounceAction.EXPANDED: _("was forwarded to a list"),
}
_REASONS = KEPT_WORDS | {
    JOINED_NEWER: _("its items went into the next letter"),
    CLOCK_AHEAD: _("it was written by a clock that was ahead"),
    "handover": _("its reader's post goes to somebody else now"),
    "its week is over": _("its week is over"),
    "a digest left that morning": _("a digest left that morning"),
    HELD_REASON: _("test mode"),
    STOOD_STILL.reply: _("the sending program stood still before it handed the letter over"),
    MAY_HAVE_LEFT: _("it may have left before the back-up was restored"),
}

ADVICE = {
    RefusalReason.ADDRESS: _("correct the person's address"),
    RefusalReason.MAILBOX: _("tell the person that their mailbox is full or closed"),
    RefusalReason.SIZE: _("tell the person that their mailbox takes no letter of this size"),
    RefusalReason.POLICY: _(
        "ask whoever runs that mail server to let our letters through its filter (the address may be right)"
    ),
    RefusalReason.OTHER: _("mend what the server's words name"),
}
"""The remedy for each kind of permanent refusal."""


def ended_because(error: str) -> str | Words:
    """Return why a letter ended as it did. The mail server's own words stay as they are."""
    return _REASONS.get(error, Words(error))


def explain(letter: Mapping[str, Any]) -> Words:
    """Return one sentence about a row of `list_letters` (or a letter as a mapping with its `last_outcome`)."""
    state, error = LetterState(letter["state"]), letter["error"]
    facts = {"reason": _REASONS.get(error, error), "count": letter["attempts"], "id": letter["id"].hex[-8:]}
    if state is LetterState.QUEUED and letter["attempts"]:
        return Words(_("put off ({reason}); tried again at {moment}"), **facts, moment=_moment(letter))
    if state is LetterState.UNCERTAIN:
        if error in KEPT_WORDS:
            message = _("may or may not have arrived; not sent again: {reason}; set it aside: dondoc outbox drop {id}")
            return Words(message, **facts)
        if letter["resent"]:
            return Words(_("may or may not have arrived ({reason}); if it has not: dondoc outbox resend {id}"), **facts)
        message = _("may or may not have arrived ({reason}); sent once more, as the same message, at {moment}")
        return Words(message, **facts, moment=_moment(letter))
    if state is LetterState.FAILED:
        return _explain_failed(letter, error, facts)
    if state is LetterState.HELD:
        message = _("kept back by test mode; once mail.only_to has the address or is empty: dondoc outbox resend {id}")
        return Words(message, **facts)
    if state is LetterState.SENT and error == CLOCK_AHEAD:
        return Words(_("sent too early: it was written by a clock that was ahead, and does not count"))
    if state is LetterState.EMPTY:
        return Words(_("not sent: {reason}"), reason=facts["reason"] or _("nothing in it was still true"))
    return Words("")


def reason_words(letter: Mapping[str, Any]) -> tuple[Words, Words]:
    """Return why a letter needs a person's attention, and the remedy in words for a page with buttons."""
    state, error = LetterState(letter["state"]), letter["error"]
    reason = _REASONS.get(error, error)
    if state is LetterState.HELD:
        return _("kept back by test mode"), _("once test mode is over, or names the address, send it again")
    if state is LetterState.UNCERTAIN and error in KEPT_WORDS:
        why = Words(_("may or may not have arrived; not sent again: {reason}"), reason=reason)
        return why, _("fix that and send it again, or set it aside: what is still true is in a newer letter")
    if state is LetterState.UNCERTAIN:
        why = Words(_("may or may not have arrived ({reason})"), reason=reason)
        return why, _("ask the reader whether it came; if not, send it again: as the same message")
    if error.startswith(UNWRITABLE):
        why = Words(_("cannot be written: {reason}"), reason=error.removeprefix(UNWRITABLE))
        return why, _("fix that, then send it again")
    if error.startswith(CAME_BACK):
        why = Words(_("came back from the mail server ({reason})"), reason=error.removeprefix(CAME_BACK))
        return why, Words(_("{advice}, then send it again"), advice=_advice(letter))
    if error == MAY_HAVE_LEFT:
        return Words(reason), _("ask whether it has arrived; if it has not, send it again")
    if letter["last_outcome"] == SendOutcome.TEMPORARY:
        why = _n(
            "given up after {count} attempt ({reason})",
            "given up after {count} attempts ({reason})",
            count=letter["attempts"],
            reason=reason,
        )
        return why, _("once the mail server takes it, send it again")
    why = Words(_("refused for good ({reason})"), reason=reason)
    return why, Words(_("{advice}, then send it again"), advice=_advice(letter))


def _advice(letter: Mapping[str, Any]) -> Words:
    return ADVICE[refusal_reason(letter["error"], letter.get("last_code"))]


def outcome_words(letter: Mapping[str, Any]) -> str | Words:
    """The words name the server's code; they are empty where there was no attempt."""
    outcome, code = letter["last_outcome"], letter["last_code"]
    if outcome is None:
        return ""
    words = SendOutcome(outcome).label
    return Words("{outcome} {code}", outcome=words, code=code) if code else words


def _explain_failed(letter: Mapping[str, Any], error: str, facts: Mapping[str, Any]) -> Words:
    if error.startswith(UNWRITABLE):
        message = _("cannot be written: {reason}; mend that, then dondoc outbox resend {id}")
        return Words(message, reason=error.removeprefix(UNWRITABLE), id=facts["id"])
    if error.startswith(CAME_BACK):
        message = _("came back ({reason}); {advice}, then dondoc outbox resend {id}")
        return Words(message, reason=error.removeprefix(CAME_BACK), id=facts["id"], advice=_advice(letter))
    if error == MAY_HAVE_LEFT:
        return Words(_("{reason}; if it has not arrived: dondoc outbox resend {id}"), **facts)
    if letter["last_outcome"] == SendOutcome.TEMPORARY:
        message = _n(
            "given up after {count} attempt ({reason}); once the server takes it: dondoc outbox resend {id}",
            "given up after {count} attempts ({reason}); once the server takes it: dondoc outbox resend {id}",
        )
        return Words(message, **facts)
    message = _("refused for good ({reason}); {advice}, then dondoc outbox resend {id}")
    return Words(message, **facts, advice=_advice(letter))


def _moment(letter: Mapping[str, Any]) -> str:
    moment = local(letter["next_attempt_at"])
    return f"{write_date(moment.date())} {moment:%H:%M}"
