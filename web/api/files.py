"""Answers that are files to save."""

from typing import Any
from urllib.parse import quote

from fastapi import Response

BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, of its own type",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""The description of an endpoint that answers with a file."""
SAFE = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""With these headers a browser runs nothing that the file contains."""


def file_answer(content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file to save. HTML is sent as plain bytes, so that no browser shows it."""
    return Response(
        content,
        media_type="application/octet-stream" if media_type == "text/html" else media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", **SAFE},
    )
