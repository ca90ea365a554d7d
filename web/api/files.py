"""Answers that are files, to be saved."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, of its own type",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""How an endpoint that answers with a file is described."""
SAFE = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""Whatever opens it, it runs nothing."""


def file_answer(content: bytes, media_type: str, name: str) -> Response:
    """It is to be saved, not shown."""
    return Response(
        content,
        media_type="application/octet-stream" if media_type == "text/html" else media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", **SAFE},
    )
