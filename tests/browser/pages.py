"""Every page of the site, who looks at it, and which of the autumn's things it shows.

A route of the site that answers GET stands here or in NO_PAGES, else a test fails: no page is forgotten by axe-core, by
the pictures, or by whoever looks at them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from playwright.sync_api import Page
from sqlmodel import col, select

from models.channels.channel import Gateway
from models.database.run import link_key
from models.database.session import reading, transaction
from models.directives.launch import Incident, Launch
from models.directives.template import TemplateState
from models.exchange.edxml import CameBy
from models.letters.letter import Letter, LetterKind, LetterState
from models.organization.access import Webhook
from models.organization.account import MailedPurpose
from models.organization.register_reads import resolve_person, resolve_unit
from models.papers.issued_report import IssuedReport, ReportKind
from models.papers.report_schedule import ReportSchedule
from models.tasks.history import History
from models.tasks.task import Result, Task, TaskStatus
from models.text.localtime import local_date
from notifications.composing.keys import sign_mailed
from notifications.smtp.mailbox import read_mailbox
from tests.browser import background_jobs, scans, season, talks
from tests.browser.inspecting import SENT, inspection_at
from tests.browser.mail_replies import a_reply_was_read, read_reply_page, reply_link
from tests.browser.places import Place
from tests.browser.tables import table_at
from tests.browser.visits import Visit
from tests.edxml.messages import sample
from tests.old_links import sign_link
from web.worklists.help_pages import GUIDES
from workflows.access.accounts.mailed import issue
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.channels.choices import switch_push
from workflows.channels.gateways import GatewayInput, make_gateway, switch_gateway
from workflows.channels.webhooks import make_webhook
from workflows.exchange.keep_message import Taking, open_message, take_message
from workflows.intake.read import read
from workflows.intake.review.store_reading import draft_of, store_reading
from workflows.organization.uploads import keep_files
from workflows.organization.working_calendar import load_calendar
from workflows.papers.compile_reports import compile_reports
from workflows.papers.contents.subject import NewPaper
from workflows.papers.issue import add_draft, prepare
from workflows.papers.issue import issue as issue_report
from workflows.papers.report_schedules import NewSchedule as ScheduleWanted
from workflows.papers.report_schedules import ScheduleSettings, make_schedule
from workflows.templates.edit_template import open_duty, save_draft

TEMPLATE_VERSION = "/admin/templates/{code}/{path}/{number:int}"
ADMINISTRATOR, COORDINATOR, OBSERVER = "dang.thu.thuy", "le.thi.c", "nguyen.minh.quan"
TALK = "/tasks/{name}/conversation"
OF_DIRECTIVE, CT_06 = "/directives/{code}", "/directives/ct-06-2004"
OF_INSPECTED = "/inspections/{inspection_id}/units/{unit}"
INSPECTED = (
    "directive=ct-06-2004&title=Kiểm+tra+đợt+2&starts=2026-11-02&ends=2026-11-06&lead=duong.thanh.tung"
    "&members=ho.thi.mai&kind=enterprise&tag=internet&names=VNNIC&duty=2&duty=3&own=Hồ+sơ+lưu+ở+đâu?"
)
LAUNCHED = "duty=1&duty=2&duty=2.a&coordinator=le.thi.c&override=on&reason=Đã+báo+đơn+vị"  # one letter found no mailbox
ADMINISTRATOR, CLERK, COORDINATOR, OBSERVER = "dang.thu.thuy", "ngo.van.loc", "le.thi.c", "nguyen.minh.quan"

REVIEWED = """BỘ BƯU CHÍNH, VIỄN THÔNG

Số: 1243/BBCVT-VT

Hà Nội, ngày 02 tháng 10 năm 2026

CÔNG VĂN
V/v báo cáo tình hình bảo đảm an toàn mạng lưới

Kính gửi: Các doanh nghiệp bưu chính, viễn thông và Internet

Thời gian qua, công tác bảo đảm an toàn mạng lưới đã có nhiều chuyển biến. Bộ yêu cầu:

1. Các doanh nghiệp viễn thông phối hợp với Công an địa phương rà soát phương án bảo vệ, báo cáo Bộ (qua Vụ Viễn thông)
kết quả hằng tháng, trước ngày 05 của tháng sau.

2. Vụ Viễn thông chủ trì, phối hợp với Vụ Bưu chính tổng hợp, trình Lãnh đạo Bộ.

