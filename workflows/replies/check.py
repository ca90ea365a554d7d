"""The doctor's check of the mailboxes that are read."""

from models.i18n import Words, _
from notifications.replies.imap import ImapTrouble, probe
from workflows.operations.doctor.finding import Check, CheckedInstallation, Finding, broken, ok

_SECONDS = 4.0


def mailboxes(case: CheckedInstallation) -> Finding:
    """Log in to the mailboxes that letters come back to and are answered to, and look how much they hold."""
    settings = case.settings
    boxes = {one.key: one for one in (settings.bounces, settings.replies.mailbox) if one is not None}
    if not boxes and settings.mail.reply_address is not None:
        return ok(_("replies are read from the folder {folder}"), folder=settings.replies_folder)
    if not boxes:
        return ok(_("none is read; letters cannot be answered by mail"))
    held: list[Words] = []
    for box in boxes.values():
        try:
            count = probe(box, case.trust, seconds=_SECONDS / len(boxes))
        except ImapTrouble as trouble:
            return broken(
                _("the mailbox cannot be read: {reason}", reason=str(trouble)),
                _("check [bounces] and [replies] in dondoc.toml; what has come in stays there and is read later"),
            )
        held.append(_("{user} at {host}: {count}", user=box.user, host=box.host, count=count))
    return ok(_("messages in the mailboxes: {held}"), held=held)


CHECK = Check("mailboxes", mailboxes, _("mailboxes that are read"), with_session=False, asks_others=True)
