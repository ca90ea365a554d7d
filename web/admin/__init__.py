"""The administration: a page module for each thing that administrators look after, all in one frame."""

from fastapi import APIRouter

from web.admin import alert_pages, audit_pages, calendar_pages, job_pages, overview
from web.admin.letters import letter_list_pages, letter_text_pages, mail_pages
from web.admin.people import office_pages, people_pages, person_actions, retiring, spreadsheets, unit_pages
from web.admin.templates import template_pages, template_versions
from web.channels import channel_pages, webhook_pages
from web.replies import reply_list_pages
from web.signatures import root_pages

_MODULES = (
    overview,
    unit_pages,
    office_pages,
    people_pages,
    person_actions,
    retiring,
    spreadsheets,
    template_versions,
    template_pages,
    letter_text_pages,
    calendar_pages,
    job_pages,
    letter_list_pages,
    alert_pages,
    mail_pages,
    reply_list_pages,
    audit_pages,
    channel_pages,
    webhook_pages,
    root_pages,
)
router = APIRouter()
for _module in _MODULES:
    router.include_router(_module.router)
