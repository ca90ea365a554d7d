"""The actions in the audit log in words (message ids), by the names under which they are stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.i18n import Words, _
from workflows.organization.register.spreadsheet.register_columns import COLUMN_WORDS

KIND_WORDS = {
    "words": _("words they wrote"),
    "letters": _("letters to them: address and replies"),
    "bodies": _("letters to them: bytes"),
    "account": _("account"),
    "sessions": _("sessions"),
    "tokens": _("access tokens"),
    "calendar_feed": _("calendar feed"),
    "saved_views": _("named lists of tasks"),
    "letter_preferences": _("how often they want which letters"),
    "message_files": _("files of messages they wrote"),
    "conversation_marks": _("how far they had read conversations"),
    "mailed_codes": _("mailed codes"),
    "kept_answers": _("answers kept for programs"),
    "messages": _("messages of other channels, and browsers that showed them"),
    "read_marks": _("notes of read notifications"),
    "read_marks_until": _("moments up to which they had read all notifications"),
    "consents": _("channels beside mail that they asked for"),
    "failures": _("counts of failed sign-ins"),
    "errands": _("records of long work"),
    "alerts": _("alerts that named them"),
}
"""The records that are counted when a person is erased."""
DEED_WORDS = {
    "signed_in": _("signed in"),
    "signed_out": _("signed out"),
    "sign_in_failed": _("failed to sign in"),
    "codes_guessed": _("guessed codes"),
    "sessions_ended": _("ended sessions"),
    "tokens_ended": _("ended all access tokens"),
    "password_set": _("set a password"),
    "invited": _("invited somebody"),
    "totp_on": _("turned the second step on"),
    "totp_off": _("turned the second step off"),
    "oidc_linked": _("linked a sign-in service"),
    "oidc_unlinked": _("unlinked a sign-in service"),
    "links_voided": _("voided links in letters"),
    "link_key_renewed": _("changed the installation's key"),
    "seals_key_rotated": _("gave the seals of the history another key"),
    "secrets_rotated": _("sealed all secrets with another key"),
    "secrets_given_up": _("gave up secrets that could not be opened"),
    "token_made": _("made an access token"),
    "token_ended": _("ended an access token"),
    "calendar_opened": _("opened a calendar feed"),
    "calendar_closed": _("closed a calendar feed"),
    "unit_added": _("added a unit"),
    "unit_changed": _("changed a unit"),
    "person_added": _("added a person"),
    "person_changed": _("changed a person"),
    "person_retired": _("retired a person"),
    "person_erased": _("erased a person"),
    "personal_data_exported": _("took out what is kept of a person"),
    "office_handed_over": _("handed an office over"),
    "office_left_vacant": _("left an office vacant"),
    "address_trusted": _("trusted an address again"),
    "absence_recorded": _("recorded an absence"),
    "absence_ended": _("ended an absence"),
    "register_imported": _("imported the register"),
    "calendar_edited": _("changed the working calendar"),
    "mail_changed": _("changed the mail settings"),
    "test_letter_sent": _("sent a test letter"),
    "job_moved": _("changed when a job runs"),
    "job_paused": _("paused a job"),
    "job_resumed": _("resumed a job"),
    "failed_launch_dismissed": _("said that a failed launch is no longer needed"),
    "job_asked_for": _("had a job run"),
    "fence_raised": _("restored a back-up"),
    "backup_made": _("made a back-up"),
    "fence_lifted": _("let letters leave after a restore"),
    "letters_sent_again": _("sent letters again"),
    "letters_put_aside": _("set letters aside"),
    "letter_text_changed": _("changed a letter's text"),
    "letter_text_restored": _("restored a letter's text"),
    "template_drafted": _("drafted a template"),
    "template_published": _("published a template"),
    "template_retired": _("retired a template"),
    "gateway_made": _("made a channel beside mail"),
    "gateway_changed": _("changed a channel beside mail"),
    "gateway_switched_on": _("switched a channel beside mail on"),
    "gateway_switched_off": _("switched a channel beside mail off"),
    "gateway_tested": _("sent a test by a channel beside mail"),
    "web_push_on": _("switched notifications of browsers on"),
    "web_push_off": _("switched notifications of browsers off"),
    "webhook_made": _("made a webhook"),
    "webhook_switched_on": _("switched a webhook on"),
    "webhook_switched_off": _("switched a webhook off"),
    "webhook_called_again": _("repeated a webhook's call"),
    "root_installed": _("installed a root certificate"),
    "root_removed": _("removed a root certificate"),
    "directive_imported": _("imported a directive"),
    "report_issued": _("issued a report"),
    "ranking_approved": _("approved the publishing of a ranking"),
    "ranking_withdrawn": _("withdrew the approval of a ranking"),
    "ranking_kept": _("noted an approved ranking before rankings were removed"),
    "directive_exported": _("took a directive's whole file out"),
    "report_schedule_made": _("scheduled a report"),
    "report_schedule_changed": _("changed a report's schedule"),
    "report_schedule_paused": _("paused a report's schedule"),
    "report_schedule_resumed": _("resumed a report's schedule"),
    "clock_confirmed": _("confirmed that the clock is right"),
    "clock_made_good": _("made good what a clock that was ahead had done"),
    "installation_set_up": _("set the installation up"),
}


_FACT_WORDS = (
    COLUMN_WORDS
    | KIND_WORDS
    | {
        "added": _("added"),
        "after": _("afterwards"),
        "approved_at": _("approved on"),
        "approved_by": _("approved by"),
        "before": _("before"),
        "changed": _("changed"),
        "count": _("how many"),
        "counts": _("erased"),
        "cutoff": _("cut-off"),
        "days": _("days"),
        "directive": _("directive"),
        "duty": _("duty"),
        "duties": _("which duties"),
        "every": _("every"),
        "files": _("files"),
        "fields": _("what was changed"),
        "fingerprint": _("fingerprint"),
        "from": _("from"),
        "in_a_row": _("times in a row"),
        "letters": _("letters"),
        "manifest": _("SHA-256 of the manifest"),
        "migrated": _("open tasks moved along"),
        "moved": _("deadlines moved"),
        "office": _("office"),
        "note": _("note"),
        "on": _("as of"),
        "people": _("people"),
        "period": _("period"),
        "absences": _("absences"),
        "proof": _("by"),
        "published": _("templates published"),
        "reference": _("reference"),
        "refused_at": _("refused by its mail server on"),
        "rows": _("rows"),
        "remembered": _("device remembered"),
        "to": _("to"),
        "totp": _("with the second step"),
        "units": _("units"),
        "url": _("address"),
        "version": _("version"),
        "withdrawn_at": _("withdrawn on"),
    }
)
_LISTS = {"letters", "fields", "duties"}
"""Facts that are lists. In other facts a list of two is a value before and after a change."""
_NOT_SHOWN = {"digest"}
"""Facts that only the download has."""


def deed_words(action: str) -> Words:
    """Return the words of an action. One of an older version, which has none, is returned as it is stored."""
    return DEED_WORDS.get(action, Words("{action}", action=action))


def fact_lines(facts: Mapping[str, Any]) -> Iterator[tuple[Words, Words]]:
    """Yield the name and value of each fact in words. Values before and after a change have an arrow between."""
    for name, value in facts.items():
        if name in _NOT_SHOWN:
            continue
        if name == "fields":
            yield _name_words(name), Words("{all}", all=[_name_words(field) for field in value])
        elif isinstance(value, list) and len(value) == 2 and name not in _LISTS:
            before, after = map(_value_words, value)
            yield _name_words(name), Words("{before} → {after}", before=before, after=after)
        else:
            yield _name_words(name), _value_words(value)


def _name_words(name: str) -> Words:
    return _FACT_WORDS.get(name, Words("{name}", name=name))


def _value_words(value: Any) -> Words:
    if isinstance(value, list):
        return Words("{all}", all=[str(item) for item in value]) if value else Words("–")
    if isinstance(value, dict):
        counts = [Words("{name} {count}", name=_name_words(name), count=count) for name, count in value.items()]
        return Words("{all}", all=counts)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return Words("{value}", value="–" if value in (None, "") else value)
