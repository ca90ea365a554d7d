"""A person with an odd name who lives through every kind of act, letter and sign-in, and then leaves."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col, delete

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.inspections.inspection import Verdict
from models.letters.bounce import Bounce, BounceAction
from models.letters.letter import Letter, LetterState
from models.letters.letter_preference import Matter, Pace
from models.operations.alert import AlertKind
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState, JobPart
from models.organization.access import KeptAnswer
from models.organization.account import Account, MailedPurpose, Proof
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person
from models.replies.reply import Reply, ReplyDraft, ReplyState, ReplyWhy
from models.tasks.act_inputs import MessageEdit, MessageInput, Publication
from models.tasks.evidence_files import GivenFile
from models.tasks.task import Contribution, Task
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.inspecting import Team
from tests.office import COORDINATOR, ON, Office, at
from workflows.access.access_tokens import make_token
from workflows.access.accounts.mailed import issue
from workflows.access.accounts.passwords import Checked, begin_try, end_try, set_password
from workflows.access.accounts.sign_in import admit
from workflows.access.accounts.throttle import RequestOrigin
from workflows.access.accounts.totp import begin_totp
from workflows.access.audit_log import AuditActor
from workflows.access.calendar_feed import open_feed
from workflows.access.letter_choices import choose_letters
from workflows.access.rights import read_principal
from workflows.inspections.findings import NewFinding
from workflows.jobs.simulate import RecordedSender
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.operations.setup import BUNDLED
from workflows.organization.register.absence import add_absence
from workflows.organization.register.editing import add_person, change_person
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import retire_person
from workflows.queue.alerts import raise_alert
from workflows.tasks.conversation.post import edit_message, post_message, publish_answer
from workflows.worklists.saved_views import save_view

CODE, NAME, MAIL, PHONE = "zoltan.xq", "Zoltan Quỷnh Xừ", "zz.odd@odd.example", "0909-717-171"
TITLE, WORDS, PLACE = "Chuyên viên Zwx", "lời riêng Zwx", "203.0.113.77"
NEEDLES = (NAME, CODE, MAIL, PHONE, "Quỷnh", "zoltan", TITLE, WORDS, PLACE)
UNIT, BEFORE = "VU-KHTC", "luong.thi.ngan"
CALLER = RequestOrigin(address=PLACE, device="Firefox Zwx")


class RefusesOnce(RecordedSender):
    """A mail server that says the name and the address back."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == MAIL:
            return Attempt(SendOutcome.PERMANENT, 550, f"5.2.1 <{MAIL}> {NAME}: mailbox disabled")
        return super().send(to_address, content)