3. Trung tâm Sao Mai hướng dẫn kỹ thuật cho các đơn vị. Trường hợp có vướng mắc, kịp thời phản ánh về Bộ.
"""

NO_PAGES = {
    "/letters/coming/{job_id}/{number}/html": "the frame inside the page of a letter to come",
    "/letters/{letter_id}/html": "the frame inside a letter's page",
    "/letters/{letter_id}/eml": "a file",
    "/admin/replies/{reply_id}/eml": "a file",
    "/letters/{letter_id}/attachments/{number}": "a file",
    "/intake/{intake_id}/files/{file_id}/view": "the frame inside the review",
    "/directives/{code}/files/{file_id}": "a file",
    "/notifications/{notice_id}": "leads to the task that a notification is about",
    "/errands/{job_id}": "leads from a letter of 0.3 to its background job",
    "/health": "for machines",
    "/ready": "for machines",
    "/version": "for machines",
    "/metrics": "for machines",
    "/admin/register/download/{name}": "a file to save",
    "/admin/audit.csv": "a file to save",
    "/admin/templates/{code}/{path}/file": "a file to save",
    "/tasks/csv": "a file",
    "/tasks/xlsx": "a file",
    "/mail/{name}/html": "the frame inside a letter's page",
    "/sign-in/oidc": "leads to the organisation's own sign-in",
    "/sign-in/oidc/back": "leads on from there",
    "/sign-out/oidc": "leads to where the organisation's own sign-in is left",
    "/admin/templates/{code}/{path}/{number:int}/letter/html": "the frame inside a letter's page",
    "/admin/letter-texts/{name}/{language}/html": "the frame inside a letter text's page",
    "/live/directives/{code}": "what a board asks every few seconds",
    "/suggest/units": "what a field offers while one types",
    "/suggest/leads": "what a field offers while one types",
    "/suggest/people": "what a field offers while one types",
    "/suggest/directives": "what a field offers while one types",
    "/calendar/{token}.ics": "for calendar programs",
    "/fewer/{token}": "for the button of a mail reader; leads to one's letters",
    "/help/pictures/{name}": "a picture",
    "/background-jobs/{job_id}/state": "for the progress bar",
    "/launch/{code}/preview/{job_id}/csv": "a file",
    "/reports/csv": "a file",
    "/papers/make/{kind}": "a file",
    "/papers/{report_id}/file": "a file",
    "/reports/xlsx": "a file",
    "/sign-in/second-step": "a step on the way in: test_sign_in walks through it, and has axe-core look",
    "/tasks/{name}/files/{file_id}": "a file of a result",
    "/tasks/{name}/files/{file_id}/view": "such a file in a frame",
    "/tasks/{name}/conversation/files/{file_id}": "a file of a message",
    "/directives/{code}/conversation/files/{file_id}": "a file of a message",
    "/inspections/{inspection_id}/files/{file_id}": "a file beside a finding",
    "/intake/{intake_id}/files/{file_id}": "a document as it came",
    "/intake/{intake_id}/line": "the picture of a line, on the page of a review",
}
"""Routes that answer GET with something else than a page of ours, and why."""


@dataclass(frozen=True)
class Shown:
    """A page: its route in the site, the address to open, and the code of the person signed in (None: nobody)."""

    name: str
    route: str
    address: str | Callable[[Place], str] = ""
    who: str | None = None
    status: int = 200
    dark: bool = False
    """Whether its picture is made in the dark too."""
    how_to: int = 0
    """The width in CSS px at which a how-to shows it; 0: none does."""

    steps: Callable[[Page], None] | None = None
    """What is done on the page at the address to come to the page that is meant."""

    def open(self, visit: Visit) -> Page:
        """Opens it in somebody's browser."""
        place = visit.place
        page = visit.open(self.address(place) if callable(self.address) else self.address or self.route, self.status)
        if self.steps is not None:
            self.steps(page)
            page.wait_for_load_state()
        return page


def in_review(place: Place) -> str:
    """A document that came in, with one of its duties chosen."""
    with transaction(place.story.engine) as session:
        person = resolve_person(session, COORDINATOR)
        intake = store_reading(
            session,
            draft_of(REVIEWED, read(REVIEWED)),
            filename="cong-van.txt",
            unit_id=resolve_unit(session, "VU-VT").id,
            person_id=person.id,
            now=place.now,
        )
        return f"/intake/{intake.id.hex}?duty=1"


def message_in_review(place: Place) -> str:
    """A recall that came by the document exchange, beside the document that it speaks of."""
    with transaction(place.story.engine) as session:
        person = resolve_person(session, COORDINATOR)
        unit_id, evidence = resolve_unit(session, "VU-VT").id, place.story.settings.evidence
        taking = Taking(unit_id, person.id, place.now, CameBy.PAGE, evidence)
        for name in ("chi-thi-moi.edxml", "thu-hoi.edxml"):
            taken = take_message(session, open_message(name, sample(name)), taking)
        return f"/intake/{taken.intake.id.hex}"


def link(place: Place, task: Task, person: str) -> str:
    """The link that a letter about this task carries for this person."""
    with reading(place.story.engine) as session:
        key = link_key(session)
        return f"/v/{sign_link(key, task.id, resolve_person(session, person).id, place.now)}"


def task_of(path: str, unit: str, then: str = "") -> Callable[[Place], str]:
    """The page of a unit's task, or one under it."""
    return lambda place: f"/tasks/{place.story.task(path, unit).id.hex}{then}"


def receipt(place: Place) -> str:
    """What the head of T-DD saw after reporting a difficulty."""
    task = place.story.task("2", "T-DD")
    with reading(place.story.engine) as session:
        told = select(History.id).where(History.task_id == task.id, History.event == "obstacle_raised")
        return f"/tasks/{task.id.hex}/raise-obstacle/done/{session.exec(told).one().hex}"


