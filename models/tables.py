"""Every table, for what goes over all of them: `models.database.all_tables` loads this."""

from models.database import run
from models.directives import directive, edxml, inspection, intake, intake_table, launch, template
from models.letters import bounce, channel, letter, letter_preference, reply
from models.operations import alert, background_job, system_job
from models.organization import access, account, audit, calendar, person, saved_view, trust, unit
from models.reports import issued_report, report_schedule
from models.tasks import conversation, history, task, task_check
