"""Pages of intake: a document comes in, is reviewed beside its own words, and becomes a directive."""

from fastapi import APIRouter

from web.intake import coming_in, review, source_pages, tables

router = APIRouter()
for module in (coming_in, tables, review, source_pages):
    router.include_router(module.router)
