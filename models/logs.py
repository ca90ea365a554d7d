"""Structured logs: an event's name and its keys on every line, silent until an entry point starts them.

Keys used throughout: `job`, `moment`, `letter`, `message_id`, `recipient`, `task`, `tasks`. No names, addresses or
free text of people: a log is read by others than those a letter is for.
"""

import logging
from typing import TextIO

import structlog

_ROOT = "dondoc"
_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
_root = logging.getLogger(_ROOT)
_root.addHandler(logging.NullHandler())
_root.propagate = False


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """The log of a module: `get_log(__name__)`, then `.info("letter_sent", letter=…)`."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"{_ROOT}.{name}")
    return log


def start_logging(stream: TextIO, *, form: str = "text", level: str = "info") -> None:
    """Writes logs to a stream from now on: as lines for people (`text`) or one JSON object a line (`json`)."""
    written: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, written],
        )
    )
    _root.handlers = [handler]
    _root.setLevel(level.upper())