@dataclass
class Life:
    """Tells it, and looks for what is left of it."""

    office: Office

    def live(self, folder: Path) -> Person:
        """From the first day to retirement."""
        self._arrive()
        self.office.launch("4", "2.a")
        self.office.tick(ON)
        self._sign_in()
        self._do(folder)
        self._follow()
        self._in_the_register()
        self._inspect()
        self._leave()
        with reading(self.office.engine) as session:
            return resolve_person(session, CODE)

    def _change(self, verb: Callable[[Session], object]) -> None:
        with transaction(self.office.engine) as session:
            verb(session)

    def _arrive(self) -> None:
        cells = {"full_name": NAME, "code": CODE, "email": MAIL, "phone": "1", "title": TITLE, "unit": UNIT}
        self._change(lambda session: add_person(session, cells, AuditActor(at(28, 5))))
        self._change(lambda session: change_person(session, CODE, {"phone": PHONE}, AuditActor(at(28, 5))))
        self._hand_over(UNIT, CODE)

    def _hand_over(self, unit: str, to: str, day: int = 28, month: int = 5) -> None:
        now = at(day, month)
        self._change(
            lambda session: hand_over(
                session,
                unit_code=unit,
                office="head",
                to_code=to,
                effective_on=now.date(),
                now=now,
                audit_actor=AuditActor(now),
            )
        )

    def _sign_in(self) -> None:
        with transaction(self.office.engine) as session:
            me, now = resolve_person(session, CODE), at(1, hour=10)
            principal = read_principal(session, me, now.date())
            set_password(session, me.id, "một câu đủ dài để nhớ", now=now, address=PLACE)
            admit(session, me, Proof.PASSWORD, CALLER, self.office.settings, now=now)
            begin_totp(session, me)
            session.get_one(Account, me.id).oidc_subject = f"https://id.example {MAIL}"
            make_token(session, principal, f"máy của {NAME}", ["read"], now + timedelta(days=30), now=now)
            open_feed(session, principal, now=now)
            save_view(session, me, f"việc của {NAME}", "show=late", is_shared=True, now=now)
            choose_letters(session, me.id, {Matter.NEWS: Pace.MORNING}, (690, 810), now=now)
            issue(session, me, MailedPurpose.RESET, now=now)
            end_try(session, begin_try(session, CODE, CALLER, now), Checked(is_right=False), CALLER, now)
            body = json.dumps({"full_name": NAME}, ensure_ascii=False).encode()
            session.add(
                KeptAnswer(
                    person_id=me.id,
                    key="k",
                    request_hash="0" * 64,
                    kept_at=now,
                    status=200,
                    media_type="application/json",
                    body=body,
                )
            )
            errand = BackgroundJob(
                kind=LAUNCH,
                given={"reason": WORDS, "name": NAME},
                asked_by=me.id,
                asked_at=now,
                not_before=now,
                state=BackgroundJobState.DONE,
                finished_at=now,
            )
            session.add(errand)
            session.flush()
            session.add(JobPart(errand_id=errand.id, name="day", content={"told": [NAME]}))
        self.office.tick(at(1, hour=10, minute=5))

    def _do(self, folder: Path) -> None:
        """As the head who leads duty 4."""
        act, task = self.office.act, self.office.task()
        act(task, "accept", CODE, at(2))
        act(task, "progress", CODE, at(2, hour=9), note=WORDS)
        act(task, "not-ours", CODE, at(2, hour=10), note=WORDS, to="VU-PC")
        act(task, "keep-lead", COORDINATOR, at(2, hour=11), note="vẫn là Vụ KHTC")
        act(task, "ask-extension", CODE, at(3), due=date(2004, 7, 15), note=WORDS)
        act(task, "refuse-extension", COORDINATOR, at(3, hour=9), note="đủ thời gian")
        act(task, "raise-obstacle", CODE, at(3, hour=10), note=WORDS)
        act(task, "answer-obstacle", "le.thi.d", at(4), note="đã gửi số liệu")
        file = folder / f"báo cáo của {NAME}.txt"
        file.write_text("Báo cáo", encoding="utf-8")
        given = {"number": "12/BC", "date": date(2004, 6, 4), "subject": f"Báo cáo của {NAME}", "signer": NAME}
        act(task, "submit", CODE, at(4, hour=9), file=(GivenFile.at(file),), note=WORDS, **given)
        act(task, "return", COORDINATOR, at(4, hour=10), note="thiếu phụ lục")
        self._converse(folder)
        self.office.tick(at(7))
        self._contribute(task)

    def _converse(self, folder: Path) -> None:
        """Messages with files and mentions, read and changed; a question that is answered and published."""
        office, task = self.office, self.office.task()
        file = folder / f"bảng kê của {NAME}.txt"
        file.write_text("Bảng kê", encoding="utf-8")

        def say(session: Session, by: str, text: str, minute: int, **given: Any) -> Any:
            person = resolve_person(session, by)
            return post_message(
                office.acting(session, person, at(4, hour=11, minute=minute)),
                MessageInput(text=text, **given),
                task_id=task.id,
                directive_id=task.directive_id,
            ).message_id

        with transaction(office.engine) as session:
            me, follower = resolve_person(session, CODE), resolve_person(session, COORDINATOR)
            mine = say(session, CODE, WORDS, 0, file=(GivenFile.at(file),))
            edit_message(session, me, MessageEdit(text=f"{WORDS}!"), message_id=mine, now=at(4, hour=11, minute=1))
            asked = say(session, CODE, WORDS, 2, question=True)
            answered = say(session, COORDINATOR, "dùng mẫu 02", 3, answers=asked, mention=(CODE,))
            publish_answer(
                office.acting(session, follower, at(4, hour=11, minute=4)), Publication(), message_id=answered
            )

    def _contribute(self, task: Task) -> None:
        unit = self.office.unit("VU-PC")
        head = next(p for p in self._people() if p.id == unit.head_id)
        self._change(lambda session: session.add(Contribution(task_id=task.id, unit_id=unit.id, note="")))
        self._hand_over("VU-PC", CODE, 7, 6)
        self.office.act(task, "contribute", CODE, at(7, hour=9), note=WORDS)
        self._hand_over("VU-PC", head.code, 7, 6)

    def _follow(self) -> None:
        """As a coordinator, of the same task: its head is another by now."""
        self._hand_over(UNIT, BEFORE, 8)
        with transaction(self.office.engine) as session:
            held = select(col(PersonRole.unit_id)).where(col(PersonRole.role) == Role.COORDINATOR)
            whose = resolve_person(session, COORDINATOR).id
            unit_id = session.scalars(held.where(col(PersonRole.person_id) == whose)).first()
            assert unit_id is not None
            me = resolve_person(session, CODE)
            session.add(PersonRole(person_id=me.id, role=Role.COORDINATOR, unit_id=unit_id))
        act, task = self.office.act, self.office.task()
        act(task, "change-coordinator", COORDINATOR, at(8, hour=9), to=CODE)
        act(task, "remind", CODE, at(8, hour=10), note=WORDS)
        act(task, "telephone", CODE, at(8, hour=11), answered_by="Chị Ngân", note=WORDS)
        act(task, "press-signed", CODE, at(8, hour=11), number="5/BBCVT", date=date(2004, 6, 8), signer=NAME)
        act(task, "ask-extension", BEFORE, at(9), due=date(2004, 7, 15), note="cần thêm số liệu")
        act(task, "grant-extension", CODE, at(9, hour=9), note=WORDS)
        act(task, "set-date", CODE, at(9, hour=10), due=date(2004, 7, 20), note=WORDS)
        act(task, "raise-obstacle", BEFORE, at(9, hour=11), note="thiếu số liệu")
        act(task, "answer-obstacle", CODE, at(9, hour=14), note=WORDS)
        self._incident()
        self.office.tick(at(10))
        act(task, "change-coordinator", CODE, at(10, hour=9), to=COORDINATOR, note=WORDS)
        act(task, "telephone", COORDINATOR, at(10, hour=10), answered_by=NAME)
        with transaction(self.office.engine) as session:
            session.execute(delete(PersonRole).where(col(PersonRole.person_id) == resolve_person(session, CODE).id))

    def _incident(self) -> None:
        with transaction(self.office.engine) as session:
            me, directive = resolve_person(session, CODE), find_directive(session, BUNDLED)
            incident, _created = declare(
                self.office.acting(session, me, at(9, hour=15)),
                directive,
                title="Sự cố tuyến cáp",
                is_drill=False,
                unit_ids=[self.office.unit("T-LT").id],
                paths=["2.a"],
            )
            stand_down(self.office.acting(session, me, at(9, hour=16)), incident, reason=WORDS)

    def _inspect(self) -> None:
        """At the head of a team, whose decision names them."""
        self._change(lambda session: change_person(session, CODE, {"roles": ""}, AuditActor(at(10, hour=11))))
        team = Team.plan(self.office, now=at(10, hour=12), lead=CODE)
        said = NewFinding(Verdict.MET, WORDS)
        for unit, day in (("CTY-L", 15), ("CTY-M", 16)):
            team.find(unit, at(day, hour=10), by=CODE, q1=said, q2=said, q3=said)
        team.send(at(17), by=CODE)
        team.close(at(18))

    def _in_the_register(self) -> None:
        with transaction(self.office.engine) as session:
            add_absence(
                session,
                person_code=CODE,
                stand_in_code="ta.ba.toan",
                starts_on=date(2004, 6, 11),
                ends_on=date(2004, 6, 12),
                reason=WORDS,
                audit_actor=AuditActor(at(1)),
            )
            sent = session.scalars(_letters_to(resolve_person(session, CODE), LetterState.SENT)).first()
            assert sent is not None
            session.add(
                Bounce(
                    key="a" * 64,
                    letter_id=sent.id,
                    address_tag="12345678",
                    action=BounceAction.FAILED,
                    status="5.1.1",
                    diagnostic=f"<{MAIL}> unknown",
                    read_at=at(11),
                )
            )
            session.add(Bounce(key="b" * 64, diagnostic=f"{MAIL.upper()} is full", read_at=at(11)))
            answered = Reply(
                key="a" * 64,
                letter_id=sent.id,
                person_id=sent.recipient_id,
                read_at=at(11),
                state=ReplyState.WAITS,
                sender=MAIL,
                text=f"Tiến độ 60%. {NAME}",
            )
            session.add(answered)
            session.flush()
            draft: dict[str, Any] = {"reply_id": answered.id, "person_id": sent.recipient_id, "action": "progress"}
            session.add(ReplyDraft(**draft, given={"note": NAME}, made_at=at(11), expires_at=at(18)))
            aside, why = ReplyState.ASIDE, ReplyWhy.NO_TOKEN
            session.add(Reply(key="b" * 64, read_at=at(11), state=aside, why=why, sender=MAIL, subject=NAME))
            raise_alert(
                session,
                AlertKind.LETTER_GIVEN_UP,
                str(sent.id),
                now=at(11),
                calendar=self.office.calendar,
                facts={"reason": f"<{MAIL}> greylisted", "recipient": CODE, "attempts": 9},
            )
            issue(session, resolve_person(session, CODE), MailedPurpose.INVITATION, now=at(11, hour=9))
        self.office.tick(at(11, hour=9, minute=5), RefusesOnce())

    def _leave(self) -> None:
        self._change(lambda session: retire_person(session, CODE, at(21), AuditActor(at(21))))
        self.office.days(at(21), at(22))

    def _people(self) -> list[Person]:
        with reading(self.office.engine) as session:
            return list(session.scalars(select(Person)))

    def places(self, *needles: str) -> set[str]:
        """`table.column` of every value in the whole database in which one of them stands, letters decoded."""
        return {name for name, text in self._everything() if any(one.casefold() in text for one in needles)}

    def _everything(self) -> Iterator[tuple[str, str]]:
        with reading(self.office.engine) as session:
            for table in SQLModel.metadata.sorted_tables:
                for row in session.execute(select(table)):
                    for name, value in row._asdict().items():
                        yield f"{table.name}.{name}", _as_text(table.name, value).casefold()


def _as_text(table: str, value: Any) -> str:
    if isinstance(value, bytes) and table == "letter_content":
        message = message_from_bytes(value, policy=policy.default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        return "\n".join([*map(str, message.values()), *map(str, parts)])
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _letters_to(person: Person, state: LetterState) -> Any:
    return select(Letter).where(col(Letter.recipient_id) == person.id, col(Letter.state) == state)
