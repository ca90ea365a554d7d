"""Logs: every line with its keys, one record a line, nothing private, libraries' errors beside ours."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from models.database.secret_keys import Key
from models.operations.logs import FOREIGN, get_log, log_keys, start_logging, stop_logging
from models.settings import Settings


class Written(io.StringIO):
    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().split("\n") if line]


@pytest.fixture
def stream() -> Iterator[Written]:
    """A stream to log to; afterwards logging is as silent as it was."""
    before = {name: logging.getLogger(name).level for name in FOREIGN}
    yield Written()
    stop_logging()
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


LOG = get_log("tests.of.logs")
FORGED = "x\r\n2026-11-25T00:00:00Z info    dondoc.workflows.deliver letter_sent letter=1"


def test_nothing_is_written_before_an_entry_point_starts_it(capfd: pytest.CaptureFixture[str]) -> None:
    LOG.error("nobody_hears_it")
    assert capfd.readouterr() == ("", "")


def test_a_json_line_has_time_level_module_event_and_keys(stream: Written) -> None:
    start_logging(stream, form="json")
    LOG.info("letter_sent", letter="0197", tasks=["a", "b"], seconds=0.5, recipient="Vụ Bưu chính")
    (record,) = stream.records
    assert list(record)[:4] == ["timestamp", "level", "logger", "event"]
    assert record.pop("timestamp").endswith("Z")
    assert record == {
        "level": "info",
        "logger": "dondoc.tests.of.logs",
        "event": "letter_sent",
        "letter": "0197",
        "tasks": ["a", "b"],
        "seconds": 0.5,
        "recipient": "Vụ Bưu chính",
    }
    assert "Vụ Bưu chính" in stream.getvalue()


def test_a_text_line_reads_from_left_to_right(stream: Written) -> None:
    start_logging(stream)
    LOG.warning("alert", kind="clock_stopped", words="two words", nothing="", count=3)
    (line,) = stream.lines
    assert line.split(" ", 1)[1] == (
        'warning dondoc.tests.of.logs alert kind=clock_stopped words="two words" nothing="" count=3'
    )


def test_a_level_below_the_chosen_one_is_left_out(stream: Written) -> None:
    start_logging(stream, form="json", level="warning")
    LOG.info("not_this")
    LOG.warning("this")
    assert [record["event"] for record in stream.records] == ["this"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_keys_are_on_every_line_inside_and_on_none_after(stream: Written, form: str) -> None:
    start_logging(stream, form=form)
    with log_keys(job="tick", moment="2026-11-25T01:00:00Z", letter=None):
        LOG.info("swept")
        with log_keys(letter="0197", task="0198"):
            LOG.info("letter_sent")
        LOG.info("done")
    LOG.info("idle")
    swept, sent, done, idle = stream.lines
    assert all("tick" in line and "2026-11-25T01:00:00Z" in line for line in (swept, sent, done))
    assert "0197" in sent and "0198" in sent
    assert "letter" not in swept + done.replace("letter_sent", "") and "0197" not in done
    assert "tick" not in idle


def test_keys_are_taken_back_when_the_work_fails(stream: Written) -> None:
    start_logging(stream, form="json")
    with pytest.raises(ValueError, match="broken"), log_keys(letter="0197"):
        raise ValueError("broken")
    LOG.info("next")
    assert "letter" not in stream.records[0]


def fail(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError:
        LOG.exception("letter_unwritable", letter="0197")


def test_an_exception_is_one_field_of_one_json_line(stream: Written) -> None:
    start_logging(stream, form="json")
    fail(FORGED)
    (record,) = stream.records
    assert record["level"] == "error" and record["letter"] == "0197"
    assert record["exception"].startswith("Traceback") and "ValueError: x\r\n2026" in record["exception"]


def test_an_exception_in_text_is_indented_under_its_line(stream: Written) -> None:
    start_logging(stream)
    fail(FORGED)
    first, *trace = stream.lines
    assert "letter_unwritable letter=0197" in first
    assert trace[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") for line in trace)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\u2029"])
def test_no_value_forges_a_line(stream: Written, form: str, end: str) -> None:
    start_logging(stream, form=form)
    forged = f"x{end}2026-11-25T00:00:00Z info letter_sent"
    LOG.info(forged, subject=forged, nested={forged: [forged]})
    logging.getLogger("uvicorn.error").error("%s", forged)
    assert len(stream.lines) == 2


def test_a_terminal_is_not_steered_by_a_value(stream: Written) -> None:
    start_logging(stream)
    LOG.info("event", subject="\x1b[2J\u202egnp.exe")
    assert "\x1b" not in stream.getvalue() and "\u202e" not in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_and_addresses_never_reach_the_log(stream: Written, form: str) -> None:
    start_logging(stream, form=form)
    url = "postgresql+psycopg://dd:hu@sh@db.example/dondoc"
    LOG.info(
        "refused",
        password="hush",
        mail={"password": "hush", "user": "a"},
        url=url,
        token=7777777,
        reply="550 le.thi.c@tct-t.example unknown",
        to=["<tran.b@mpt.example>"],
        page="/v/hush.hush-hush?x",
        links=["https://dondoc.example/invitation/hush.hush", "/reset/hush.hush-hush"],
        error=ValueError("no inbox for le.thi.c@tct-t.example, password=hush"),
    )
    fail(f"cannot connect to {url}: le.thi.c@tct-t.example")
    logging.getLogger("sqlalchemy.pool").error("lost %s for le.thi.c@tct-t.example", url)
    written = stream.getvalue()
    assert len(stream.lines) >= 3 and "unknown" in written and "db.example" in written
    for private in ("hush", "hu@sh", "7777777", "le.thi.c", "tran.b", "tct-t.example"):
        assert private not in written


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_keys_of_calendars_and_of_programs_never_reach_the_log(stream: Written, form: str) -> None:
    start_logging(stream, form=form)
    token = "dondoc_" + "hush-_" * 7 + "x"
    LOG.info("asked", page="/calendar/hush-hush.hush.ics?x", links=["https://dondoc.example/calendar/hush"])
    LOG.info("refused", header=f"Bearer {token}", answer=f'{{"key": "{token}"}}', error=ValueError(f"{token}: unknown"))
    LOG.info("kept", page="/admin/calendar/edit", figure="dondoc_oldest_unsent_letter_seconds")
    fail(f"no program has {token}")
    written = stream.getvalue()
    assert "hush" not in written
    for plain in ("/admin/calendar/edit", "dondoc_oldest_unsent_letter_seconds", ": unknown", ".example/calendar/"):
        assert plain in written


@pytest.mark.parametrize("form", ["text", "json"])
def test_keys_and_what_they_seal_never_reach_the_log(stream: Written, form: str) -> None:
    start_logging(stream, form=form)
    key, webhook, totp = "ab" * 32, "whsec_aHVzaGh1c2hodXNo/+8=", "JBSWY3DPEHPK3PXP"
    LOG.info(
        "odd",
        secrets_key=key,
        checkpoint_key=key,
        link_key=key,
        totp_secret=totp,
        key=Key(bytes.fromhex(key)),
        settings=repr(Settings(secrets_key=SecretStr(key))),
        hook={"secret": webhook},
        answer=f'{{"s": "{webhook}"}}',
        address=f"otpauth://totp/x?secret={totp}&issuer=x",
        environment=f"DONDOC_SECRETS_KEY={key},{key}",
    )
    fail(f"DONDOC_SECRETS_KEY={key}: {webhook}")
    assert "odd" in stream.getvalue() and "DONDOC_SECRETS_KEY=***" in stream.getvalue()
    for private in (key, webhook, totp, "aHVzaGh1c2hodXNo"):
        assert private not in stream.getvalue()


def test_a_message_id_is_no_address(stream: Written) -> None:
    start_logging(stream, form="json")
    LOG.info("letter_sent", message_id="<0197.1@dondoc.example>")
    assert stream.records[0]["message_id"] == "<0197.1@dondoc.example>"


@pytest.mark.parametrize("name", ["uvicorn.error", "alembic.runtime", "aiosmtpd.x"])
def test_a_librarys_errors_are_written_beside_ours_and_its_chatter_is_not(stream: Written, name: str) -> None:
    start_logging(stream, form="json", level="debug")
    library = logging.getLogger(name)
    library.info("chatter")
    library.warning("%s is late", "job")
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        library.exception("failed")
    warned, failed = stream.records
    assert (warned["level"], warned["logger"], warned["event"]) == ("warning", name, "job is late")
    assert failed["exception"].endswith("RuntimeError: broken")


def test_a_long_word_costs_no_time(stream: Written) -> None:
    start_logging(stream, form="json")
    LOG.info("event", reply="a" * 200_000, other="a.b" * 60_000 + "@")
    assert stream.records


def test_starting_twice_writes_once_and_stopping_is_silent(stream: Written) -> None:
    start_logging(stream)
    start_logging(stream)
    LOG.info("once")
    stop_logging()
    LOG.error("never")
    logging.getLogger("uvicorn.error").info("never")
    assert len(stream.lines) == 1
