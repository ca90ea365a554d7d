"""Traces are sent to a collector where one is named, and nowhere else; they bear ids, and no words of anybody."""

import io
import json
import sys
from collections.abc import Iterator

import pytest

from models.errors import BadInput, Refused
from models.operations.logs import get_log, start_logging, stop_logging
from models.operations.traces import span, tracing
from tests.collector import Collector

LOG = get_log("tests.of.traces")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    start_logging(stream, form="json")
    yield stream
    stop_logging()


def test_spans_arrive_one_within_the_other(collector: Collector) -> None:
    with tracing(), span("job tick", {"job": "tick"}), span("sweep", {"tasks": 3}):
        pass
    outer, inner = collector.named("job tick"), collector.named("sweep")
    assert inner.parent_span_id == outer.span_id and inner.trace_id == outer.trace_id
    assert collector.facts("sweep") == {"tasks": 3}
    assert collector.services == {"dondoc"}


def test_the_service_may_have_a_name_of_its_own(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "dondoc-worker")
    with tracing(), span("tick"):
        pass
    assert collector.services == {"dondoc-worker"}


def test_a_fault_is_told_by_its_kind_and_not_by_its_words(collector: Collector) -> None:
    with tracing(), pytest.raises(OSError, match="secret"), span("deliver"):
        raise OSError("secret of a.nguyen@bo.example")
    assert collector.named("deliver").status.code == 2
    assert collector.facts("deliver") == {"error.type": "OSError"}
    assert b"secret" not in collector.raw and b"nguyen" not in collector.raw


def test_a_line_of_the_log_bears_the_ids_of_its_span(collector: Collector, written: io.StringIO) -> None:
    with tracing(), span("deliver"):
        LOG.info("letter_sent")
    LOG.info("afterwards")
    first, last = (json.loads(line) for line in written.getvalue().splitlines())
    sent = collector.named("deliver")
    assert (first["trace"], first["span"]) == (sent.trace_id.hex(), sent.span_id.hex())
    assert "trace" not in last


@pytest.mark.parametrize(
    "variables", [{}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}], ids=["none", "off", "no-traces"]
)
def test_nothing_is_sent_where_it_is_not_wanted(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    if not variables:
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with tracing(), span("tick") as opened:
        assert opened is None
    assert collector.spans == []


def test_a_collector_that_refuses_holds_up_nothing_and_is_told(collector: Collector, written: io.StringIO) -> None:
    collector.status = 400
    with tracing(), span("tick"):
        pass
    assert collector.spans == []
    assert any(json.loads(line)["logger"].startswith("opentelemetry") for line in written.getvalue().splitlines())


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "http://127.0.0.1:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
    ],
)
def test_a_variable_that_cannot_be_followed_is_named(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, name: str, value: str, right: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput) as fault, tracing():
        pass
    for language in ("vi", "en"):
        assert all(word in fault.value.tell(language) for word in (name, value, right))


def test_without_the_packages_it_says_how_to_get_them(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(Refused) as fault, tracing():
        pass
    assert "pip install 'dondoc[traces]'" in fault.value.tell("vi")
