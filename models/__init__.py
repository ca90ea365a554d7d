"""Store things: tables by subject, settings, errors, and the words of screens.

`database/` holds the session and the migrations' tools; `i18n.py`, `errors.py`, `settings.py` and `words.py` serve all.
"""

from models.database import run
from models.directives import directive, edxml, inspection, intake, intake_table, launch, template
from models.letters import bounce, channel, letter, letter_link, letter_preference, letter_text, notice_read, reply
from models.operations import alert, background_job, system_job
from models.organization import access, account, audit, calendar, person, saved_view, trust, unit
from models.reports import issued_report, report_schedule
from models.tasks import conversation, history, task, task_check

__all__ = [
    "access",
    "account",
    "alert",
    "audit",
    "background_job",
    "bounce",
    "calendar",
    "channel",
    "conversation",
    "directive",
    "edxml",
    "history",
    "inspection",
    "intake",
    "intake_table",
    "issued_report",
    "launch",
    "letter",
    "letter_link",
    "letter_preference",
    "letter_text",
    "notice_read",
    "person",
    "reply",
    "report_schedule",
    "run",
    "saved_view",
    "system_job",
    "task",
    "task_check",
    "template",
    "trust",
    "unit",
]
