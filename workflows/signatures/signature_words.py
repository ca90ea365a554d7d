"""Put the facts of a signature in words: who signed, when, and what is doubtful about it."""

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
    """One signature in words: its outcome, the signer, the time, and remarks about what to know or do."""

    outcome: Outcome
    title: Message
    who: Message
    when: Message | None
    remarks: tuple[Message, ...]

    @property
    def is_good(self) -> bool:
        return self.outcome is Outcome.VALID


def say_signatures(signatures: Sequence[Signature], now: datetime, write: WrittenWords) -> list[SaidSignature]:
    return [_say(signature, signatures, now, write) for signature in signatures]


def _say(signature: Signature, signatures: Sequence[Signature], now: datetime, write: WrittenWords) -> SaidSignature:
    result = outcome(signature, now)
    title = result.label
    if signature.is_stamp and result is Outcome.VALID:
        title = _("valid timestamp of the whole file")
    remarks = (*_explain_outcome(signature, result, signatures, write), *_remark_on_time(signature, result, now, write))
    return SaidSignature(result, title, _signer_words(signature), _time_words(signature, write), remarks)


def _signer_words(signature: Signature) -> Message:
    if not signature.name:
        return _("signer unknown")
    if signature.organisation and signature.organisation != signature.name:
        return Message("{name}, {organisation}", name=signature.name, organisation=signature.organisation)
    return Message("{name}", name=signature.name)


def _time_words(signature: Signature, write: WrittenWords) -> Message | None:
    stamped_at, authority = signature.stamped_at, signature.stamped_by
    signed_at = signature.signed_at or stamped_at
    if signed_at is None:
        return None
    facts = {"time": write.time(signed_at), "day": write.day(signed_at)}
    if stamped_at is None:
        return Message(_("{time}, {day}, by the clock of the signer's machine"), **facts)
    if abs(stamped_at - signed_at) <= _AHEAD:
        return Message(_("{time}, {day}, as a timestamp of {authority} confirms"), authority=authority, **facts)
    return Message(
        _(
            "{time}, {day}, by the clock of the signer's machine; "
            "a timestamp of {authority} proves: before {until}, {last}"
        ),
        until=write.time(stamped_at),
        last=write.day(stamped_at),
        authority=authority,
        **facts,
    )


def _explain_outcome(
    signature: Signature, result: Outcome, signatures: Sequence[Signature], write: WrittenWords
) -> Iterator[Message]:
    if signature.reason:
        yield Message(_("Purpose given: {reason}."), reason=signature.reason)
    if result is Outcome.CHANGED:
        later = covering(signatures, signature)
        if later:
            yield Message(
                _("The content was changed after this signature; the later signature of {name} covers the change."),
                name=later.name,
            )
        else:
            yield _("The content is no longer what was signed: ask for the signed original.")
    elif result is Outcome.BROKEN:
        yield _("The signature does not fit the content: the file was altered or damaged. Ask for the signed original.")
    elif result is Outcome.UNKNOWN_ROOT:
        yield Message(
            _("No installed root certificate vouches for “{issuer}”. The administrator can install it."),
            issuer=signature.issuer or "–",
        )
    elif result is Outcome.NOT_VALID_THEN and signature.valid_from and signature.valid_until:
        yield Message(
            _("The certificate is valid from {first} to {last}."),
            first=write.day(signature.valid_from),
            last=write.day(signature.valid_until),
        )
    elif result is Outcome.EXPIRED and signature.valid_until:
        yield Message(
            _("The certificate expired on {day}, and no trusted timestamp proves that it was signed before."),
            day=write.day(signature.valid_until),
        )
    elif result is Outcome.REVOKED and signature.revoked_at:
        yield Message(_("The certificate was revoked on {day}."), day=write.day(signature.revoked_at))
    elif result in _HELP:
        yield _HELP[result]


_HELP = {
    Outcome.ALGORITHM: _("Ask for the document signed with an up-to-date program."),
    Outcome.USAGE: _("The certificate was issued for another purpose."),
    Outcome.CHAIN: _(
        "No installed root stands behind it, though one has the same name, or a certificate between is not in order."
    ),
    Outcome.UNREADABLE: _("It is damaged or incomplete. Ask for the signed original."),
}


def _remark_on_time(signature: Signature, result: Outcome, now: datetime, write: WrittenWords) -> Iterator[Message]:
    """Yield remarks about later changes, an expired certificate and a time in the future."""
    if result is Outcome.VALID and signature.change in _CHANGES:
        yield _CHANGES[signature.change]
    expires_at = signature.valid_until
    if result is Outcome.VALID and expires_at and expires_at < now and not signature.is_stamp:
        yield Message(
            _("The certificate expired on {day}; a trusted timestamp proves that it was signed before."),
            day=write.day(expires_at),
        )
    if signature.signed_at and not signature.stamped_at and signature.signed_at > now + _AHEAD:
        yield _("This time lies ahead: the clock of the signer's machine was wrong.")
