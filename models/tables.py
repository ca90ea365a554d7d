"""Every table, for what goes over all of them: `models.database.all_tables` loads this."""

from models.channels import channel
from models.database import run
from models.directives import directive, launch, template
from models.exchange import edxml
from models.inspections import inspection
from models.intake import intake, intake_table
from models.letters import bounce, letter, letter_preference
from models.operations import alert, background_job, system_job
from models.organization import access, account, audit, calendar, person, saved_view, unit
from models.papers import issued_report, report_schedule
from models.replies import reply
from models.signatures import trust
from models.tasks import conversation, history, task, task_check