def webhook(place: Place) -> str:
    """A webhook's page; made here, for the autumn has none."""
    with transaction(place.story.engine) as session:
        hook = session.exec(select(Webhook)).first()
        if hook is None:
            boss = read_principal(session, resolve_person(session, ADMINISTRATOR), local_date(season.NOW))
            hook = make_webhook(
                session,
                boss,
                name="Trục liên thông văn bản",
                url="https://truc.example.vn/dondoc",
                events=["submitted", "approved"],
                directive=None,
                settings=place.story.settings,
                now=season.NOW,
            )
        return f"/admin/webhooks/{hook.id}"


def gateway(address: str) -> Callable[[Place], str]:
    """A page of a gateway that carries messages; made here, with browsers switched on, for the autumn has none."""

    def at(place: Place) -> str:
        with transaction(place.story.engine) as session:
            found = session.exec(select(Gateway)).first()
            if found is None:
                boss = read_principal(session, resolve_person(session, ADMINISTRATOR), local_date(season.NOW))
                given = GatewayInput(
                    name="SMS",
                    url="https://sms.example.vn/gui",
                    body_form="json",
                    body='{"to": "{phone}", "message": "{text} {link}"}',
                    headers="Authorization: Bearer x",
                    kinds=["digest", "incident"],
                    longest=160,
                    is_unmarked=True,
                    knows_repeats=False,
                )
                found = make_gateway(session, boss, given, settings=place.story.settings, now=season.NOW)
                switch_gateway(session, boss, found.id, on=True, now=season.NOW)
                switch_push(session, boss, on=True, now=season.NOW)
            return address.format(id=found.id)

    return at


def template_draft(place: Place, then: str = "") -> str:
    """The page of a draft of item 4's template, or one under it; made here, for the autumn has none."""
    with transaction(place.story.engine) as session:
        boss = read_principal(session, resolve_person(session, ADMINISTRATOR), local_date(season.NOW))
        edited = open_duty(session, boss, "ct-06-2004", "4")
        newest = edited.newest
        assert newest is not None
        if newest.state is TemplateState.PUBLISHED:
            steps = ("Khảo sát nhu cầu sử dụng", "Xây dựng dự thảo", "Trình Lãnh đạo Bộ")
            spec = newest.read_spec().model_copy(update={"steps": steps, "authority_working_days": 9})
            newest = save_draft(session, boss, edited, spec, began_from=edited.digest, now=season.NOW)
        return f"/admin/templates/ct-06-2004/4/{newest.version}{then}"


def written_report(place: Place, then: str = "") -> str:
    """The page of a draft of the directive's report, or one under it; made here, for the autumn has none."""
    with transaction(place.story.engine) as session:
        found = session.exec(select(IssuedReport).where(col(IssuedReport.issued_at).is_(None))).first()
        if found is None:
            writer = read_principal(session, resolve_person(session, COORDINATOR), local_date(season.NOW))
            wanted = NewPaper(ReportKind.DIRECTIVE, local_date(season.NOW), "ct-06-2004")
            found = add_draft(session, writer, wanted, now=season.NOW)
        return f"/papers/{found.id.hex}{then}"


def issued_report(place: Place) -> str:
    """The page of a report that is issued."""
    with reading(place.story.engine) as session:
        found = session.exec(select(IssuedReport).where(col(IssuedReport.issued_at).is_not(None))).first()
    if found is None:
        written = UUID(written_report(place).rsplit("/", 1)[1])
        with transaction(place.story.engine) as session:
            writer = read_principal(session, resolve_person(session, COORDINATOR), local_date(season.NOW))
            issue_report(session, writer, prepare(session, writer, written, revision=0, now=season.NOW))
        return f"/papers/{written.hex}"
    return f"/papers/{found.id.hex}"


def schedule(place: Place) -> str:
    """The page of a report that is compiled by the calendar; made here as of September, and the third quarter's."""
    began = season.START
    with transaction(place.story.engine) as session:
        found = session.exec(select(ReportSchedule)).first()
        if found is not None:
            return f"/papers/schedules/{found.id.hex}"
        who = resolve_person(session, COORDINATOR)
        wanted = ScheduleWanted(
            ReportKind.DIRECTIVE, "ct-06-2004", "results", settings=ScheduleSettings(to_issuer=True)
        )
        made = make_schedule(
            session, read_principal(session, who, local_date(began)), wanted, AuditActor(began, who.id)
        ).id
        calendar = load_calendar(session)
    compile_reports(place.story.engine, now=season.NOW, calendar=calendar)
    return f"/papers/schedules/{made.hex}"


def incident(place: Place) -> str:
    """The newest incident's page: the drill of that morning."""
    with reading(place.story.engine) as session:
        newest = session.exec(select(Incident).order_by(col(Incident.declared_at).desc())).first()
        assert newest is not None
        return f"/directives/ct-06-2004/incidents/{newest.id}"


def mailed_link(place: Place, purpose: MailedPurpose) -> str:
    """The link that an invitation or a reset carries, of one that is made for looking at it."""
    with transaction(place.story.engine) as session:
        secret = issue(session, resolve_person(session, "le.thi.c"), purpose, now=place.now)
        key = link_key(session)
    return f"/{purpose}/{sign_mailed(key, secret.id)}"


def ask_for_code(page: Page) -> None:
    """On the sign-in page: a code by mail."""
    page.get_by_role("textbox").first.fill("le.thi.c")
    page.locator("button[formaction='/sign-in/code']").click()


