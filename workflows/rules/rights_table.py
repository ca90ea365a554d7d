"""The rights of each standing. `lifecycle.py` says what a person may do with a single task.

`workflows.access.rights` enforces this table for pages and the API. docs/rights.md prints it.
"""

from collections.abc import Collection
from enum import StrEnum

from models.i18n import _
from workflows.rules.tasks.actions import Relation


class OfficeRole(StrEnum):
    """The standings of people in the office. A person may have several of them."""

    HEAD = "head"  # the head, deputy in charge or focal point of a unit, or a stand-in of one of these
    OFFICER = "officer"  # everybody in the register; an officer has the tasks that the head assigned to them
    SUPERVISOR = "supervisor"  # speaks for a unit that supervises others
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    OBSERVER = "observer"


class Right(StrEnum):
    """The rights, except those to act on a task."""

    SEE_WORK = "see-work"  # one's own list
    SEE_BOARD = "see-board"  # the duties of a directive by unit, for the units that one may see
    SEE_PICTURES = "see-pictures"
    SEE_REPORT = "see-report"  # the official report and the giao ban list
    WRITE_PAPERS = "write-papers"  # reports of one's unit, and official reminders
    SEE_SCORECARDS = "see-scorecards"  # heads see only their own units
    SEE_WARNINGS = "see-warnings"  # which open tasks are likely to be late
    SCHEDULE_REPORTS = "schedule-reports"
    SEE_EVERYTHING = "see-everything"  # the tasks of all units
    SEE_INBOX = "see-inbox"  # pending decisions
    LAUNCH = "launch"  # and type a task by hand
    BULK = "bulk"  # remind, extend, withdraw, reassign many at once
    DECLARE_INCIDENT = "declare-incident"
    INSPECT = "inspect"  # plan an inspection; `inspection_policy.py` has the rights within one
    SEE_INSPECTIONS = "see-inspections"  # those that concern the person; a unit sees its own findings
    SEE_LETTERS = "see-letters"  # the letters as they were sent, and their recipients
    RESEND_LETTERS = "resend-letters"
    RECORD_RECEIPTS = "record-receipts"
    RECORD_ABSENCE = "record-absence"  # one's own
    ASK_API = "ask-api"  # personal access tokens, a calendar feed
    EDIT_TEMPLATES = "edit-templates"
    EDIT_REGISTER = "edit-register"
    EDIT_CALENDAR = "edit-calendar"
    EDIT_LETTER_TEXTS = "edit-letter-texts"
    EDIT_MAIL = "edit-mail"
    RUN_JOBS = "run-jobs"
    EDIT_WEBHOOKS = "edit-webhooks"
    EDIT_CHANNELS = "edit-channels"  # gateways and browser notifications, beside mail
    TRUST_ROOTS = "trust-roots"  # root certificates of digital signatures
    SEE_AUDIT = "see-audit"


S = OfficeRole
_EVERYBODY = frozenset(S)
_ADMINISTRATOR = frozenset({S.ADMINISTRATOR})
_OVERSEERS = frozenset({S.COORDINATOR, S.SUPERVISOR, S.OBSERVER, S.ADMINISTRATOR})

RIGHTS: dict[Right, frozenset[OfficeRole]] = {
    Right.SEE_WORK: _EVERYBODY,
    Right.SEE_BOARD: _OVERSEERS,
    Right.SEE_PICTURES: _OVERSEERS,
    Right.SEE_REPORT: _OVERSEERS,
    Right.WRITE_PAPERS: frozenset({S.COORDINATOR, S.SUPERVISOR, S.HEAD}),
    Right.SEE_SCORECARDS: _OVERSEERS | {S.HEAD},
    Right.SEE_WARNINGS: _OVERSEERS,
    Right.SCHEDULE_REPORTS: frozenset({S.COORDINATOR, S.ADMINISTRATOR}),
    Right.SEE_EVERYTHING: frozenset({S.OBSERVER, S.ADMINISTRATOR}),
    Right.SEE_INBOX: frozenset({S.COORDINATOR, S.SUPERVISOR, S.HEAD}),  # a head decides on what was handed down
    Right.LAUNCH: frozenset({S.COORDINATOR}),
    Right.BULK: frozenset({S.COORDINATOR}),
    Right.DECLARE_INCIDENT: frozenset({S.COORDINATOR}),
    Right.INSPECT: frozenset({S.COORDINATOR}),
    Right.SEE_INSPECTIONS: _EVERYBODY,
    Right.SEE_LETTERS: frozenset({S.COORDINATOR, S.ADMINISTRATOR}),
    Right.RESEND_LETTERS: frozenset({S.COORDINATOR, S.ADMINISTRATOR}),
    Right.RECORD_RECEIPTS: frozenset({S.CLERK}),
    Right.RECORD_ABSENCE: _EVERYBODY,
    Right.ASK_API: _EVERYBODY,
    Right.EDIT_TEMPLATES: _ADMINISTRATOR,
    Right.EDIT_REGISTER: _ADMINISTRATOR,
    Right.EDIT_CALENDAR: _ADMINISTRATOR,
    Right.EDIT_LETTER_TEXTS: _ADMINISTRATOR,
    Right.EDIT_MAIL: _ADMINISTRATOR,
    Right.RUN_JOBS: _ADMINISTRATOR,
    Right.EDIT_WEBHOOKS: _ADMINISTRATOR,
    Right.EDIT_CHANNELS: _ADMINISTRATOR,
    Right.TRUST_ROOTS: _ADMINISTRATOR,
    Right.SEE_AUDIT: _ADMINISTRATOR,
}


