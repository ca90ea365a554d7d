"""A visit is one span, named by its route: no address and no key reaches the collector."""

from models.operations.traces import tracing
from tests.collector import Collector
from tests.web.site import Office


def test_a_letters_link_leaves_its_key_in_no_trace(office: Office, collector: Collector) -> None:
    task = office.task("4")
    link = office.link(task.id, office.head(task).id)
    with tracing():
        assert office.get(link).status_code == 200
        assert office.get("/sign-in?next=/tasks/mine").status_code == 200
    assert {one.name for one in collector.spans} == {"GET /v/{token}", "GET /sign-in"}
    assert collector.facts("GET /v/{token}") == {
        "http.request.method": "GET",
        "http.route": "/v/{token}",
        "http.response.status_code": 200,
    }
    assert link.removeprefix("/v/").encode() not in collector.raw and b"mine" not in collector.raw


def test_a_page_that_is_not_there_has_no_route(office: Office, collector: Collector) -> None:
    with tracing():
        assert office.get("/nowhere/at-all/indeed").status_code == 404
    assert collector.facts("GET") == {"http.request.method": "GET", "http.response.status_code": 404}


def test_what_programs_ask_each_minute_is_not_traced(office: Office, collector: Collector) -> None:
    with tracing():
        office.get("/health")
        office.get("/metrics")
    assert collector.spans == []
