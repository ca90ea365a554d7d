"""What is counted when a person is erased, in words (message ids)."""

from models.i18n import _

KIND_WORDS = {
    "words": _("words they wrote"),
    "letters": _("letters to them: address and replies"),
    "bodies": _("letters to them: bytes"),
    "account": _("account"),
    "sessions": _("sessions"),
    "tokens": _("access tokens"),
    "calendar_feed": _("calendar feed"),
    "mailed_codes": _("mailed codes"),
    "kept_answers": _("answers kept for programs"),
    "failures": _("counts of failed sign-ins"),
    "errands": _("records of long work"),
    "alerts": _("alerts that named them"),
}
