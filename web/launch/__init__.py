"""The launch wizard and what it leads to: its steps, the preview by day, tasks typed by hand."""

from fastapi import APIRouter

from web.launch import by_hand, previews, requests, steps, take_back_page

router = APIRouter()
for _module in (by_hand, steps, requests, previews, take_back_page):  # /launch/by-hand before /launch/{code}
    router.include_router(_module.router)