def begin_second_step(page: Page) -> None:
    """On the page of the second step: the picture that an app scans."""
    page.locator("form[action='/account/second-step/begin'] button").click()


def newest_letter(place: Place) -> str:
    """The newest letter's page in the local mailbox."""
    return f"/mail/{read_mailbox(place.story.settings.mailbox)[-1].path.stem}"


def sent_letter(place: Place) -> str:
    """The page of the newest letter with an attachment that a unit got."""
    with reading(place.story.engine) as session:
        query = select(Letter).where(Letter.kind == LetterKind.ASSIGNED, Letter.state == LetterState.SENT)
        return f"/letters/{session.exec(query.order_by(col(Letter.slot).desc())).first().id.hex}"  # type: ignore[union-attr]


def dead_letter(place: Place) -> str:
    """The page that sends a letter again which found no mailbox."""
    with reading(place.story.engine) as session:
        found = session.exec(select(Letter).where(Letter.state == LetterState.FAILED)).first()
        assert found is not None
        return f"/letters/{found.id.hex}/resend"


def opened_result(place: Place) -> str:
    """The inbox with the oldest result opened."""
    return f"/inbox?open={_waiting_results(place)[0].id.hex}"


def ticked_results(place: Place) -> str:
    """What is looked at before results are approved together."""
    return "/inbox/approve?" + "&".join(f"t={one.id.hex}" for one in _waiting_results(place))


def _waiting_results(place: Place) -> list[Result]:
    with reading(place.story.engine) as session:
        query = select(Result).join(Task, col(Task.id) == col(Result.task_id))
        query = query.where(col(Result.decision).is_(None), Task.status == TaskStatus.SUBMITTED)
        return list(session.exec(query.order_by(col(Result.id))))


def newest_launch(place: Place) -> str:
    """The page that takes the newest launch back."""
    with reading(place.story.engine) as session:
        launch = session.exec(select(Launch).order_by(col(Launch.launched_at).desc()).limit(1)).one()
        return f"/directives/ct-06-2004/launches/{launch.id}/take-back"


def waiting_files(place: Place) -> str:
    """What register files would change that the administrator has sent and not confirmed."""
    units = "code,name,kind,phone\nVU-VT,Vụ Viễn thông,department,024 1234\nSGT,Công ty Sài Gòn,enterprise,028 5678\n"
    return f"/admin/register/{waiting(place, units=('don-vi.csv', units))}"


def waiting_days(place: Place) -> str:
    """What a decision would do to the calendar that the administrator has typed and not confirmed."""
    days = "23/10/2026, off, Nghỉ bù\n24/10/2026, working, Làm bù"
    reason = "Thông báo 15/TB-BNV"
    return f"/admin/calendar/changes/{waiting(place, days=('days.txt', days), reason=('reason.txt', reason))}"


def some_deeds(place: Place) -> str:
    """The audit's page, with something in it."""
    with transaction(place.story.engine) as session:
        audit_actor = AuditActor(place.now, resolve_person(session, ADMINISTRATOR).id, "192.0.2.7")
        audit_actor.note(session, "unit_changed", "CTY-H", {"phone": ["(08) 000 0214", "028 3823 0000"]})
        audit_actor.note(session, "register_imported", "don-vi.xlsx", {"units": {"added": 3, "changed": 12}})
    return "/admin/audit"


def waiting(place: Place, **files: tuple[str, str]) -> str:
    """The token of files that the administrator has sent."""
    with reading(place.story.engine) as session:
        person_id = resolve_person(session, ADMINISTRATOR).id
    kept = {name: (file, content.encode()) for name, (file, content) in files.items()}
    return keep_files(place.story.settings.data, person_id, kept, now=place.now)