class View(StrEnum):
    WHOLE = "whole"
    PARTNER = "partner"  # a coordinating unit: what is to be done and until when, not how the lead stands
    NOTHING = "nothing"


VIEWS: dict[Relation, View] = {
    relation: View.PARTNER if relation is Relation.PARTNER else View.WHOLE
    for relation in Relation
    if relation is not Relation.SYSTEM
}


def has(standings: Collection[OfficeRole], right: Right) -> bool:
    return not RIGHTS[right].isdisjoint(standings)


def view(standings: Collection[OfficeRole], relations: Collection[Relation], *, is_above: bool = False) -> View:
    """Return how much of a task somebody sees. `is_above`: they assigned it, or serve the unit above the lead."""
    if is_above or has(standings, Right.SEE_EVERYTHING):
        return View.WHOLE
    views = {VIEWS[relation] for relation in relations if relation in VIEWS}
    if View.WHOLE in views:
        return View.WHOLE
    return View.PARTNER if views else View.NOTHING


STANDING_WORDS = {
    S.HEAD: _("head of a unit"),
    S.OFFICER: _("officer"),
    S.SUPERVISOR: _("supervising unit"),
    S.COORDINATOR: _("coordinator"),
    S.CLERK: _("records clerk"),
    S.ADMINISTRATOR: _("administrator"),
    S.OBSERVER: _("observer"),
}

RIGHT_WORDS = {
    Right.SEE_WORK: _("see one's own work"),
    Right.SEE_BOARD: _("see the board of a directive"),
    Right.SEE_PICTURES: _("see the charts"),
    Right.SEE_REPORT: _("see the report and the briefing list"),
    Right.WRITE_PAPERS: _("write and issue reports of one's unit, draft letters"),
    Right.SEE_SCORECARDS: _("see scorecards of units"),
    Right.SEE_WARNINGS: _("see which tasks are likely to be late"),
    Right.SCHEDULE_REPORTS: _("set which reports are compiled by the calendar"),
    Right.SEE_EVERYTHING: _("see the tasks of all units"),
    Right.SEE_INBOX: _("see pending decisions"),
    Right.LAUNCH: _("launch a directive"),
    Right.BULK: _("act on many tasks at once"),
    Right.DECLARE_INCIDENT: _("declare an incident or a drill"),
    Right.INSPECT: _("plan an inspection"),
    Right.SEE_INSPECTIONS: _("see inspections that concern oneself"),
    Right.SEE_LETTERS: _("see the letters sent"),
    Right.RESEND_LETTERS: _("send a letter again"),
    Right.RECORD_RECEIPTS: _("record that a report arrived"),
    Right.RECORD_ABSENCE: _("record one's own absence"),
    Right.ASK_API: _("use the API"),
    Right.EDIT_TEMPLATES: _("edit workflow templates"),
    Right.EDIT_REGISTER: _("edit units and people"),
    Right.EDIT_CALENDAR: _("edit the working calendar"),
    Right.EDIT_LETTER_TEXTS: _("edit the texts of letters"),
    Right.EDIT_MAIL: _("see and test the mail settings"),
    Right.RUN_JOBS: _("run and pause the clock's jobs"),
    Right.EDIT_WEBHOOKS: _("edit webhooks"),
    Right.EDIT_CHANNELS: _("edit the channels beside mail"),
    Right.TRUST_ROOTS: _("install root certificates of digital signatures"),
    Right.SEE_AUDIT: _("see the audit"),
}
