"""Notifications by the API: the caller's own, paged, and marked as read."""

from datetime import timedelta

from models.database.ids import new_id
from tests.web.api.programs import Make
from tests.web.bell import HEAD, OTHER_HEAD, notices_of, send, unread
from tests.web.site import LAUNCHED, Office
from workflows.access.access_tokens import Scope


def test_a_program_reads_and_marks_its_persons_notifications(office: Office, program: Make) -> None:
    send(office, LAUNCHED + timedelta(minutes=1))
    (notice,), mine = notices_of(office), program(HEAD)
    found = mine.get("/notifications").json()
    (item,) = found["items"]
    assert found["unread"] == 1 and found["next"] is None
    assert (item["id"], item["task"], item["told"]) == (str(notice.id), str(notice.task_id), "assigned@0")
    assert item["words"] and item["duty"] == "4" and item["is_read"] is False
    assert mine.post("/notifications/read", {"ids": [str(notice.id)]}).json() == {"unread": 0}
    assert mine.get("/notifications?unread=true").json()["items"] == []
    assert mine.get("/notifications").json()["items"][0]["is_read"] is True


def test_all_up_to_an_instant(office: Office, program: Make) -> None:
    send(office, LAUNCHED + timedelta(minutes=1))
    mine = program(HEAD)
    assert mine.post("/notifications/read", {"until": "2026-11-01T00:00:00Z"}).json() == {"unread": 1}
    assert mine.post("/notifications/read", {"until": office.now.isoformat()}).json() == {"unread": 0}


def test_anothers_and_bad_input_change_nothing(office: Office, program: Make) -> None:
    send(office, LAUNCHED + timedelta(minutes=1))
    (notice,), stranger = notices_of(office), program(OTHER_HEAD)
    assert stranger.post("/notifications/read", {"ids": [str(notice.id)]}).status_code == 404
    assert stranger.post("/notifications/read", {"ids": [str(new_id())]}).status_code == 404
    for until in ("2026-11-02T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        assert stranger.post("/notifications/read", {"until": until}).status_code == 422, until
    for body in ({}, {"ids": [str(notice.id)], "until": "2026-11-02T00:00:00Z"}):
        assert stranger.post("/notifications/read", body).status_code == 422, body
    assert stranger.get("/notifications?cursor=x").status_code == 422
    assert str(notice.id) not in stranger.get("/notifications").text
    reader = program(HEAD, Scope.READ)
    assert reader.post("/notifications/read", {"until": "2026-11-02T09:00:00Z"}).status_code == 403
    assert unread(office) == 1
