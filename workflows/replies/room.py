"""What comes back by mail: letters that did not arrive, and answers to letters."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="replies",
    title=_("replies by mail"),
    needs=("imap_tools", "dkim", "authres", "dns", "lxml", "tnefparse"),
    addresses=("/r/", "/admin/replies"),
    adds={
        "web.pages": ("web.replies.reply_pages:router",),
        "web.admin": ("web.replies.reply_list_pages:router",),
        "task.replies": ("workflows.replies.replies_view:own_replies",),
        "tick.incoming": ("workflows.replies.read_mail:incoming",),
        "letter.answers": ("workflows.replies.reply_answers:read_answers",),
        "doctor.mailboxes": ("workflows.replies.check:CHECK",),
    },
)
