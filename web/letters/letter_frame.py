"""A letter's own HTML in a frame of a page: its styles count there, and nothing in it runs."""

import re

from fastapi.responses import HTMLResponse

# letters bring their own styles; the frame runs nothing, and its links open outside of it
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def letter_frame(html: str) -> HTMLResponse:
    html = re.sub(r"(<head[^>]*>)", r'\1<base target="_blank">', html, count=1)
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "X-Frame-Options": "SAMEORIGIN"})
