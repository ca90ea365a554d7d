"""Structured logs: each line has an event's name and keys. Nothing is written until an entry point starts them.

Keys used throughout: `job`, `moment`, `letter`, `message_id`, `recipient`, `task`, `tasks` (ids, or how many). No
names, addresses or free text of people: a log is read by others than those a letter is for. Whatever slips in is
blotted out here.
"""

import json
import logging
import os
import re
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import structlog

_ROOT = "dondoc"
FOREIGN = (
    "uvicorn",
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "aiosmtpd",
    "mail.log",
    "asyncio",
    "py.warnings",
    "opentelemetry",
)
"""Libraries whose warnings and errors are written beside ours; `mail.log` is aiosmtpd's."""

_BLOT = "***"
_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|credential|authorization|cookie|link_key|checkpoint_key|seals_key|api_?key",
    re.I,
)
_BLOTTED = (
    (re.compile(r"(\w://)[^\s/?#]*@"), r"\1"),  # user:password@ of a URL
    (re.compile(r"(/(?:v|invitation|reset)/)[^\s\"'<>/?#]+"), rf"\1{_BLOT}"),  # a letter's link is a key
    (re.compile(r"((?<!/admin)(?<!/account)/calendar/)[^\s\"'<>/?#]+"), rf"\1{_BLOT}"),  # so is a calendar's address
    # bounded, so that a long word without an @ is not looked at again from each of its letters
    (re.compile(r"(?<![\w.+%-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "<address>"),
    (re.compile(r"((?:password|passwd|secret|token)\s*[=:]\s*)[^\s,;&]+", re.I), rf"\1{_BLOT}"),
    (re.compile(r"(se(?:crets|als)_key\s*[=:]\s*)[^\s;&]+", re.I), rf"\1{_BLOT}"),
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=]+"), _BLOT),
    (re.compile(r"\bdondoc_[\w-]{40,}"), _BLOT),  # an access token; names of figures are shorter
)
_NO_ADDRESS = frozenset({"message_id"})  # looks like one, and is made of a letter's id


def _blot(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remove secrets and mail addresses from an event before it is written."""
    for key, value in event.items():
        if not key.startswith("_") and key not in _NO_ADDRESS:
            event[key] = _BLOT if _is_secret(key, value) else _blotted(value)
    return event


def _is_secret(key: object, value: object) -> bool:
    return value is not None and bool(_SECRET_KEY.search(str(key)))


def _blotted(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _BLOT if _is_secret(key, one) else _blotted(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_blotted(one) for one in value]
    text = str(value)
    for pattern, instead in _BLOTTED:
        text = pattern.sub(instead, text)
    return text


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _blot,
]

structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
_root = logging.getLogger(_ROOT)
_root.addHandler(logging.NullHandler())
_root.propagate = False


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger: `get_log(__name__).info("letter_sent", letter=…)`."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"{_ROOT}.{name}")
    return log


@contextmanager
def log_keys(**keys: object) -> Iterator[None]:
    """Put keys on every line written inside, in functions called and `asyncio.to_thread` too: `log_keys(job="tick")`.

    A pool's own threads do not inherit them. A key of None is left out.
    """
    with structlog.contextvars.bound_contextvars(**{key: value for key, value in keys.items() if value is not None}):
        yield


def start_logging(stream: TextIO, *, form: str = "text", level: str = "info", traces: Path | None = None) -> None:
    """Write logs to a stream from now on: as lines for people (`text`) or one JSON object a line (`json`).

    Warnings and errors of the libraries in `FOREIGN` go the same way. A second call replaces the first. With `traces`,
    tracebacks go into that file, and the stream keeps a line for each.
    """
    moved = [] if traces is None else [partial(_move_trace, traces)]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *moved,
                _json if form == "json" else _text,
            ],
        )
    )
    _root.handlers = [handler]
    _root.setLevel(level.upper())
    hold_logging()


def hold_logging() -> None:
    """Send the libraries' lines to our log again after a library has configured logging: Prefect silences uvicorn."""
    if isinstance(_root.handlers[0], logging.NullHandler):
        return
    for name in FOREIGN:
        foreign = logging.getLogger(name)
        foreign.handlers, foreign.propagate = list(_root.handlers), False
        if foreign.level == logging.NOTSET:  # whoever chose one, stricter perhaps, keeps it
            foreign.setLevel(logging.WARNING)


def stop_logging() -> None:
    """Stop writing, before the stream is closed."""
    _root.handlers = [logging.NullHandler()]
    _root.setLevel(logging.NOTSET)
    for name in FOREIGN:
        foreign = logging.getLogger(name)
        foreign.handlers, foreign.propagate = [], True


_MOST_TRACES = 5 << 20
"""Bytes of a file of tracebacks; a fuller one is set aside as `.1`, in place of the one before."""


def keep_trace(file: Path, error: BaseException, *, now: datetime, **keys: object) -> bool:
    """Append an error's traceback to a file, for its owner alone. Return False where the file cannot be written."""
    told = {"timestamp": f"{now:%Y-%m-%dT%H:%M:%SZ}", "level": "error"} | keys
    return _append_trace(file, told, "".join(traceback.format_exception(error)))


def _move_trace(file: Path, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (trace := event.pop("exception", None)) and _append_trace(file, event, str(trace)):
        event["trace"] = str(file)
    return event


def _append_trace(file: Path, keys: Mapping[str, object], trace: str) -> bool:
    line = _text(None, "", {key: _blotted(value) for key, value in keys.items()} | {"exception": _blotted(trace)})
    try:
        if file.exists() and file.stat().st_size > _MOST_TRACES:
            file.replace(file.with_name(f"{file.name}.1"))
        with open(file, "a", encoding="utf-8", opener=partial(os.open, mode=0o600)) as kept:
            kept.write(line + "\n")
    except OSError:  # a full disk may be what the trace is of: the line on the stream is told all the same
        return False
    return True


def _json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    ordered = {key: event.pop(key) for key in ("timestamp", "level", "logger", "event") if key in event}
    # not ASCII, so that Vietnamese stays readable; then these two would end a line for some readers
    line = json.dumps(ordered | dict(event), ensure_ascii=False, default=str)
    return line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


def _text(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write one line, then the indented trace, so that no text from outside can begin a line."""
    traces = [str(event.pop(key)) for key in ("stack", "exception") if event.get(key)]
    head = [event.pop("timestamp", ""), f"{event.pop('level', ''):<7}", event.pop("logger", ""), event.pop("event", "")]
    words = [_printable(str(one)) for one in head] + [f"{_printable(key)}={_value(one)}" for key, one in event.items()]
    below = [f"    {_printable(line)}" for trace in traces for line in trace.splitlines()]
    return "\n".join([" ".join(words).rstrip(), *below])


def _value(value: object) -> str:
    if isinstance(value, str):
        plain = value and value.isprintable() and not re.search(r'[\s"=]', value)
        return value if plain else _printable(json.dumps(value, ensure_ascii=False))
    return _printable(json.dumps(value, ensure_ascii=False, default=str))


def _printable(text: str) -> str:
    """Write control characters and direction marks as escapes, so that a line cannot be forged or hidden."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
