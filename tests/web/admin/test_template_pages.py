"""The administrator's editor of templates: a form, or a file; saved as a draft, published with its effect shown."""

import html
import re
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.directives.template import TemplateState
from models.letters.letter import LetterKind
from models.organization.audit import Audit
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.task import Task
from models.text.localtime import at_local, due_date, local_date, write_date
from tests.page import Page
from tests.web.admin.template_form import HOME, began_from, boss, form_of, save, versions, yaml_of
from tests.web.site import Office, Reader
from workflows.delivery.deliver import deliver
from workflows.jobs.simulate import RecordedSender
from workflows.launch.launch_plan import default_coordinator, plan_launch
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar


def test_templates_stand_by_directive_and_duty(office: Office) -> None:
    page = boss(office).get("/admin/templates").text
    assert "06/2004/CT-BBCVT" in page
    assert 'href="/admin/templates/ct-06-2004/2.a"' in page
    assert "phiên bản 1" in page


def test_only_an_administrator_opens_or_changes_them(office: Office) -> None:
    for code in ("le.thi.c", "nguyen.minh.quan"):
        other = office.sign_in(code)
        for path in ("/admin/templates", HOME, f"{HOME}/file", f"{HOME}/1", f"{HOME}/1/publish"):
            assert other.get(path).status_code == 403, path
        assert other.send("/help", HOME, do="save", began_from="").status_code == 403
        assert other.send("/help", f"{HOME}/check").status_code == 403
        assert other.send("/help", f"{HOME}/file", {"file": ("a.yaml", b"", "")}).status_code == 403
        assert other.send("/help", f"{HOME}/1/retire").status_code == 403


