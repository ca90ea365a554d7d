"""Inspections on the web: the list, planning, one inspection, what was found at a unit, demanding a correction."""

from fastapi import APIRouter

from web.inspections import findings, following, planning

router = APIRouter()
for _module in (planning, following, findings):  # /inspections/plan before /inspections/{inspection_id}
    router.include_router(_module.router)
