"""What is read of a call's body: nothing before the caller is known, and no more than the call may hold.

FastAPI reads it whole before it asks who calls.
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
from web.api.caller import call_of
from web.api.problems import NoToken
from web.request.form_input import FIELDS_BYTES, counted
from workflows.apart.limits import MOST_BYTES
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_SHEETS = 3
"""Of the register, in one call."""


class CallRoute(APIRoute):
    """A route of the API. NoToken, or TooLarge, before more is read."""

    def get_route_handler(self) -> Handler:
        handle = self.answering(super().get_route_handler())

        async def read(request: Request) -> Response:
            if request.method == "GET":
                return await handle(request)
            if await run_in_threadpool(call_of, request) is None:
                raise NoToken
            most = FIELDS_BYTES + self._file_bytes(request.app.state.site.settings)
            sent = Request(request.scope, counted(request.receive, most))
            try:
                await sent.body()
            except ClientDisconnect as error:
                raise HTTPException(400, "There was an error parsing the body") from error
            return await handle(sent)

        return read

    def answering(self, handle: Handler) -> Handler:
        """The call's body is there."""
        return handle

    def _file_bytes(self, settings: Settings) -> int:
        if "requestBody" in (self.openapi_extra or {}):
            return MOST_BYTES  # one document, which the call reads itself
        return _most(settings) if self._takes_files else 0

    @cached_property
    def _takes_files(self) -> bool:
        given: Any = self.body_field.field_info.annotation if self.body_field else None
        return "'format': 'base64'" in str(TypeAdapter(given).json_schema())


def _most(settings: Settings) -> int:
    """The files of a result or the tables of the register; as base64 they are larger by a third, or somewhat more."""
    return max(settings.file_max_bytes * MOST_FILES, MAX_BYTES * _SHEETS) * 3 // 2
