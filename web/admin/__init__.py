"""The administration: a page module for each thing that administrators look after, all in one frame."""

from fastapi import APIRouter

from web.admin import (
    alerts,
    audit,
    calendar,
    check_up,
    jobs,
    letter_texts,
    letters,
    mail,
    offices,
    overview,
    people,
    person_deeds,
    retiring,
    spreadsheets,
    template_letters,
    template_versions,
    templates,
    units,
    webhooks,
)

_MODULES = (
    overview,
    units,
    offices,
    people,
    person_deeds,
    retiring,
    spreadsheets,
    template_letters,
    template_versions,
    templates,
    letter_texts,
    calendar,
    jobs,
    letters,
    alerts,
    mail,
    audit,
    check_up,
    webhooks,
)
router = APIRouter()
for _module in _MODULES:
    router.include_router(_module.router)
