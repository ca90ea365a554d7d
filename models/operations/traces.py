"""Traces of requests, jobs and letters, which are sent to an OpenTelemetry collector.

Nothing happens until an entry point starts them, and then only where the standard variables of OpenTelemetry name a
collector. A span carries a fixed name, ids and counts: no address, no words of people, no path (which may hold a key).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, Refused
from models.operations.logs import log_keys

if TYPE_CHECKING:  # a quarter of a second that only those pay who send traces
    from opentelemetry.trace import Span, Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN = "http/protobuf"
_tracer: "Tracer | None" = None


@contextmanager
def tracing() -> Iterator[None]:
    """Send spans while it is open, and the last of them at its end; do nothing where no collector is named.

    The variables are those of OpenTelemetry: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS,
    OTEL_SERVICE_NAME (else `dondoc`), OTEL_TRACES_SAMPLER, OTEL_SDK_DISABLED … A collector that does not answer holds
    up nothing: spans are dropped, with a line in the log. BadInput: a variable that asks for what is not spoken here.
    Refused: the packages of the extra `traces` are not installed.
    """
    if not _is_wanted():
        yield
        return
    global _tracer
    provider = _open()
    _tracer = provider.get_tracer("dondoc", version("dondoc"))
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


@contextmanager
def span(name: str, facts: Mapping[str, str | int] | None = None, *, server: bool = False) -> "Iterator[Span | None]":
    """Trace what happens inside as one span within the one around it; lines of the log bear its ids."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    kind = SpanKind.SERVER if server else SpanKind.INTERNAL
    with _tracer.start_as_current_span(
        name, kind=kind, attributes=facts, record_exception=False, set_status_on_exception=False
    ) as opened:
        known = opened.get_span_context()
        is_kept = known.trace_flags.sampled
        with log_keys(trace=f"{known.trace_id:032x}", span=f"{known.span_id:016x}") if is_kept else nullcontext():
            try:
                yield opened
            except BaseException as fault:
                opened.set_attribute("error.type", type(fault).__name__)
                opened.set_status(Status(StatusCode.ERROR))
                raise


def _is_wanted() -> bool:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(os.environ.get(name) for name in _ENDPOINTS)


def _open() -> Any:
    for name in _ENDPOINTS:
        place = os.environ.get(name, "")
        if place and not place.startswith(("http://", "https://")):
            raise BadInput(
                "{name}: {given} is no address of a collector; expected: {right}",
                name=name,
                given=place,
                right="http://127.0.0.1:4318",
            )
    for name in _PROTOCOLS:
        asked = os.environ.get(name, _SPOKEN)
        if asked != _SPOKEN:
            raise BadInput(
                "{name}: {given} is not spoken here; expected: {right}", name=name, given=asked, right=_SPOKEN
            )
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise Refused(
            "traces are asked for by {name}, and their packages are not installed: pip install 'dondoc[traces]'",
            name=next(name for name in _ENDPOINTS if os.environ.get(name)),
        ) from missing
    ours = Resource({"service.name": "dondoc", "service.version": version("dondoc")})
    # not made the process's own: Prefect's spans bear the messages of its runs, which may hold an address
    provider = TracerProvider(resource=Resource.create().merge(ours).merge(OTELResourceDetector().detect()))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
