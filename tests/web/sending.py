"""Results and their files, sent by the forms of a task."""

from typing import Any

import httpx

from models.tasks.task import Task
from tests.page import Page
from tests.web.site import Reader

PDF = b"%PDF-1.4\n" + b"x" * 100
RESULT = {"number": "12/BC", "date": "2026-11-02", "subject": "Báo cáo", "signer": "Lương Thị Ngân"}


def hidden(text: str) -> dict[str, Any]:
    """The hidden fields of the last form of a page, as a browser sends them."""
    found = Page(text).forms()[-1].hidden
    return found | {name: [found[name]] for name in ("units", "kept") if isinstance(found.get(name), str)}


def through(reader: Reader, page: str, answer: httpx.Response) -> httpx.Response:
    """Sends what a check page shows."""
    assert answer.status_code == 200, answer.text
    assert 'value="send"' in answer.text
    fields = hidden(answer.text)
    return reader.ask("POST", page, data={**fields, "step": "send"}, headers={"origin": "http://dondoc.example"})


def send(reader: Reader, task: Task, *files: tuple[str, bytes], **fields: Any) -> httpx.Response:
    sent = [("file", (name, content, "application/octet-stream")) for name, content in files]
    page = f"/tasks/{task.id.hex}/submit"
    return reader.send(page, f"{page}?lang=en", files=sent or None, **{**RESULT, **fields})
