"""Programs that call the API."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx

from models.tasks.task import Task
from tests.web.site import Office, Reader


class Program:
    """A program with a personal access token."""

    def __init__(self, office: Office, token: str) -> None:
        self._reader, self.token = Reader(office.app), token

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        sent = {"authorization": f"Bearer {self.token}"} | (headers or {})
        return self._reader.ask(method, f"/api/v1{path}", headers=sent, **given)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.ask("GET", path, **given)

    def post(self, path: str, body: Any = None, **given: Any) -> httpx.Response:
        return self.ask("POST", path, json={} if body is None else body, **given)


Make = Callable[..., Program]


REPORT = {"number": "1/BC", "date": "2026-11-02", "subject": "Báo cáo", "signer": "Tạ Bá Toàn"}


def submit(head: Program, task: Task, **more: Any) -> Any:
    given = {"name": "báo cáo.pdf", "content": b64encode(b"%PDF-1.4 xong").decode()}
    return head.post(f"/tasks/{task.id}/submit", REPORT | {"files": [given]} | more)
