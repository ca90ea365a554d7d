"""Serves a letter's own HTML for a frame of a page, with its styles and without scripts."""

import re

from fastapi.responses import HTMLResponse

# Letters bring their own styles. The frame runs no script, and its links open outside of it.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def letter_frame(html: str) -> HTMLResponse:
    html = re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', html, count=1)
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "X-Frame-Options": "SAMEORIGIN"})
