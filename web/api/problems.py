"""Errors as problem+json (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from models.database.session import DATABASE_ERRORS
from models.errors import BadFields, BadInput, BadRows, DondocError
from models.i18n import LANGUAGES, Words, _, _n, translate
from models.operations.logs import get_log
from models.text.faults import fault_words
from web.request.faults import RETRY, UNFIT, status_of, wait_header, words_of_absence

_log = get_log(__name__)


class Problem(BaseModel):
    """An error, for people (`detail`, in the language asked for) and for programs (`type`, `status`)."""

    type: str = Field(examples=["/problems/not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no such task"])
    faults: list[str] = Field(default_factory=list, description="Each fault by field, where there are several")


_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "No such method",
    409: "Refused by a rule",
    413: "Too large",
    415: "Wrong media type",
    422: "Wrong input",
    429: "Too much",
    500: "A fault of ours",
    503: "Not available",
}
BROKEN_DOWN = _("something went wrong here, and was recorded: try again, and tell an administrator if it stays so")


class NoToken(Exception):
    """The request has no valid token."""


class OutOfScope(DondocError):
    """The token's scopes do not allow the call."""


def language_of(request: Request) -> str:
    """Return the first language of Accept-Language that the product speaks; English if there is none."""
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.split(";")[0].strip()[:2].lower()
        if wanted in LANGUAGES:
            return wanted
    return "en"


def problem(
    status: int, detail: str, faults: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    title = _TITLES.get(status, "Problem")
    body = Problem(type=f"/problems/{title.lower().replace(' ', '-')}", title=title, status=status, detail=detail)
    body.faults = faults or []
    return JSONResponse(body.model_dump(), status, headers, media_type="application/problem+json")


def problem_of(request: Request, error: DondocError) -> Response:
    language = language_of(request)
    status = status_of(error)
    if isinstance(error, OutOfScope):
        status = 403
        _log.warning("out_of_scope", path=request.url.path)
    return problem(status, error.tell(language), _faults(error, language), wait_header(error))


def _faults(error: DondocError, language: str) -> list[str]:
    if isinstance(error, BadRows):
        return [fault.tell(language) for fault in error.faults]
    if isinstance(error, BadFields):
        return [
            f"{field}: {translate(fault, language) if isinstance(fault, Words) else fault}"
            for field, fault in error.fields.items()
        ]
    return []


def invalid(request: Request, error: RequestValidationError) -> Response:
    """Answer input of the wrong form with every fault, each with its field."""
    language = language_of(request)
    faults = [f"{_field_of(fault)}: {translate(fault_words(fault), language)}" for fault in error.errors()]
    counted = _n("the input has {count} fault", "the input has {count} faults")
    return problem(422, translate(counted, language, count=len(faults)), faults)


def _field_of(fault: Mapping[str, Any]) -> str:
    """Return the path of the field, such as `files.0.name`, without the part of the request that holds it."""
    return ".".join(str(part) for part in fault["loc"] if part not in ("body", "query", "path"))


def tell_problems(api: FastAPI) -> None:
    """Have the API answer each kind of error as a problem."""

    @api.exception_handler(DondocError)
    async def refused(request: Request, error: DondocError) -> Response:
        return problem_of(request, error)

    @api.exception_handler(RequestValidationError)
    async def invalid_input(request: Request, error: RequestValidationError) -> Response:
        return invalid(request, error)

    @api.exception_handler(Exception)
    async def broken(request: Request, _error: Exception) -> Response:
        return problem(500, translate(BROKEN_DOWN, language_of(request)))

    @api.exception_handler(DataError)
    async def unfit_for_database(request: Request, _error: DataError) -> Response:
        return problem_of(request, BadInput(UNFIT))

    def database_away(request: Request, error: Exception) -> Response:
        return problem(503, translate(words_of_absence(request, error), language_of(request)), headers=RETRY)

    for kind in DATABASE_ERRORS:
        api.add_exception_handler(kind, database_away)

    @api.exception_handler(NoToken)
    async def no_token(request: Request, _error: NoToken) -> Response:
        _log.warning("no_token", path=request.url.path)
        words = translate("send a personal access token: Authorization: Bearer …", language_of(request))
        return problem(401, words, headers={"WWW-Authenticate": 'Bearer realm="dondoc"'})

    @api.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)
