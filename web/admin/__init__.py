"""The administration: a page module for each thing that administrators look after, all in one frame."""

from fastapi import APIRouter

from web.admin import check_up, overview, webhooks

router = APIRouter()
for _module in (overview, check_up, webhooks):
    router.include_router(_module.router)
