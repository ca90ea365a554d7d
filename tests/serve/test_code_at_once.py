"""Who asks a running site for a code has the letter in seconds, however far off the next tick is."""

import re
from pathlib import Path

import httpx
import pytest

from tests.page import Page
from tests.serve.serving import Serving, wait_for

pytestmark = pytest.mark.long


def test_a_code_is_in_the_mailbox_long_before_the_next_tick(tmp_path: Path) -> None:
    with Serving.start(tmp_path / "data", "--no-prefect", tick_seconds=86400) as serving:
        wait_for(lambda: serving.site("/ready").status_code == 200, "the first tick")
        address = serving.office().person("le.thi.c").email
        with httpx.Client(base_url=f"http://127.0.0.1:{serving.port}", timeout=20) as browser:
            csrf = Page(browser.get("/sign-in").text).value("csrf")
            answer = browser.post("/sign-in/code", data={"csrf": csrf, "name": "le.thi.c", "next": "/account"})
            assert answer.headers["location"] == "/sign-in/code"
            (letter,) = wait_for(serving.mails, "the letter with the code")
            assert letter["To"].endswith(f"<{address}>")
            text = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
            code = re.search(r"\b(\d{3}) (\d{3})\b", text.get_payload(decode=True).decode())
            assert code is not None
            csrf = Page(browser.get("/sign-in/code").text).value("csrf")
            answer = browser.post("/sign-in/code/enter", data={"csrf": csrf, "code": f"{code[1]} {code[2]}"})
            assert answer.headers["location"] == "/account"
            assert "Lê Thị Cúc" in browser.get("/account").text
        assert serving.stop()[0] == 0