PAGES: tuple[Shown, ...] = (
    Shown("sign-in", "/sign-in", dark=True),
    Shown("sign-in-code", "/sign-in/code", "/sign-in", steps=ask_for_code),
    Shown("forgotten", "/forgotten"),
    Shown("invitation", "/invitation/{token}", lambda place: mailed_link(place, MailedPurpose.INVITATION)),
    Shown("reset", "/reset/{token}", lambda place: mailed_link(place, MailedPurpose.RESET)),
    Shown("account", "/account", who="le.thi.c", dark=True),
    Shown("your-letters", "/account/letters", who="le.thi.c", dark=True),
    Shown("second-step", "/account/second-step", who="le.thi.c"),
    Shown("second-step-setup", "/account/second-step", who="le.thi.d", steps=begin_second_step),
    Shown("admin", "/admin", who=ADMINISTRATOR, how_to=1280),
    Shown("admin-check-up", "/admin/check-up", who=ADMINISTRATOR),
    Shown("admin-units", "/admin/units", who=ADMINISTRATOR),
    Shown("admin-unit-new", "/admin/units/new", who=ADMINISTRATOR),
    Shown("admin-unit", "/admin/units/{code}", "/admin/units/VU-VT", who=ADMINISTRATOR),
    Shown("admin-unit-edit", "/admin/units/{code}/edit", "/admin/units/VU-VT/edit", who=ADMINISTRATOR),
    Shown("admin-unit-retire", "/admin/units/{code}/retire", "/admin/units/VU-PC/retire", who=ADMINISTRATOR),
    Shown("admin-office", "/admin/units/{code}/offices/{office}", "/admin/units/VU-VT/offices/head", who=ADMINISTRATOR),
    Shown("admin-people", "/admin/people", who=ADMINISTRATOR),
    Shown("admin-person-new", "/admin/people/new", who=ADMINISTRATOR),
    Shown("admin-person", "/admin/people/{code}", "/admin/people/ly.viet.hung", who=ADMINISTRATOR),
    Shown("admin-person-edit", "/admin/people/{code}/edit", "/admin/people/le.thi.c/edit", who=ADMINISTRATOR),
    Shown("admin-person-retire", "/admin/people/{code}/retire", "/admin/people/le.thi.c/retire", who=ADMINISTRATOR),
    Shown("admin-officer-tasks", "/admin/people/{code}/tasks", "/admin/people/chu.tuan.kien/tasks", who=ADMINISTRATOR),
    Shown("admin-register", "/admin/register", who=ADMINISTRATOR),
    Shown("admin-register-preview", "/admin/register/{token}", waiting_files, who=ADMINISTRATOR),
    Shown("admin-templates", "/admin/templates", who=ADMINISTRATOR),
    Shown(
        "admin-template",
        "/admin/templates/{code}/{path}",
        "/admin/templates/ct-06-2004/3",
        who=ADMINISTRATOR,
        dark=True,
        how_to=1280,
    ),
    Shown("admin-template-version", TEMPLATE_VERSION, template_draft, who=ADMINISTRATOR, dark=True),
    Shown(
        "admin-template-publish",
        f"{TEMPLATE_VERSION}/publish",
        lambda place: template_draft(place, "/publish"),
        who=ADMINISTRATOR,
    ),
    Shown(
        "admin-template-retire",
        f"{TEMPLATE_VERSION}/retire",
        "/admin/templates/ct-06-2004/3/1/retire",
        who=ADMINISTRATOR,
    ),
    Shown("admin-jobs", "/admin/jobs", who=ADMINISTRATOR),
    Shown("admin-job", "/admin/jobs/{name}", "/admin/jobs/summaries", who=ADMINISTRATOR),
    Shown("admin-letters", "/admin/letters", who=ADMINISTRATOR, dark=True),
    Shown("admin-alerts", "/admin/alerts", who=ADMINISTRATOR),
    Shown("admin-audit", "/admin/audit", some_deeds, who=ADMINISTRATOR),
    Shown("setup", "/setup", who=ADMINISTRATOR),
    Shown("setup-organisation", "/setup/organisation", who=ADMINISTRATOR),
    Shown("setup-administrator", "/setup/administrator", who=ADMINISTRATOR),
    Shown("setup-units", "/setup/units", who=ADMINISTRATOR),
    Shown("setup-mail", "/setup/mail", who=ADMINISTRATOR),
    Shown("setup-directive", "/setup/directive", who=ADMINISTRATOR),
    Shown("admin-mail", "/admin/mail", who=ADMINISTRATOR),
    Shown("admin-replies", "/admin/replies", a_reply_was_read, who=ADMINISTRATOR, dark=True),
    Shown("admin-reply", "/admin/replies/{reply_id}", read_reply_page, who=ADMINISTRATOR),
    Shown("reply", "/r/{token}", lambda place: reply_link(place, several=False), dark=True),
    Shown("reply-which", "/r/{token}", lambda place: reply_link(place, several=True)),
    Shown("reply-of-task", "/r/{token}/{number}", lambda place: reply_link(place, several=True) + "/1"),
    Shown("admin-mail-connection", "/admin/mail/connection", who=ADMINISTRATOR),
    Shown("admin-mail-edit", "/admin/mail/edit", who=ADMINISTRATOR),
    Shown("admin-calendar", "/admin/calendar", who=ADMINISTRATOR, dark=True),
    Shown("admin-calendar-edit", "/admin/calendar/edit", who=ADMINISTRATOR),
    Shown("admin-calendar-preview", "/admin/calendar/changes/{token}", waiting_days, who=ADMINISTRATOR),
    Shown(
        "admin-template-letter",
        f"{TEMPLATE_VERSION}/letter",
        lambda place: template_draft(place, "/letter?rung=due_soon"),
        who=ADMINISTRATOR,
    ),
    Shown("admin-letter-texts", "/admin/letter-texts", who=ADMINISTRATOR),
    Shown(
        "admin-letter-text",
        "/admin/letter-texts/{name}/{language}",
        "/admin/letter-texts/intro.reminder/vi",
        who=ADMINISTRATOR,
        dark=True,
    ),
    Shown("mailbox", "/mail"),
    Shown("letter", "/mail/{name}", newest_letter),
    Shown("link", "/v/{token}", lambda place: link(place, place.story.task("2", "CTY-L"), "dinh.hoang.long")),
    Shown(
        "link-moved-on",
        "/v/{token}",
        lambda place: link(place, place.story.task("2", "T-DD"), "do.bao.lam"),
        who="do.bao.lam",
    ),
    Shown("today", "/", who=COORDINATOR, dark=True),
    Shown("today-of-a-head", "/", who="dinh.hoang.long"),
    Shown("today-of-an-administrator", "/", who=ADMINISTRATOR),
    Shown("today-of-an-observer", "/", who=OBSERVER),
    Shown("today-of-a-clerk", "/", who=CLERK),
    Shown("tasks", "/tasks", who=COORDINATOR, dark=True),
    Shown("work", "/work", who="dinh.hoang.long", dark=True, how_to=390),
    Shown("work-of-a-stand-in", "/work", who="doan.duy.khanh"),
    Shown("task-late", "/tasks/{name}", task_of("2", "CTY-L"), who="dinh.hoang.long", dark=True, how_to=390),
    Shown("task-blocked", "/tasks/{name}", task_of("2", "T-DD"), who="tran.manh.cuong"),
    Shown("task-handed-on", "/tasks/{name}", task_of("2", "T-LT"), who="duong.trong.nghia"),
    Shown("task-to-decide", "/tasks/{name}", task_of("4", "VU-KHTC"), who="le.thi.c"),
    Shown("conversation", f"{TALK}", talks.on_task, who=talks.HEAD, dark=True),
    Shown(
        "conversation-answer",
        f"{TALK}",
        lambda place: talks.on_task(place, f"?answer={talks.message(talks.OPEN).hex}"),
        who=COORDINATOR,
    ),
    Shown("conversation-answers", f"{TALK}/answers", lambda place: talks.on_task(place, "/answers"), who=talks.HEAD),
    Shown(
        "conversation-edit",
        f"{TALK}/{{message_id}}/edit",
        lambda place: talks.on_task(place, f"/{talks.message(talks.NEWEST).hex}/edit"),
        who=COORDINATOR,
    ),
    Shown(
        "conversation-published",
        f"{TALK}/{{message_id}}/publish",
        lambda place: talks.on_task(place, f"/{talks.message(talks.ANSWERED).hex}/publish"),
        who=COORDINATOR,
    ),
    Shown("conversation-directive", f"{OF_DIRECTIVE}/conversation", talks.on_directive, who=COORDINATOR),
    Shown("conversation-directive-unit", f"{OF_DIRECTIVE}/conversation", talks.on_directive, who=talks.HEAD),
    Shown(
        "conversation-directive-answers",
        f"{OF_DIRECTIVE}/conversation/answers",
        lambda place: talks.on_directive(place, "/answers"),
        who=OBSERVER,
    ),
    Shown(
        "conversation-directive-edit",
        f"{OF_DIRECTIVE}/conversation/{{message_id}}/edit",
        lambda place: talks.on_directive(place, f"/{talks.message(talks.NEWEST, False).hex}/edit"),
        who=COORDINATOR,
    ),
    Shown(
        "conversation-directive-publish",
        f"{OF_DIRECTIVE}/conversation/{{message_id}}/publish",
        lambda place: talks.on_directive(place, f"/{talks.message(talks.ANSWERED, False).hex}/publish"),
        who=COORDINATOR,
    ),
    Shown("absences", "/absences", who="ly.viet.hung"),
    Shown("absences-of-others", "/absences", who="doan.duy.khanh"),
    Shown("accept", "/tasks/{name}/{action}", task_of("2", "CTY-L", "/accept"), who="dinh.hoang.long"),
    Shown("submit", "/tasks/{name}/{action}", task_of("3", "CTY-E", "/submit"), who="nguyen.thanh.tung", dark=True),
    Shown("submit-classified", "/tasks/{name}/{action}", task_of("2", "CTY-L", "/submit"), who="dinh.hoang.long"),
    Shown("ask-extension", "/tasks/{name}/{action}", task_of("3", "CTY-M", "/ask-extension"), who="ta.chi.thanh"),
    Shown("cascade", "/tasks/{name}/{action}", task_of("2", "T-LT", "/cascade"), who="duong.trong.nghia"),
    Shown("approve", "/tasks/{name}/{action}", task_of("4", "VU-KHTC", "/approve"), who="le.thi.c"),
    Shown("not-now", "/tasks/{name}/{action}", task_of("2", "T-DD", "/accept"), who="tran.manh.cuong", status=409),
    Shown("done", "/tasks/{name}/{action}/done/{history_id}", receipt, who="tran.manh.cuong"),
    Shown("task-drill", "/tasks/{name}", task_of("2.c", "CTY-M"), who="le.thi.c"),
    Shown("link-unknown", "/v/{token}", "/v/made-up", status=404),
    Shown("refused", "/launch", who=ADMINISTRATOR, status=403, dark=True),
    Shown("pictures", "/reports/pictures", who=OBSERVER, dark=True),
    Shown("ladder", "/reports/pictures/ladder", "/reports/pictures/ladder?directive=ct-06-2004&duty=4", who=OBSERVER),
    Shown("inbox", "/inbox", who=COORDINATOR, dark=True, how_to=1280),
    Shown("inbox-opened", "/inbox", opened_result, who=COORDINATOR),
    Shown("inbox-approve", "/inbox/approve", ticked_results, who=COORDINATOR),
    Shown("letters", "/letters", who=COORDINATOR),
    Shown("letters-to-come", "/letters/coming", background_jobs.coming, who=COORDINATOR, dark=True),
    Shown(
        "letter-to-come",
        "/letters/coming/{job_id}/{number}",
        lambda place: background_jobs.coming(place, letter=True),
        who=COORDINATOR,
    ),
    Shown("sent-letter", "/letters/{letter_id}", sent_letter, who=ADMINISTRATOR),
    Shown("resend-letter", "/letters/{letter_id}/resend", dead_letter, who=ADMINISTRATOR),
    Shown("directives", "/directives", who=COORDINATOR, dark=True),
    Shown("board", "/directives/{code}", "/directives/ct-06-2004", who=COORDINATOR, dark=True, how_to=1280),
    Shown("board-filtered", "/directives/{code}", "/directives/ct-06-2004?duty=2&state=open_overdue", who=COORDINATOR),
    Shown("board-choosing", "/directives/{code}", "/directives/ct-06-2004?select=1", who=COORDINATOR),
    Shown("timeline", "/directives/{code}/timeline", "/directives/ct-06-2004/timeline", who=COORDINATOR, dark=True),
    Shown("dates", "/calendar", "/calendar?month=2026-10", who=COORDINATOR, dark=True),
    Shown("bulk", "/directives/{code}/bulk", "/directives/ct-06-2004/bulk?action=remind&duty=2", who=COORDINATOR),
    Shown(
        "bulk-date", "/directives/{code}/bulk", "/directives/ct-06-2004/bulk?action=set-date&duty=2", who=COORDINATOR
    ),
    Shown("bulk-result", "/directives/{code}/bulk/{job_id}", background_jobs.bulk, who=COORDINATOR),
    Shown("directive-unit", "/directives/{code}/units/{unit}", "/directives/ct-06-2004/units/TCT-T", who=COORDINATOR),
    Shown("directive-text", "/directives/{code}/text", "/directives/ct-06-2004/text", who=COORDINATOR),
    Shown("directive-launches", "/directives/{code}/launches", "/directives/ct-06-2004/launches", who=COORDINATOR),
    Shown("launch-take-back", "/directives/{code}/launches/{launch_id}/take-back", newest_launch, who=COORDINATOR),
    Shown("incidents", f"{OF_DIRECTIVE}/incidents", f"{CT_06}/incidents", who=COORDINATOR),
    Shown("incident-declare", f"{OF_DIRECTIVE}/incidents/declare", f"{CT_06}/incidents/declare", who=COORDINATOR),
    Shown(
        "incident-check",
        f"{OF_DIRECTIVE}/incidents/check",
        f"{CT_06}/incidents/check?title=Đứt+cáp+quang&kind=earnest&duty=2.a&unit=CTY-L&unit=CTY-M",
        who=COORDINATOR,
    ),
    Shown("incident", f"{OF_DIRECTIVE}/incidents/{{incident_id}}", incident, who=COORDINATOR, dark=True),
    Shown(
        "inspections", "/inspections", lambda place: f"{inspection_at()(place)[:12]}?directive=ct-06-2004", COORDINATOR
    ),
    Shown("inspection-of-which", "/inspections/plan", who=COORDINATOR),
    Shown("inspection-plan", "/inspections/plan", f"/inspections/plan?{INSPECTED}", who=COORDINATOR),
    Shown("inspection-check", "/inspections/check", f"/inspections/check?{INSPECTED}", who=COORDINATOR),
    Shown("inspection", "/inspections/{inspection_id}", inspection_at(), who=COORDINATOR, dark=True),
    Shown("inspection-sent", "/inspections/{inspection_id}", inspection_at(SENT), who=COORDINATOR, how_to=1280),
    Shown("inspection-of-a-unit", "/inspections/{inspection_id}", inspection_at(SENT), who="dinh.hoang.long"),
    Shown("inspection-find", OF_INSPECTED, inspection_at(then="/units/CTY-M"), who="duong.thanh.tung", dark=True),
    Shown("inspection-found", OF_INSPECTED, inspection_at(SENT, "/units/CTY-L"), who="dinh.hoang.long"),
    Shown(
        "inspection-correct",
        f"{OF_INSPECTED}/questions/{{number}}",
        inspection_at(then="/units/CTY-M/questions/2"),
        who="duong.thanh.tung",
    ),
    Shown("papers", "/papers", lambda place: written_report(place, "")[:7], who=COORDINATOR),
    Shown("report-schedules", "/papers/schedules", lambda place: schedule(place)[:17], who=COORDINATOR),
    Shown("report-schedule-new", "/papers/schedules/new", "/papers/schedules/new", who=COORDINATOR),
    Shown("report-schedule", "/papers/schedules/{schedule_id}", lambda place: schedule(place), who=COORDINATOR),
    Shown("paper", "/papers/{report_id}", lambda place: written_report(place), who=COORDINATOR, dark=True),
    Shown("paper-issue", "/papers/{report_id}/issue", lambda place: written_report(place, "/issue"), who=COORDINATOR),
    Shown("paper-issued", "/papers/{report_id}", lambda place: issued_report(place), who=COORDINATOR),
    Shown("briefing", f"{OF_DIRECTIVE}/briefing", f"{CT_06}/briefing", who=COORDINATOR),
    Shown("report", "/reports", who=COORDINATOR, dark=True),
    Shown("report-units", "/reports", "/reports?directive=all&by=unit", who=COORDINATOR),
    Shown("report-partners", "/reports", "/reports?directive=all&by=partner", who=COORDINATOR),
    Shown("report-tasks", "/reports/tasks", "/reports/tasks?directive=all&figure=open_overdue", who=COORDINATOR),
    Shown("scorecards", "/scorecards", who=OBSERVER, dark=True),
    Shown("scorecards-of-ones-own", "/scorecards", "/scorecards?every=month", who="bui.thi.tam"),
    Shown("scorecard", "/scorecards/units/{code}", "/scorecards/units/TCT-T", who=COORDINATOR, dark=True),
    Shown("warnings", "/warnings", who=COORDINATOR, dark=True),
    Shown("launch", "/launch", who=COORDINATOR),
    Shown("launch-duties", "/launch/{code}", "/launch/ct-06-2004", who=COORDINATOR, dark=True),
    *(
        Shown(f"launch-{step}", f"/launch/{{code}}/{step}", f"/launch/ct-06-2004/{step}?{LAUNCHED}", who=COORDINATOR)
        for step in ("audience", "dates", "preview", "check")
    ),
    Shown("by-hand", "/launch/by-hand", who=COORDINATOR),
    Shown("coming-in", "/intake", who=COORDINATOR),
    Shown("review", "/intake/{intake_id}", in_review, COORDINATOR, dark=True, how_to=1280),
    Shown("review-of-a-scan", "/intake/{intake_id}", scans.in_review, COORDINATOR, dark=True),
    Shown("scan", "/background-jobs/{job_id}", scans.waiting, COORDINATOR),
    Shown("review-message", "/intake/{intake_id}", message_in_review, COORDINATOR),
    Shown("tables", "/intake/tables", who=COORDINATOR),
    Shown("table-columns", "/intake/tables/{table_id}/columns", table_at("/columns"), COORDINATOR),
    Shown("table-rows", "/intake/tables/{table_id}", table_at(), COORDINATOR, dark=True),
    Shown("request", "/launch/{code}/request", "/launch/ct-06-2004/request", who=COORDINATOR),
    Shown("difficulty", "/difficulty", who="nguyen.thanh.tung"),
    Shown("preview", "/launch/{code}/preview/{job_id}", background_jobs.preview, who=COORDINATOR, how_to=1280),
    Shown("preview-day", "/launch/{code}/preview/{job_id}/day/{day}", background_jobs.preview_day, who=COORDINATOR),
    Shown(
        "preview-print",
        "/launch/{code}/preview/{job_id}/print",
        lambda place: background_jobs.preview(place, "/print"),
        who=COORDINATOR,
    ),
    Shown("background-job-done", "/background-jobs/{job_id}", background_jobs.launched, who=COORDINATOR),
    Shown("background-job-waiting", "/background-jobs/{job_id}", background_jobs.waiting, who=COORDINATOR),
    Shown("wall", "/directives/{code}/wall", "/directives/ct-06-2004/wall?pause=1", who=OBSERVER, how_to=1280),
    *(
        Shown(
            f"wall-{face}", "/directives/{code}/wall", f"/directives/ct-06-2004/wall?pause=1&face={face}", who=OBSERVER
        )
        for face in ("units", "week", "progress", "directives")
    ),
    Shown("wall-light", "/directives/{code}/wall", "/directives/ct-06-2004/wall?pause=1&look=light", who=OBSERVER),
    Shown("search", "/search", who=COORDINATOR),
    Shown("search-found", "/search", "/search?q=mục+2", who=COORDINATOR, dark=True),
    Shown("search-nothing", "/search", "/search?q=không+có+gì", who="dinh.hoang.long"),
    Shown("receipts", "/receipts", who=CLERK),
    Shown("receipts-found", "/receipts", "/receipts?q=mục+2", who=CLERK, how_to=390),
    Shown("receipt", "/receipts/{task_id}", lambda place: f"/receipts/{place.story.task('2', 'CTY-L').id}", who=CLERK),
    Shown("help", "/help", who="le.thi.c"),
    *(Shown(f"help-{name}", "/help/{name}", f"/help/{name}") for name in GUIDES),
    Shown("tokens", "/account/tokens", who="le.thi.c"),
    Shown("calendar", "/account/calendar", who="le.thi.c"),
    Shown("api-docs", "/api/v1/docs"),
    Shown("admin-roots", "/admin/roots", who=ADMINISTRATOR),
    Shown("notifications", "/notifications", who=COORDINATOR, dark=True),
    Shown("notifications-unread", "/notifications", "/notifications?show=unread", who="dinh.hoang.long"),
    Shown("admin-channels", "/admin/channels", gateway("/admin/channels"), who=ADMINISTRATOR),
    Shown("admin-channel", "/admin/channels/{gateway_id}", gateway("/admin/channels/{id}"), who=ADMINISTRATOR),
    Shown("admin-channel-new", "/admin/channels/new", who=ADMINISTRATOR),
    Shown(
        "admin-channel-edit",
        "/admin/channels/{gateway_id}/edit",
        gateway("/admin/channels/{id}/edit"),
        who=ADMINISTRATOR,
    ),
    Shown("admin-webhooks", "/admin/webhooks", who=ADMINISTRATOR),
    Shown("admin-webhook", "/admin/webhooks/{webhook_id}", webhook, who=ADMINISTRATOR),
)
