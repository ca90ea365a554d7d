"""The deeds of the audit in words (message ids), by the names under which they are written."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.i18n import Words, _

DEED_WORDS = {
    "signed_in": _("signed in"),
    "signed_out": _("signed out"),
    "sign_in_failed": _("failed to sign in"),
    "codes_guessed": _("guessed codes"),
    "sessions_ended": _("ended sessions"),
    "password_set": _("set a password"),
    "invited": _("invited somebody"),
    "totp_on": _("turned the second step on"),
    "totp_off": _("turned the second step off"),
    "oidc_linked": _("linked a sign-in service"),
    "oidc_unlinked": _("unlinked a sign-in service"),
    "links_voided": _("voided links in letters"),
    "token_made": _("made an access token"),
    "token_ended": _("ended an access token"),
    "calendar_opened": _("opened a calendar feed"),
    "calendar_closed": _("closed a calendar feed"),
    "unit_added": _("added a unit"),
    "unit_changed": _("changed a unit"),
    "person_added": _("added a person"),
    "person_changed": _("changed a person"),
    "person_retired": _("retired a person"),
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
    "job_asked_for": _("had a job run"),
    "letters_sent_again": _("sent letters again"),
    "letters_put_aside": _("put letters aside"),
    "letter_text_changed": _("changed a letter's text"),
    "letter_text_restored": _("restored a letter's text"),
    "template_drafted": _("drafted a template"),
    "template_published": _("published a template"),
    "template_retired": _("retired a template"),
    "webhook_made": _("made a webhook"),
    "webhook_switched_on": _("switched a webhook on"),
    "webhook_switched_off": _("switched a webhook off"),
    "webhook_called_again": _("repeated a webhook's call"),
    "directive_imported": _("imported a directive"),
    "installation_set_up": _("set the installation up"),
}


_LISTS = {"letters", "fields"}
"""Facts that are lists; elsewhere a list of two is a value before and after."""


def deed_words(action: str) -> Words:
    """A deed in words; one that has none (of an older version) as it is written."""
    return DEED_WORDS.get(action, Words("{action}", action=action))


def fact_lines(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts of a line as names and values; a pair of before and after with an arrow between."""
    for name, value in facts.items():
        if isinstance(value, list) and len(value) == 2 and name not in _LISTS:
            yield name, f"{_plain(value[0])} → {_plain(value[1])}"
        else:
            yield name, _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value in (None, "") else str(value)
