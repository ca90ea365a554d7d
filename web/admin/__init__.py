"""The administration: one module of pages for each thing that administrators look after, all in one frame."""

from fastapi import APIRouter

from models.rooms import Place
from web.admin import alert_pages, audit_pages, calendar_pages, job_pages, overview, retire_pages
from web.admin.letters import letter_list_pages, letter_text_pages, mail_pages
from web.admin.people import office_pages, people_pages, person_actions, spreadsheets, unit_pages
from web.admin.templates import template_pages, template_versions

_MODULES = (
    overview,
    unit_pages,
    office_pages,
    people_pages,
    person_actions,
    retire_pages,
    spreadsheets,
    template_versions,
    template_pages,
    letter_text_pages,
    calendar_pages,
    job_pages,
    letter_list_pages,
    alert_pages,
    mail_pages,
    audit_pages,
)
PAGES: Place[APIRouter] = Place("web.admin")
router = APIRouter()
for _router in (*(_module.router for _module in _MODULES), *PAGES.added()):
    router.include_router(_router)
