"""How much is read of what programs send: nothing of a stranger's, and of nobody's without end."""

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from models.rooms import is_missing
from models.tasks.evidence_files import MOST_FILES
from tests.web.api.programs import Make
from tests.web.sending import PDF, RESULT
from tests.web.site import Office
from web.request.form_input import FIELDS_BYTES
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES

PIECE = 64 * 1024


def send(
    app: FastAPI, method: str, path: str, pieces: Iterator[bytes], token: str = "", kind: str = "application/json"
) -> tuple[int, dict[str, Any], int]:
    """Sends a body piece by piece, its length untold: the status, the answer, and how many bytes were taken."""
    headers = [(b"host", b"dondoc.example"), (b"content-type", kind.encode()), (b"transfer-encoding", b"chunked")]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
        "client": ("203.0.113.5", 1),
        "server": ("dondoc.example", 80),
        "root_path": "",
    }
    taken, status, answer = 0, 0, b""

    async def receive() -> dict[str, Any]:
        nonlocal taken
        piece = next(pieces, None)
        taken += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def reply(message: Any) -> None:
        nonlocal status, answer
        status = message.get("status", status)
        answer += message.get("body", b"")

    asyncio.run(app(scope, receive, reply))
    return status, json.loads(answer) if answer.startswith(b"{") else {}, taken


def without_end(most: int) -> Iterator[bytes]:
    """A body that would not end; cut where it has long been too much, so that a test that fails ends."""
    return repeat(b"0" * PIECE, 2 * most // PIECE)


def deeds(routes: Any, start: str = "") -> list[tuple[str, str]]:
    """The method and path of every route that takes a body."""
    return [
        (method, start + re.sub(r"{\w+:int}", "1", one.path or ""))
        for one in iter_route_contexts(routes)
        if isinstance(one.original_route, APIRoute)
        for method in one.methods or ()
        if method != "GET" and not is_missing(start + (one.path or ""))
    ]


def test_nothing_is_read_of_what_a_stranger_sends(office: Office) -> None:
    asked = deeds(office.app.state.api.routes, "/api/v1")
    assert len(asked) > 50
    for token in ("", "không-phải-thẻ"):
        read = {one: send(office.app, *one, without_end(FIELDS_BYTES), token) for one in asked}
        assert {
            one: (status, taken) for one, (status, _said, taken) in read.items() if (status, taken) != (401, 0)
        } == {}


def test_a_call_without_files_may_be_as_large_as_a_form_and_not_a_byte_larger(office: Office, program: Make) -> None:
    task = office.task("4")
    head, path = program(office.head(task).code), f"/api/v1/tasks/{task.id}/progress"
    body = b'{"note": "\xc4\x91ang l\xc3\xa0m"}'.ljust(FIELDS_BYTES)
    status, said, _taken = send(office.app, "POST", path, iter([body, b" "]), head.token)
    assert (status, said["title"]) == (413, "Too large")
    assert said["detail"] == "what was sent is larger than 2 MB, which is the most"
    assert send(office.app, "POST", path, iter([body]), head.token)[0] == 200


@pytest.mark.parametrize("key", ["", "mot-lan"])
def test_a_body_that_does_not_end_is_refused_where_the_limit_is(office: Office, program: Make, key: str) -> None:
    task = office.task("4")
    head = program(office.head(task).code)

    async def pieces() -> Any:
        for piece in without_end(FIELDS_BYTES):
            yield piece

    headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
    answer = head.ask("POST", f"/tasks/{task.id}/progress", headers, content=pieces())
    assert answer.status_code == 413
    assert head.post(f"/tasks/{task.id}/progress", {"note": "đang làm"}, headers=headers).status_code == 200


def test_a_call_with_files_has_room_for_all_that_are_allowed_and_no_more(office: Office, program: Make) -> None:
    office.settings.file_max_bytes = 3 * MAX_BYTES // MOST_FILES  # as much as the three tables of the register
    most = FIELDS_BYTES + 3 * MAX_BYTES * 3 // 2
    task = office.task("4")
    head, path = program(office.head(task).code), f"/api/v1/tasks/{task.id}/submit"
    status, said, taken = send(office.app, "POST", path, without_end(most), head.token)
    assert (status, said["title"]) == (413, "Too large")
    assert said["detail"] == f"what was sent is larger than {most // 1_000_000} MB, which is the most"
    assert most < taken <= most + PIECE


def test_ten_files_of_the_largest_size_come_in_one_call(office: Office, program: Make) -> None:
    office.settings.file_max_bytes = 300_000
    task = office.task("4")
    files = [
        {"name": f"{n}.pdf", "content": b64encode((PDF + b"%d" % n).ljust(300_000)).decode()} for n in range(MOST_FILES)
    ]
    answer = program(office.head(task).code).post(f"/tasks/{task.id}/submit", RESULT | {"files": files})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("application/x-www-form-urlencoded", b"name="),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n',
        ),
    ],
)
def test_of_a_strangers_form_no_page_reads_more_than_what_is_typed(office: Office, kind: str, begins: bytes) -> None:
    asked = deeds(office.app.routes)
    assert len(asked) > 100
    read = {}
    for one in asked:
        endless = chain([begins], without_end(FIELDS_BYTES))
        read[one] = send(office.app, *one, endless, kind=kind)[2]
    assert {one: taken for one, taken in read.items() if taken > FIELDS_BYTES + PIECE} == {}
    anybodys = {path for (_method, path), taken in read.items() if taken}
    assert "/sign-in" in anybodys and len(anybodys) < 20
