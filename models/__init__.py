"""Store things: tables by subject, settings, errors, and the words of screens.

`database/` holds the session and the migrations' tools; `i18n.py`, `errors.py`, `settings.py` and `words.py` serve all.
"""

from models.database import run
from models.directives import directive, edxml, inspection, intake, intake_table, launch, template
from models.letters import bounce, channel, letter, letter_preference, reply
from models.operations import alert, background_job, system_job
from models.organization import access, account, audit, calendar, person, saved_view, trust, unit
from models.reports import issued_report, report_schedule
from models.tasks import conversation, history, task, task_check
