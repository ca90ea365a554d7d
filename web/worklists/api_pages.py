"""What the API offers, as a page for people; for programs it is /api/v1/openapi.json."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from web.request.request_context import Guest

router = APIRouter()


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    says: str
    takes: tuple[tuple[str, str, bool, str], ...]  # name, where, whether required, what it is


@router.get("/api/v1/docs")
def docs(context: Guest) -> HTMLResponse:
    api: FastAPI = context.request.app.state.api
    base = context.settings.base_url
    return context.page("api_docs.html", groups=operations(api.openapi()), base=f"{base}/api/v1")


def operations(described: dict[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations of an OpenAPI description, by their first tag."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            takes = [
                (given["name"], given["in"], given.get("required", False), given.get("description", ""))
                for given in one.get("parameters", [])
            ]
            takes += _body(described, one)
            says = one.get("description") or one.get("summary", "")
            groups.setdefault(one.get("tags", [""])[0], []).append(Operation(method.upper(), path, says, tuple(takes)))
    return groups


def _body(described: dict[str, Any], one: dict[str, Any]) -> list[tuple[str, str, bool, str]]:
    content: dict[str, Any] = one.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((kind.get("schema", {}) for kind in content.values()), {})
    name = schema.get("$ref", "").rpartition("/")[2]
    shape = described["components"]["schemas"].get(name, schema)
    required = shape.get("required", [])
    return [
        (field, "body", field in required, says.get("description", says.get("title", "")))
        for field, says in shape.get("properties", {}).items()
    ]
