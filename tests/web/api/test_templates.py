"""What an administrator's program does with templates and letter texts."""

from typing import Any

from tests.web.api.conftest import Make
from tests.web.conftest import Office
from workflows.access.access_tokens import Scope

HOME = "/directives/ct-06-2004/templates"
BOSS = "dang.thu.thuy"


def test_a_draft_is_put_its_effect_seen_and_published(office: Office, program: Make) -> None:
    mine = program(BOSS)
    lines = mine.get(HOME).json()
    assert {"duty": "2.a", "version": 1, "state": "published"}.items() <= next(
        one for one in lines if one["duty"] == "2.a"
    ).items()
    whole = mine.get(f"{HOME}/4/1").json()
    spec = whole["spec"] | {"title": "Đề án miễn, giảm giá cước", "authority_working_days": 9}
    put = mine.ask("PUT", f"{HOME}/4", json={"began_from": whole["digest"], "spec": spec})
    assert put.status_code == 200, put.text
    draft = put.json()
    assert (draft["version"], draft["state"], draft["spec"]["authority_working_days"]) == (2, "draft", 9)
    late = mine.ask("PUT", f"{HOME}/4", json={"began_from": whole["digest"], "spec": spec})
    assert late.status_code == 409
    effect = mine.get(f"{HOME}/4/2/effect").json()
    assert {one["field"] for one in effect["changes"]} == {"title", "authority_working_days"}
    assert [one["unit"] for one in effect["open_tasks"]] == ["VU-KHTC"]
    done = mine.post(f"{HOME}/4/2/publish", {"digest": effect["digest"], "migrate_open": True})
    assert done.json()["migrated"] == 1
    assert office.task("4").template_version_id is not None
    assert mine.get(f"{HOME}/4/1").json()["state"] == "retired"
    assert mine.post(f"{HOME}/4/2/publish", {"digest": effect["digest"]}).status_code == 409
    assert mine.post(f"{HOME}/4/2/retire").json()["state"] == "retired"


def test_a_fault_is_named(program: Make) -> None:
    mine = program(BOSS)
    whole = mine.get(f"{HOME}/4/1").json()

    def put(**changed: Any) -> str:
        body = {"began_from": whole["digest"], "spec": whole["spec"] | changed}
        answer = mine.ask("PUT", f"{HOME}/4", json=body)
        assert answer.status_code == 422
        return answer.text

    assert "title" in put(title="Bạo động")
    assert "quote" in put(quote="Không có câu này")
    assert "kind" in put(kind="sometimes")
    assert "duty" in put(duty="5")


def test_letter_texts_are_worded_and_restored(program: Make) -> None:
    mine, name = program(BOSS), "/letter-texts/closing/vi"
    worded = mine.ask("PUT", name, json={"text": "Kính chào./."})
    assert worded.json()["own"] == "Kính chào./."
    assert mine.ask("PUT", name, json={"text": "{x}", "began_from": "Kính chào./."}).status_code == 422
    assert mine.ask("PUT", name, json={"text": "Khác"}).status_code == 409
    assert mine.ask("DELETE", name, params={"began_from": "Kính chào./."}).status_code == 204
    kept = [one for one in mine.get("/letter-texts").json() if one["own"]]
    assert kept == []
    assert mine.ask("PUT", "/letter-texts/no.such/vi", json={"text": "x"}).status_code == 404


def test_only_an_administrator_with_the_scope(program: Make) -> None:
    other, reading = program("le.thi.c"), program(BOSS, Scope.READ)
    spec = program(BOSS).get(f"{HOME}/4/1").json()["spec"]
    for path in (HOME, f"{HOME}/4/1", f"{HOME}/4/1/effect", "/letter-texts"):
        assert other.get(path).status_code == 403, path
    for one in (other, reading):
        assert one.ask("PUT", f"{HOME}/4", json={"began_from": "", "spec": spec}).status_code == 403
        assert one.post(f"{HOME}/4/1/retire").status_code == 403
        assert one.ask("PUT", "/letter-texts/closing/vi", json={"text": "x"}).status_code == 403


def test_a_versions_letter_is_looked_at_and_sent_to_oneself(office: Office, program: Make) -> None:
    boss, path = program("dang.thu.thuy"), "/directives/ct-06-2004/templates/2/1/letter"
    seen = boss.get(path).json()
    assert seen["subject"] and "<html" in seen["html"].lower()
    assert boss.get(path, params={"rung": "overdue"}).json()["subject"] != seen["subject"]
    assert "@" in boss.post(path, {"rung": "overdue"}).json()["address"]
    assert boss.get("/directives/ct-06-2004/templates/2/99/letter").status_code == 404
    assert program("le.thi.c").get(path).status_code in (403, 404)


def test_a_text_in_other_words_is_seen_in_letters_and_not_kept(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    tried = boss.post("/letter-texts/closing/vi/try", {"text": "Kính thư./."}).json()
    assert tried and all("Kính thư./." in one["text"] for one in tried)
    texts = {(one["name"], one["language"]): one["own"] for one in boss.get("/letter-texts").json()}
    assert texts["closing", "vi"] is None
    assert boss.post("/letter-texts/nothing/vi/try", {"text": "x"}).status_code == 404
    assert program("le.thi.c").post("/letter-texts/closing/vi/try", {"text": "x"}).status_code == 403
