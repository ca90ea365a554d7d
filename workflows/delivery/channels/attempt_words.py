"""What people read of a message and its attempts: whole sentences for what happens most."""

import re

from models.i18n import Words, _
from models.letters.channel import SWITCHED_OFF, ChannelAttempt
from notifications.outbox.explain import KEPT_WORDS, MAY_HAVE_LEFT, RETIRED, ended_because
from notifications.smtp.transport import Outcome

DIED, LATE = "the sender died before the answer", "too late"
NO_NUMBER, WITHDRAWN, SIGNED_OUT = "no telephone number", "no longer asked for", "signed out"
MESSAGE_REASONS = {
    DIED: _("the sending program ended before the answer came"),
    LATE: _("it waited for too long"),
    NO_NUMBER: _("the register holds no telephone number that can be dialled"),
    WITHDRAWN: _("the recipient no longer asks for it"),
    RETIRED: KEPT_WORDS[RETIRED],
    SIGNED_OUT: _("the recipient signed out of that browser"),
    SWITCHED_OFF: _("the channel was switched off"),
    MAY_HAVE_LEFT: ended_because(MAY_HAVE_LEFT),
}
"""Why a message is not sent, or not sent again, by what is stored of it."""
_UNKNOWN = re.compile(r"host (\S+): cannot be found")


def attempt_words(attempt: ChannelAttempt) -> Words:
    """Return how an attempt that has ended went."""
    if found := _UNKNOWN.fullmatch(attempt.reply):
        return Words(_("The address {host} does not exist or cannot be found now. Nothing was sent."), host=found[1])
    outcome = Outcome(attempt.outcome or "")
    if outcome is not Outcome.TEMPORARY:
        return outcome.label
    if attempt.status is None:
        return _("The server cannot be reached. Nothing was sent.")
    return _("The server did not take the message this time.")


def is_explained(attempt: ChannelAttempt) -> bool:
    """Return whether the words say all that the stored answer does, which then needs no place."""
    return _UNKNOWN.fullmatch(attempt.reply) is not None
