"""Answers at the addresses of rooms that are not installed."""

from functools import partial

from fastapi import APIRouter

from models.errors import NotFound
from models.rooms import NOT_INSTALLED, Room, missing

API = "/api/v1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def add_missing_rooms(router: APIRouter, *, of_api: bool) -> None:
    """Add routes that name the missing room: for the addresses of the API with `of_api`, else for all others."""
    for room in missing():
        for address in room.addresses:
            if address.startswith(API) == of_api:
                path = f"{address.removeprefix(API)}{{rest:path}}"
                router.add_api_route(path, partial(_refuse, room), methods=_METHODS, include_in_schema=False)


def _refuse(room: Room) -> None:
    raise NotFound(NOT_INSTALLED, what=room.title, extra=room.extra)
