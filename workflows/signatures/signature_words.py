"""Say in words what was found of a signature: who, when, and what is doubtful about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.i18n import Words as Message
from models.i18n import _
from models.signatures.signature_facts import Change, Outcome, Signature, covering, outcome
from notifications.composing.wording import WrittenWords

_AHEAD = timedelta(minutes=10)
_CHANGES = {
    Change.SIGNED: _("Signed again later; what the file says was not changed."),
    Change.FORM: _("Fields of a form were filled in later."),
    Change.NOTES: _("Comments were added later."),
}


@dataclass(frozen=True)
class SaidSignature:
    """One signature in message ids: what it is worth, who signed and when, and sentences of what to know or do."""

    outcome: Outcome
    title: Message
    who: Message
    when: Message | None
    remarks: tuple[Message, ...]

    @property
    def is_good(self) -> bool:
        return self.outcome is Outcome.VALID


def say_signatures(signatures: Sequence[Signature], now: datetime, write: WrittenWords) -> list[SaidSignature]:
    return [_say(one, signatures, now, write) for one in signatures]


def _say(one: Signature, signatures: Sequence[Signature], now: datetime, write: WrittenWords) -> SaidSignature:
    found = outcome(one, now)
    title = _("valid timestamp of the whole file") if one.is_stamp and found is Outcome.VALID else found.label
    remarks = (*_remarks(one, found, signatures, write), *_later(one, found, now, write))
    return SaidSignature(found, title, _who(one), _when(one, write), remarks)


def _who(one: Signature) -> Message:
    if not one.name:
        return _("signer unknown")
    if one.organisation and one.organisation != one.name:
        return Message("{name}, {organisation}", name=one.name, organisation=one.organisation)
    return Message("{name}", name=one.name)


def _when(one: Signature, write: WrittenWords) -> Message | None:
    at, stamped_at = one.signed_at or one.stamped_at, one.stamped_at
    if at is None:
        return None
    facts = {"time": write.time(at), "day": write.day(at)}
    if stamped_at is None:
        return Message(_("{time}, {day}, by the clock of the signer's machine"), **facts)
    if abs(stamped_at - at) <= _AHEAD:
        return Message(_("{time}, {day}, as a timestamp of {authority} confirms"), authority=one.stamped_by, **facts)
    proved = {"until": write.time(stamped_at), "last": write.day(stamped_at), "authority": one.stamped_by}
    return Message(
        _(
            "{time}, {day}, by the clock of the signer's machine; "
            "a timestamp of {authority} proves: before {until}, {last}"
        ),
        **facts,
        **proved,
    )


def _remarks(one: Signature, found: Outcome, signatures: Sequence[Signature], write: WrittenWords) -> Iterator[Message]:
    if one.reason:
        yield Message(_("Purpose given: {reason}."), reason=one.reason)
    if found is Outcome.CHANGED:
        later = covering(signatures, one)
        if later:
            yield Message(
                _("The content was changed after this signature; the later signature of {name} covers the change."),
                name=later.name,
            )
        else:
            yield _("The content is no longer what was signed: ask for the signed original.")
    elif found is Outcome.BROKEN:
        yield _("The signature does not fit the content: the file was altered or damaged. Ask for the signed original.")
    elif found is Outcome.UNKNOWN_ROOT:
        yield Message(
            _("No installed root certificate vouches for “{issuer}”. The administrator can install it."),
            issuer=one.issuer or "–",
        )
    elif found is Outcome.NOT_VALID_THEN and one.valid_from and one.valid_until:
        yield Message(
            _("The certificate is valid from {first} to {last}."),
            first=write.day(one.valid_from),
            last=write.day(one.valid_until),
        )
    elif found is Outcome.EXPIRED and one.valid_until:
        yield Message(
            _("The certificate expired on {day}, and no trusted timestamp proves that it was signed before."),
            day=write.day(one.valid_until),
        )
    elif found is Outcome.REVOKED and one.revoked_at:
        yield Message(_("The certificate was revoked on {day}."), day=write.day(one.revoked_at))
    elif found in _HELP:
        yield _HELP[found]


_HELP = {
    Outcome.ALGORITHM: _("Ask for the document signed with an up-to-date program."),
    Outcome.USAGE: _("The certificate was issued for another purpose."),
    Outcome.CHAIN: _(
        "No installed root stands behind it, though one has the same name, or a certificate between is not in order."
    ),
    Outcome.UNREADABLE: _("It is damaged or incomplete. Ask for the signed original."),
}


def _later(one: Signature, found: Outcome, now: datetime, write: WrittenWords) -> Iterator[Message]:
    """Yield what came after it, and what is odd about its time."""
    if found is Outcome.VALID and one.change in _CHANGES:
        yield _CHANGES[one.change]
    if found is Outcome.VALID and one.valid_until and one.valid_until < now and not one.is_stamp:
        yield Message(
            _("The certificate expired on {day}; a trusted timestamp proves that it was signed before."),
            day=write.day(one.valid_until),
        )
    if one.signed_at and not one.stamped_at and one.signed_at > now + _AHEAD:
        yield _("This time lies ahead: the clock of the signer's machine was wrong.")
