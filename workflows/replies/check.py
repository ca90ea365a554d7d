from models.i18n import Words, _
from notifications.replies.imap import ImapTrouble, probe
from workflows.operations.doctor.finding import Check, CheckedInstallation, Finding, broken, ok

_SECONDS = 4.0


def mailboxes(case: CheckedInstallation) -> Finding:
    """Log in to the mailboxes of bounces and replies, and count their messages."""
    settings = case.settings
    boxes = {box.key: box for box in (settings.bounces, settings.replies.mailbox) if box is not None}
    if not boxes and settings.mail.reply_address is not None:
        return ok(_("replies are read from the folder {folder}"), folder=settings.replies_folder)
    if not boxes:
        return ok(_("none is read; letters cannot be answered by mail"))
    counts: list[Words] = []
    for box in boxes.values():
        try:
            count = probe(box, case.trust, seconds=_SECONDS / len(boxes))
        except ImapTrouble as trouble:
            return broken(
                _("the mailbox cannot be read: {reason}", reason=str(trouble)),
                _("check [bounces] and [replies] in dondoc.toml; what has come in stays there and is read later"),
            )
        counts.append(_("{user} at {host}: {count}", user=box.user, host=box.host, count=count))
    return ok(_("messages in the mailboxes: {held}"), held=counts)


CHECK = Check("mailboxes", mailboxes, _("mailboxes that are read"), with_session=False, asks_others=True)
