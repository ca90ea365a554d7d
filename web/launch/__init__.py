"""The launch wizard and what it leads to: its steps, the preview by day, tasks typed by hand."""

from fastapi import APIRouter

from web.launch import previews, steps

router = APIRouter()
for _module in (steps, previews):
    router.include_router(_module.router)