def test_a_file_makes_a_draft_and_another_amends_it(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    answer = save(reader, yaml.replace("title: ", "title: Mới – "))
    assert "phiên bản 2" in reader.follow(answer).text
    save(reader, yaml.replace("title: ", "title: Mới hơn – "))
    one, two = versions(office)
    assert (one.state, two.state) == (TemplateState.PUBLISHED, TemplateState.DRAFT)
    assert str(two.spec["title"]).startswith("Mới hơn – ")
    assert not str(one.spec["title"]).startswith("Mới")
    with reading(office.engine) as session:
        assert session.exec(select(Audit).where(Audit.action == "template_drafted")).first() is not None


def test_a_fault_of_a_file_names_its_line_and_nothing_is_kept(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    broken = yaml.replace("kind: one_off", "kind: sometimes")
    answer = save(reader, broken)
    line = broken.splitlines().index("kind: sometimes") + 1
    assert answer.status_code == 422
    told = f"Dòng {line}: Loại: không có giá trị 'sometimes'; giá trị đúng là một trong: 'one_off', "
    assert told in html.unescape(answer.text)
    assert form_of(answer.text) == form_of(reader.get(HOME).text), "the form is as it was"
    assert len(versions(office)) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: [", "mẫu.yaml, dòng 1: "),
        (b"title: \xff", "mẫu.yaml, dòng 1: không phải UTF-8"),
        (b"- 1", "mẫu.yaml, dòng 1: "),
        (b"", "mẫu.yaml: "),
        (b"#" * 70_000, "mẫu.yaml: lớn hơn 65536 byte"),
    ],
)
def test_a_file_that_is_no_template_is_refused(office: Office, content: bytes, says: str) -> None:
    answer = save(boss(office), content)
    assert answer.status_code == 422 and says.lower() in html.unescape(answer.text).lower()
    assert len(versions(office)) == 1


def test_no_file_is_no_draft(office: Office) -> None:
    answer = boss(office).send(HOME, f"{HOME}/file", began_from="")
    assert answer.status_code == 422 and "chọn một tệp YAML" in answer.text


def test_the_check_while_typing_gives_a_piece_of_the_page(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    fine = reader.send(HOME, f"{HOME}/check", **fields)
    assert fine.status_code == 200
    assert "<html" not in fine.text
    assert '<svg class="ladder-time"' in fine.text, "the ladder with real dates"
    wrong = reader.send(HOME, f"{HOME}/check", **fields | {"authority_working_days": "năm"}).text
    assert "f-authority_working_days" in wrong
    assert "<svg" not in wrong


def test_text_typed_is_never_markup(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    evil = "<script>alert(1)</script></textarea><img src=x onerror=alert(1)>"
    fields = form_of(reader.get(HOME).text)
    typed = reader.send(HOME, **fields | {"title": evil, "was": f'"> {evil}', "do": "check"})
    for answer in (typed, save(reader, f"{yaml}\n? {evil}\n")):
        assert "onerror" in answer.text
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
    saved = reader.follow(save(reader, yaml.replace("title: ", f"title: {evil} "))).text
    assert "<img src=x" not in saved
    assert "&lt;img" in saved


def test_two_administrators_do_not_write_over_each_other(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    early = began_from(reader)
    fields = form_of(reader.get(HOME).text)
    save(reader, yaml.replace("title: ", "title: A – "))
    late = reader.send(HOME, **fields | {"title": "B", "do": "save"})
    assert late.status_code == 409
    assert 'value="B"' in late.text, "what was typed stays"
    assert save(reader, yaml.replace("title: ", "title: C – "), began_from=early).status_code == 409
    assert str(versions(office)[-1].spec["title"]).startswith("A – ")


def test_a_file_that_was_saved_and_comes_back_changes_nothing(office: Office) -> None:
    reader = boss(office)
    saved = reader.get(f"{HOME}/file")
    assert saved.headers["content-disposition"].startswith("attachment") and "ct-06-2004-4.yaml" in str(saved.headers)
    assert "Không có gì thay đổi." in reader.follow(save(reader, saved.content)).text
    assert len(versions(office)) == 1


def test_the_form_makes_a_draft(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    fields |= {"title": "Đề án miễn, giảm giá cước", "deadline": "relative", "amount": "15", "unit": "working_days"}
    fields |= {"do": "save", "ladder": "own", "rung-12": "overdue", "at-12": "9", "to-12": ["head", "coordinator"]}
    assert reader.send(HOME, **fields).status_code == 303
    spec = versions(office)[-1].read_spec()
    assert spec.title == "Đề án miễn, giảm giá cước"
    assert spec.deadline.model_dump()["amount"] == 15
    assert [(rung.rung.value, rung.at, len(rung.to)) for rung in spec.rungs.rungs][10] == ("overdue", 9, 2)


def test_a_wrong_number_in_the_form_is_named(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text) | {"do": "save", "authority_working_days": "năm"}
    answer = reader.send(HOME, **fields)
    assert answer.status_code == 422
    assert "Trả lời trong số ngày làm việc: &#39;năm&#39; chưa đúng: phải là số nguyên" in answer.text
    assert 'value="năm"' in answer.text


RUNG_4 = {"at-4": "5"}  # the second of those before the date: 3 working days


def test_a_changed_rung_makes_the_ladder_its_own(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    assert (fields["ladder"], fields["rung-4"], fields["at-4"]) == ("default", "due_soon", "3")
    done = reader.send(HOME, **fields | RUNG_4 | {"do": "save"})
    said = reader.follow(done).text
    assert "Đã lưu dự thảo: phiên bản 2. Đã sửa một mức nên mẫu này dùng các mức đôn đốc riêng." in said
    spec = versions(office)[-1].read_spec()
    assert not isinstance(spec.ladder, str)
    assert [rung.at for rung in spec.rungs.rungs if rung.rung == "due_soon"] == [-7, -5, -1]
    assert [list(rung.to) for rung in spec.rungs.rungs if rung.rung == "pressed_1"] == [["supervisor", "head"]]
    checked = reader.send(HOME, f"{HOME}/check", **fields | RUNG_4 | {"do": "check"}).text
    assert "các mức đôn đốc riêng" in checked


def test_a_rung_that_comes_several_times_is_numbered_in_time(office: Office) -> None:
    reader = boss(office)
    page = reader.get(HOME).text
    numbers = {row: words for row, words in re.findall(r'id="number-(\d+)">([^<]*)<', page) if words}
    assert numbers == {"1": "lần 1", "2": "lần 2", "3": "lần 1", "4": "lần 2", "5": "lần 3", "7": "lần 1", "8": "lần 2"}
    added = form_of(page) | {"rung-12": "due_soon", "at-12": "5", "to-12": ["head"], "do": "check"}
    checked = dict(re.findall(r'id="number-(\d+)">([^<]*)<', reader.send(HOME, f"{HOME}/check", **added).text))
    assert [checked[row] for row in ("3", "12", "4", "5")] == ["lần 1", "lần 2", "lần 3", "lần 4"]


def test_the_editor_lists_what_each_ladder_of_the_program_contains(office: Office) -> None:
    listed = boss(office).get(HOME).text.split('<details class="ladders">')[1].split("</details>")[0]
    usual, by_hour = (re.findall("<li>(.*?)</li>", part) for part in listed.split("<h3>")[1:])
    assert len(usual) == 12 and len(by_hour) == 5
    assert usual[4] == "Sắp đến hạn, trước thời hạn 3 ngày làm việc → thủ trưởng đơn vị, chuyên viên được phân công"
    assert by_hour[4].startswith("Báo cáo cấp trên, sau thời hạn 4 giờ → đơn vị quản lý, theo dõi")


def test_moved_rungs_stand_in_the_order_of_time(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    added = {"rung-12": "due_soon", "at-12": "14", "to-12": ["head"]}
    reader.send(HOME, **fields | {"at-4": "10"} | added | {"do": "save"})
    rungs = versions(office)[-1].read_spec().rungs.rungs
    assert [rung.at for rung in rungs if rung.at < 0] == [-14, -10, -7, -1]
    assert [rung.rung for rung in rungs][:3] == ["assigned", "not_accepted", "not_accepted"]


def test_an_order_of_rungs_that_nobody_changed_is_kept(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    rungs = ", ".join(f"{{rung: {name}, at: {at}, to: [head]}}" for name, at in (("overdue", 4), ("due_soon", -2)))
    save(reader, f"{yaml.rstrip()}\nladder: {{rungs: [{rungs}]}}\n")
    reader.send(HOME, **form_of(reader.get(HOME).text) | {"title": "Giá cước", "do": "save"})
    spec = versions(office)[-1].read_spec()
    assert spec.title == "Giá cước"
    assert [rung.at for rung in spec.rungs.rungs] == [4, -2]


def test_its_own_rungs_go_when_a_common_ladder_is_chosen(office: Office) -> None:
    reader = boss(office)
    reader.send(HOME, **form_of(reader.get(HOME).text) | RUNG_4 | {"do": "save"})
    fields = form_of(reader.get(HOME).text)
    assert fields["ladder"] == "own"
    both = reader.send(HOME, **fields | {"ladder": "default", "at-4": "9", "do": "save"})
    assert both.status_code == 422
    assert "Các mức đôn đốc: vừa chọn loại khác vừa sửa từng mức" in both.text
    reader.send(HOME, **fields | {"ladder": "default", "do": "save"})
    assert versions(office)[-1].read_spec().ladder == "default"


def test_a_chosen_ladder_of_the_program_shows_its_own_rungs(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    page = form_of(reader.send(HOME, **fields | {"ladder": "contingency", "title": "Mới", "do": "check"}).text)
    assert (page["clock"], page["rung-4"], page["at-4"], page["rung-5"]) == ("hours", "upward", "4", "")
    assert page["title"] == "Mới"
    assert reader.send(HOME, **page | {"do": "save"}).status_code == 303
    assert versions(office)[-1].read_spec().ladder == "contingency"


def test_a_save_without_a_change_says_so(office: Office) -> None:
    reader = boss(office)
    page = reader.follow(reader.send(HOME, **form_of(reader.get(HOME).text) | {"do": "save"})).text
    assert '<div class="note" role="status"><p>Không có gì thay đổi.</p>' in page
    assert 'class="said"' not in page
    save(reader, yaml_of(reader).replace("title: ", "title: Mới – "))
    again = reader.follow(save(reader, yaml_of(reader))).text
    assert '<div class="note" role="status"><p>Không có gì thay đổi.</p>' in again
    with reading(office.engine) as session:
        assert len(session.exec(select(Audit).where(Audit.action == "template_drafted")).all()) == 1


def test_a_field_that_counts_for_nothing_is_named(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    for given, label in (
        ({"at-12": "3"}, "Các mức đôn đốc, Mức 13, Lúc: nội dung này sẽ không có tác dụng; cần chọn cả “Mức”"),
        ({"to-12": ["head"]}, "Các mức đôn đốc, Mức 13, Người nhận: "),
        ({"opens-day": "1"}, "Kỳ báo cáo, ngày mở kỳ, Ngày: "),
        ({"sends-enterprise-day": "6"}, "Kỳ báo cáo, Ngày gửi: doanh nghiệp, Ngày: "),
        ({"period_move": "forward"}, "Kỳ báo cáo, Thời hạn rơi vào ngày nghỉ: "),
    ):
        answer = reader.send(HOME, **fields | given | {"do": "save"})
        assert answer.status_code == 422, given
        assert label in html.unescape(answer.text)
        assert {name: form_of(answer.text)[name] for name in given} == given, "what was typed is kept"
    assert len(versions(office)) == 1


def test_a_row_taken_out_of_its_own_ladder_is_no_fault(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    assert reader.send(HOME, **fields | {"rung-4": "", "do": "save"}).status_code == 303
    assert [rung.at for rung in versions(office)[-1].read_spec().rungs.rungs if rung.at < 0] == [-7, -1]


def test_the_form_keeps_what_only_a_file_holds(office: Office) -> None:
    reader, home = boss(office), "/admin/templates/ct-06-2004/1"
    named = yaml_of(reader, home).replace("- {kind: department}", "- named: ['Vụ Bưu chính, Viễn thông', VU-VT]", 1)
    with_others = named.replace("  sends:\n", "  sends:\n    other: {day: 7}\n").replace(
        "    enterprise: {", "    enterprise: {before: true, "
    )
    assert save(reader, with_others, home).status_code == 303
    changed = form_of(reader.get(home).text) | {"title": "Chấp hành", "do": "save"}
    assert reader.send(home, **changed).status_code == 303
    spec = versions(office, "1")[-1].read_spec()
    assert spec.title == "Chấp hành"
    assert spec.period is not None
    assert spec.period.sends[UnitKind.OTHER].day == 7
    assert spec.period.sends[UnitKind.ENTERPRISE].before and not spec.period.sends[UnitKind.DEPARTMENT].before
    assert spec.audience.any[0].named == ("Vụ Bưu chính, Viễn thông", "VU-VT")


def test_publishing_shows_its_effect_and_moves_open_tasks_when_asked(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    save(reader, yaml.replace("authority_working_days", "x").rstrip() + "\nauthority_working_days: 9\n")
    page = reader.get(f"{HOME}/2/publish")
    assert "Trả lời trong số ngày làm việc" in page.text
    assert "Vụ Kế hoạch – Tài chính" in page.text, "the open task that would follow"
    assert "không làm phát sinh thư nào lúc này" in page.text
    done = reader.send(f"{HOME}/2/publish", **seen_of(page.text), migrate_open="on")
    assert reader.follow(done).status_code == 200
    assert [one.state for one in versions(office)] == [TemplateState.RETIRED, TemplateState.PUBLISHED]
    assert office.task("4").template_version_id == versions(office)[1].id
    again = reader.send(HOME, f"{HOME}/2/publish", seen=versions(office)[1].digest)
    assert again.status_code == 409


def seen_of(page: str) -> dict[str, str]:
    """What the form of the publish page says was looked at."""
    return {name: Page(page).value(name) for name in ("seen", "seen_letters")}


def test_letters_of_a_move_are_shown_and_are_what_is_agreed_to(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    due = at_local(local_date(office.now) - timedelta(days=20))
    with transaction(office.engine) as session:
        dates = {"assigned_at": due - timedelta(days=9), "due_at": due, "due_set_at": due - timedelta(days=9)}
        session.execute(update(Task).where(col(Task.id) == office.task("4").id).values(**dates))
    rungs = "".join(
        f"\n  - rung: {rung}\n    at: {at}\n    to: [{to}]"
        for rung, at, to in (("assigned", 0, "head"), ("pressed_1", 2, "supervisor"))
    )
    save(reader, f"{yaml.rstrip()}\nladder:\n  rungs:{rungs}\n")
    page = reader.get(f"{HOME}/2/publish")
    assert "Thư gửi đi nếu chuyển" in page.text
    assert "Đôn đốc lần 1, sau thời hạn 2 ngày làm việc" in page.text
    seen = seen_of(page.text)
    other = reader.send(f"{HOME}/2/publish", **seen | {"seen_letters": "0" * 64}, migrate_open="on")
    assert other.status_code == 409 and "xem lại" in other.text
    assert reader.send(f"{HOME}/2/publish", **seen, migrate_open="on").status_code == 303


def test_what_was_looked_at_is_what_is_published(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    save(reader, yaml.replace("title: ", "title: A – "))
    seen = versions(office)[1].digest
    save(reader, yaml.replace("title: ", "title: B – "))
    assert reader.send(f"{HOME}/2/publish", seen=seen).status_code == 409
    assert versions(office)[1].state is TemplateState.DRAFT


def test_a_published_version_is_retired_once(office: Office) -> None:
    reader = boss(office)
    assert reader.send(f"{HOME}/1", f"{HOME}/1/retire").status_code == 303
    assert versions(office)[0].state is TemplateState.RETIRED
    assert reader.send("/admin/templates", f"{HOME}/1/retire").status_code in (403, 409)


def test_versions_are_compared_field_by_field_and_line_by_line(office: Office) -> None:
    reader, yaml = boss(office), yaml_of(boss(office))
    save(reader, yaml.replace("title: ", "title: Mới – "))
    page = reader.get(f"{HOME}/2").text
    assert re.search(r"<ins>.*title: Mới", page)
    assert re.search(r"<del>.*title: ", page)
    assert reader.get(f"{HOME}/9").status_code == 404
    assert reader.get("/admin/templates/ct-06-2004/99").status_code == 404


def test_a_changed_version_is_told_in_words_and_its_yaml_is_folded(office: Office) -> None:
    reader = boss(office)
    fields = form_of(reader.get(HOME).text)
    steps = fields["steps"].splitlines()
    changed = {"steps": "\n".join(["Bước đầu", *steps[1:]]), "reports_to": "VU-BC", "do": "save"}
    reader.send(HOME, **fields | RUNG_4 | changed)
    page = reader.get(f"{HOME}/2").text
    words, yaml = page.split('<details class="panel" id="yaml">')
    cells = {
        re.sub("<.*?>", "", row).strip(): re.findall(r"<(?:ins|del)>(.*?)</(?:ins|del)>", rest)
        for row, rest in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', words, re.DOTALL)
    }
    assert cells["Các bước"] == [f"1. {steps[0]}", "1. Bước đầu"]
    assert cells["Đơn vị nhận kết quả"] == ["Vụ Viễn thông", "Vụ Bưu chính"]
    assert [line.split(" → ")[0] for line in cells["Các mức đôn đốc"]] == [
        "Theo mức chung",
        "Sắp đến hạn, trước thời hạn 3 ngày làm việc",
        "Riêng, theo bảng dưới đây",
        "Sắp đến hạn, trước thời hạn 5 ngày làm việc",
    ]
    assert "due_soon" not in words and "due_soon" in yaml.split("</details>")[0]


def test_a_first_version_is_told_in_words(office: Office) -> None:
    page = boss(office).get(f"{HOME}/1").text
    words = page.split('<details class="panel" id="yaml">')[0]
    assert "Nội dung phiên bản 1" in words and "Sắp đến hạn, trước thời hạn 3 ngày làm việc" in words
    assert "Vụ Kế hoạch – Tài chính" in words and "VU-KHTC" not in words and "one_off" not in words


def test_the_order_of_keys_is_no_difference(office: Office) -> None:
    reader, home = boss(office), "/admin/templates/ct-06-2004/1"
    page = reader.get(home).text
    reader.send(home, **form_of(page) | {"title": "Chấp hành pháp luật", "do": "save"})
    assert [one.version for one in versions(office, "1")] == [1, 2]
    diff = reader.get(f"{home}/2").text.split('<div class="diff"')[1].split("</div>")[0]
    changed = re.findall(r"<(?:ins|del)>.*?</span>[+−] (.*?)</(?:ins|del)>", diff)
    assert changed == ["title: Chấp hành pháp luật và bảo đảm an ninh thông tin", "title: Chấp hành pháp luật"], changed


def test_a_version_s_letters_are_shown_at_every_rung(office: Office) -> None:
    reader = boss(office)
    for duty in ("4", "2.a", "results"):
        home = f"/admin/templates/ct-06-2004/{duty}/1"
        page = reader.get(f"{home}/letter").text
        inside = re.search(r'<select id="f-rung".*?</select>', page, re.DOTALL)
        assert inside
        for rung in re.findall(r'value="([^"]+)"', inside[0]):
            shown = reader.get(f"{home}/letter?rung={rung}")
            assert shown.status_code == 200, (duty, rung)
            assert "[THƯ THỬ]" in shown.text
            framed = reader.get(f"{home}/letter/html?rung={rung}")
            assert "THƯ THỬ" in framed.text
            assert "sandbox" in framed.headers["content-security-policy"]
            assert "/v/" not in framed.text, "an example has no link of a task"
    assert reader.get(f"{HOME}/1/letter?rung=upward").status_code == 404


def test_a_test_letter_comes_to_whoever_asked_for_it_and_to_nobody_else(office: Office) -> None:
    reader = boss(office)
    save(reader, yaml_of(reader).replace("title: ", "title: Mới – "))
    assert reader.send(f"{HOME}/2/letter", rung="overdue").status_code == 303
    sender = RecordedSender()
    now = office.now + timedelta(minutes=5)
    deliver(office.engine, office.settings, sender, now=now, calendar=WorkCalendar(), only=[LetterKind.ACCOUNT])
    [(address, content)] = sender.letters
    letter = message_from_bytes(content, policy=policy.default)
    body = letter.get_body(("plain",))
    assert body is not None
    assert address == "dang.thu.thuy@mpt.example"
    assert letter["To"] == "dang.thu.thuy@mpt.example", "it speaks to the unit's head, and goes to nobody but the asker"
    assert letter["Subject"].startswith("[THƯ THỬ] [Đôn đốc]")
    assert "mới – " in body.get_content().lower()
    assert not list(letter.iter_attachments()), "no date of an example in a calendar"


def shown_letter(reader: Reader, path: str, rung: str) -> tuple[str, str]:
    """The page's words about the example, and the letter as plain text."""
    page = html.unescape(reader.get(f"{path}/letter?rung={rung}").text)
    found = re.search(r'<dl class="facts">(.*?)</dl>.*?<pre tabindex="0">(.*?)</pre>', page, re.DOTALL)
    assert found
    facts, letter = found.groups()
    return re.sub(r"<[^>]+>", "", facts), letter


def test_a_sample_speaks_to_a_unit_of_the_audience(office: Office) -> None:
    facts, letter = shown_letter(boss(office), "/admin/templates/ct-06-2004/3/1", "assigned")
    with reading(office.engine) as session:
        units = session.exec(
            select(Unit).where(Unit.kind == UnitKind.ENTERPRISE, col(Unit.is_active), col(Unit.is_outside).is_(False))
        ).all()
        heads = {unit.code: session.get_one(Person, unit.head_id) for unit in units}
        first = min((unit for unit in units if heads[unit.code].language == "vi"), key=lambda unit: unit.code)
        head = heads[first.code]
    assert f"{first.name}, lấy làm ví dụ trong {len(units)} đơn vị" in facts
    assert head.full_name in letter.split("Thực hiện")[0]
    assert "Văn phòng" not in letter


def test_a_sample_is_due_when_a_launch_would_have_it(office: Office) -> None:
    office.now = at_local(date(2026, 12, 2))
    reader, home = boss(office), "/admin/templates/ct-06-2004"
    with transaction(office.engine) as session:
        directive = find_directive(session, "ct-06-2004")
        plan = plan_launch(
            session,
            directive,
            on=office.now,
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
            paths=["results"],
        )
        [batch] = plan.batches
        kinds = {session.get_one(Unit, one).kind: due.due_at for one, due in batch.shares.items()}
    due = write_date(due_date(kinds[UnitKind.SUBORDINATE] or office.now))
    for rung in ("assigned", "due_soon", "overdue"):
        facts, letter = shown_letter(reader, f"{home}/results/1", rung)
        assert due in facts, (rung, facts)
        assert due in letter, (rung, letter)


def test_a_sample_of_an_undated_template_has_an_assumed_working_day(office: Office) -> None:
    for day in range(2, 9):
        office.now = at_local(date(2026, 11, day))
        facts, _letter = shown_letter(boss(office), f"{HOME}/1", "assigned")
        assert "giả định" in facts
        assert "ngày nghỉ" not in facts
        assert "thứ Bảy" not in facts
        assert "Chủ nhật" not in facts


def test_a_sample_of_a_fixed_date_keeps_it_at_every_rung(office: Office) -> None:
    reader = boss(office)
    yaml = yaml_of(reader).rstrip() + "\ndeadline: {rule: fixed, on: 2026-12-19}\n"
    assert save(reader, yaml).status_code == 303
    for rung, leaves in (("due_soon", "10/12/2026"), ("due", "19/12/2026"), ("overdue", "21/12/2026")):
        facts, letter = shown_letter(reader, f"{HOME}/2", rung)
        assert "19/12/2026" in facts
        assert "thứ Bảy, ngày 19/12/2026" in letter
        assert leaves in facts, facts


def test_a_sample_that_addresses_nobody_is_refused(office: Office) -> None:
    reader = boss(office)
    assert save(reader, yaml_of(reader).replace("VU-KHTC", "VU-KHONG-CO")).status_code == 303
    for answer in (reader.get(f"{HOME}/2/letter"), reader.send(f"{HOME}/2", f"{HOME}/2/letter", rung="assigned")):
        assert answer.status_code == 422
        assert "không có đơn vị nào thuộc đối tượng" in answer.text
