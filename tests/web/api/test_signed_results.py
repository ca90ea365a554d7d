"""Programs get the digital signatures of a result's files."""

import pytest

from models.database.session import transaction
from tests.signing import authority, sign
from tests.web.api.programs import Make
from tests.web.signed_results import document, install, submitted
from tests.web.site import Office


def test_programs_get_the_signatures_of_a_result(
    office: Office, program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.signatures.kept_checks.PAGE_PATIENCE", 120.0)
    with transaction(office.engine) as session:
        install(session, authority().root)
    task = submitted(office, sign(document(), authority().minister), document() + b"\n%x")
    signed, plain = program("le.thi.c").get(f"/tasks/{task.id}").json()["results"][0]["evidence"]
    assert plain["signatures"] == []
    (one,) = signed["signatures"]
    assert (one["outcome"], one["name"], one["change"]) == ("valid", "Nguyễn Văn An", "none")
    assert one["signed_at"].startswith("2026-10-20T02:30:00") and one["stamped_at"] is None
