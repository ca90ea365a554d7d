"""An OpenTelemetry collector on loopback: takes what is sent to it by OTLP over HTTP, and keeps the spans."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collector:
    """What has arrived: spans by their names, and of whom they were."""

    endpoint: str
    status: int = 200
    spans: list[Any] = field(default_factory=list)
    raw: bytes = b""
    services: set[str] = field(default_factory=set)

    def take(self, body: bytes) -> None:
        """One request's spans."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        told = ExportTraceServiceRequest.FromString(body)
        self.raw += body
        for group in told.resource_spans:
            self.services |= {one.value.string_value for one in group.resource.attributes if one.key == "service.name"}
            for scope in group.scope_spans:
                self.spans += scope.spans

    def named(self, name: str) -> Any:
        """The one span of a name."""
        (found,) = (one for one in self.spans if one.name == name)
        return found

    def facts(self, name: str) -> dict[str, Any]:
        """What the one span of a name bears."""
        return {one.key: one.value.string_value or one.value.int_value for one in self.named(name).attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that answers until the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces" and collector.status == 200:
                collector.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(collector.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
