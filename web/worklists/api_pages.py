"""The description of the API as a page for people. Programs read /api/v1/openapi.json."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from web.request.request_context import Guest

router = APIRouter()


class Parameter(NamedTuple):
    name: str
    place: str  # path, query, header or body
    is_required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    description: str
    parameters: tuple[Parameter, ...]


@router.get("/api/v1/docs")
def docs(context: Guest) -> HTMLResponse:
    api: FastAPI = context.request.app.state.api
    base = context.settings.base_url
    return context.page("api_docs.html", groups=operations(api.openapi()), base=f"{base}/api/v1")


def operations(openapi: dict[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations of an OpenAPI description, by their first tag."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in openapi["paths"].items():
        for method, details in methods.items():
            parameters = [
                Parameter(item["name"], item["in"], item.get("required", False), item.get("description", ""))
                for item in details.get("parameters", [])
            ]
            parameters += _body_parameters(openapi, details)
            description = details.get("description") or details.get("summary", "")
            operation = Operation(method.upper(), path, description, tuple(parameters))
            groups.setdefault(details.get("tags", [""])[0], []).append(operation)
    return groups


def _body_parameters(openapi: dict[str, Any], details: dict[str, Any]) -> list[Parameter]:
    content: dict[str, Any] = details.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((media_type.get("schema", {}) for media_type in content.values()), {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = openapi["components"]["schemas"].get(name, schema)
    required = schema.get("required", [])
    return [
        Parameter(field, "body", field in required, item.get("description", item.get("title", "")))
        for field, item in schema.get("properties", {}).items()
    ]
