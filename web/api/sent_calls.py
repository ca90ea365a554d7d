"""The route of the API's calls: it reads a body only from a known caller, and only up to the call's limit.

FastAPI alone would read the whole body before it checks the caller.
"""

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from models.settings import Settings
from models.tasks.evidence_files import MOST_FILES
from web.api.caller import find_caller
from web.api.problems import NoToken
from web.request.form_input import FIELDS_BYTES, limit_body
from workflows.bounded_process.limits import MOST_BYTES
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_MOST_SHEETS = 3
"""Spreadsheets of the register in one call."""


class CallRoute(APIRoute):
    """A route of the API. Raises NoToken before it reads the body, and TooLarge as soon as the limit is passed."""

    def get_route_handler(self) -> Handler:
        handle = self.answering(super().get_route_handler())

        async def read(request: Request) -> Response:
            if request.method == "GET":
                return await handle(request)
            if await run_in_threadpool(find_caller, request) is None:
                raise NoToken
            limit = FIELDS_BYTES + self._file_bytes(request.app.state.site.settings)
            limited = Request(request.scope, limit_body(request.receive, limit))
            try:
                await limited.body()
            except ClientDisconnect as error:
                raise HTTPException(400, "There was an error parsing the body") from error
            return await handle(limited)

        return read

    def answering(self, handle: Handler) -> Handler:
        """Return the handler to run once the body is read. Subclasses wrap `handle`."""
        return handle

    def _file_bytes(self, settings: Settings) -> int:
        if "requestBody" in (self.openapi_extra or {}):
            return MOST_BYTES  # one document, which the call reads itself
        return _most_file_bytes(settings) if self._takes_files else 0

    @cached_property
    def _takes_files(self) -> bool:
        body_type: Any = self.body_field.field_info.annotation if self.body_field else None
        return "'format': 'base64'" in str(TypeAdapter(body_type).json_schema())


def _most_file_bytes(settings: Settings) -> int:
    """Return the limit for a result's files or the register's tables. Base64 makes them larger by a third or more."""
    return max(settings.file_max_bytes * MOST_FILES, MAX_BYTES * _MOST_SHEETS) * 3 // 2
