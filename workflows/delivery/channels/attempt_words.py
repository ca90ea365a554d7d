"""What people read of an attempt to send a message: whole sentences for what happens most."""

import re

from models.i18n import Words, _
from models.letters.channel import ChannelAttempt
from notifications.smtp.transport import Outcome

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
