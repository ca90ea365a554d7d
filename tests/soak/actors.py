"""People who do anything that the table of transitions knows, rightly or wrongly: what is refused changes nothing."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.directives.directive import find_directive
from models.directives.launch import Incident
from models.letters.letter import Letter, LetterState, Notice
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.act_inputs import MessageEdit, MessageInput, Publication
from models.tasks.conversation import ConversationMessage
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date
from tests.simulation.world import CLERK, CONTINGENCY, COORDINATORS, DIRECTIVE, LAW, OFFICE, ONE_OFF, SECOND, World
from tests.soak.story import HAND_OVER
from workflows.access.actor_context import ActorContext
from workflows.access.rights import read_principal
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.launch_tasks import launch
from workflows.organization.register.handover import hand_over
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS
from workflows.tasks.act import act
from workflows.tasks.conversation.conversation_access import open_conversation
from workflows.tasks.conversation.post import edit_message, post_message, publish_answer
from workflows.tasks.conversation.read_marks import mark_read

_OFTEN = {Action.ACCEPT: 4, Action.SUBMIT: 6, Action.APPROVE: 8, Action.SET_DATE: 2, Action.WITHDRAW: 0.4}


class Actors:
    """What each step of people does, in one transaction; may raise what the product refuses it with."""

    def __init__(self, world: World, calendar: WorkCalendar, settings: Settings, due_in: int) -> None:
        self.world, self.calendar, self.settings, self.due_in = world, calendar, settings, due_in
        self.coordinators = {"1": COORDINATORS[0], "5": COORDINATORS[0]}

    def launch(self, session: Session, now: datetime, path: str, planned: datetime) -> None:
        """Gives a duty out; a repeat of it changes nothing."""
        days = {ONE_OFF: self.due_in, SECOND: 40}.get(path)
        launch(
            session,
            find_directive(session, DIRECTIVE),
            on=now,
            calendar=self.calendar,
            paths=[path],
            override=True,
            due_on=local_date(planned) + timedelta(days=days) if days else None,
            coordinator_id=self.world.people[self.coordinators.get(path, COORDINATORS[1])].id,
        )

    def declare(self, session: Session, now: datetime, draw: random.Random) -> None:
        """An incident or a drill with some of the units that have a contingency duty."""
        able = self.world.audience(CONTINGENCY)
        chosen = draw.sample(able, min(len(able), draw.randrange(1, 4)))
        declare(
            ActorContext(session, resolve_person(session, COORDINATORS[0]), now, self.calendar, self.settings),
            find_directive(session, DIRECTIVE),
            title="Sự cố tuyến cáp",
            is_drill=draw.random() < 0.3,
            unit_ids=[self.world.units[code].id for code in chosen],
            paths=[CONTINGENCY],
        )

    def stand_down(self, session: Session, now: datetime) -> None:
        """Ends the oldest incident."""
        query = select(Incident).where(col(Incident.stood_down_at).is_(None)).order_by(col(Incident.id)).limit(1)
        incident = session.exec(query).first()
        if incident is not None:
            stand_down(
                ActorContext(session, resolve_person(session, COORDINATORS[0]), now, self.calendar, self.settings),
                incident,
                reason="đã khắc phục",
            )

    def act(self, session: Session, now: datetime, draw: random.Random, *, is_told: bool = False) -> None:
        """Something about a task, mostly one that is open and something that may be done to it.

        `is_told`: of the open ones that letters about to leave speak of, if there are any.
        """
        query = select(Task.id).order_by(col(Task.id))
        if is_told or draw.random() < 0.95:
            query = query.where(col(Task.status).in_(OPEN_STATUSES))
        claimed = select(Letter.id).where(Letter.state == LetterState.CLAIMED)
        told = query.where(col(Task.id).in_(select(Notice.task_id).where(col(Notice.letter_id).in_(claimed))))
        tasks = (is_told and session.exec(told).all()) or session.exec(query).all()
        if not tasks:
            return
        task = session.get_one(Task, draw.choice(tasks))
        if draw.random() < 0.1:
            self._say(session, task, now, draw)
            return
        able = [action for action, spec in SPECS.items() if task.status in spec.rule.sources]
        action = draw.choices(able, [_OFTEN.get(one, 1) for one in able])[0] if able else Action.ACCEPT
        by = self._actor(session, task, action, draw)
        given = self._given(action, task, session, now, draw)
        act(
            ActorContext(session, resolve_person(session, by), now, self.calendar, self.settings),
            task.id,
            action,
            given,
        )

    def _say(self, session: Session, task: Task, now: datetime, draw: random.Random) -> None:
        """A message on a task or its directive: asked, answered, to somebody or to all; or it is read, or changed."""
        side = draw.choice((Action.PROGRESS, Action.RETURN, Action.CONTRIBUTE))
        person = resolve_person(session, self._actor(session, task, side, draw))
        last = col(ConversationMessage.written_at).desc()
        here = session.exec(
            select(ConversationMessage).where(ConversationMessage.task_id == task.id).order_by(last)
        ).all()
        if here and draw.random() < 0.3:
            principal, day = read_principal(session, person, local_date(now)), local_date(now)
            mark_read(session, open_conversation(session, principal, day, task_id=task.id), now)
            return
        if here and draw.random() < 0.2:
            edit_message(session, person, MessageEdit(text="viết lại"), message_id=here[0].id, now=now)
            return
        answered = {one.answers_id for one in here}
        asked = next((one.id for one in here if one.is_question and one.id not in answered), None)
        of_directive = draw.random() < 0.2
        given = MessageInput(
            text="trao đổi",
            question=draw.random() < 0.3,
            answers=None if of_directive or side is not Action.RETURN else asked,
            to_all=draw.random() < 0.2,
            mention=(draw.choice(sorted(self.world.people)),) if draw.random() < 0.3 else (),
        )
        done = post_message(
            ActorContext(session, person, now, self.calendar, self.settings),
            given,
            task_id=None if of_directive else task.id,
            directive_id=task.directive_id,
        )
        if given.answers is not None and draw.random() < 0.5:
            publish_answer(
                ActorContext(session, person, now, self.calendar, self.settings),
                Publication(),
                message_id=done.message_id,
            )

    def _actor(self, session: Session, task: Task, action: Action, draw: random.Random) -> str:
        if draw.random() < 0.03:
            return draw.choice(sorted(self.world.people))
        unit = session.get_one(Unit, task.lead_unit_id)
        by: dict[Relation, Callable[[], UUID | None]] = {
            Relation.HEAD: lambda: unit.head_id,
            Relation.DEPUTY: lambda: unit.deputy_id,
            Relation.FOCAL_POINT: lambda: unit.focal_point_id,
            Relation.OFFICER: lambda: task.officer_id,
            Relation.COORDINATOR: lambda: task.coordinator_id,
            Relation.RECEIVER: lambda: task.coordinator_id,
            Relation.CLERK: lambda: self.world.people[CLERK].id,
            Relation.AUTHORITY: lambda: _head(session, draw.choice((LAW, OFFICE))),
            Relation.ISSUER_OFFICE: lambda: _head(session, OFFICE),
            Relation.PARTNER: lambda: _head(session, LAW),
        }
        able = sorted(relation for relation in SPECS[action].rule.by if relation in by)
        found = by[draw.choice(able)]() if able else None
        return session.get_one(Person, found or task.coordinator_id).code

    def _given(
        self, action: Action, task: Task, session: Session, now: datetime, draw: random.Random
    ) -> dict[str, Any]:
        today = local_date(now)
        paper = {"number": "1/BC", "date": today, "signer": "Trần B"}
        day = max(today, local_date(task.due_at) if task.due_at else today) + timedelta(days=draw.randrange(1, 40))
        unit = session.get_one(Unit, task.lead_unit_id).code
        units = sorted(code for code, one in self.world.units.items() if not one.is_outside and code != unit)
        match action:
            case Action.SUBMIT | Action.CORRECT:
                return paper | {"subject": "Báo cáo"}
            case Action.RECEIVE:
                return paper | {"subject": "Báo cáo", "received_on": today}
            case Action.PRESS_SIGNED:
                return paper
            case Action.SET_DATE | Action.ASK_EXTENSION | Action.COUNTER_EXTENSION:
                return {"due": day, "note": "lý do"}
            case Action.ASSIGN:
                officers = self.world.units[unit].officers
                return {"to": officers[0] if officers else COORDINATORS[0]}
            case Action.CHANGE_LEAD:
                return {"to": draw.choice(units), "note": "chuyển"}
            case Action.CHANGE_COORDINATOR:
                return {"to": draw.choice(COORDINATORS)}
            case Action.TELEPHONE:
                return {"answered_by": "văn thư"}
            case Action.CASCADE:
                return {"units": [draw.choice(units)]}
            case _:
                return {"note": "lý do"}

    def change(self, session: Session, now: datetime, what: str, draw: random.Random) -> None:
        """Somebody leaves, comes back, moves to another address, goes away for some days, or takes over a unit."""
        staff = sorted(code for code, one in self.world.people.items() if not code.startswith("dieu.phoi"))
        insiders = [one for one in staff if not self.world.units[self.world.people[one].unit].is_outside]
        code = draw.choice(staff)
        if what == HAND_OVER:
            unit = draw.choice([code for code, one in self.world.units.items() if one.head and not one.is_outside])
            to, today = draw.choice(insiders), local_date(now)
            hand_over(session, unit_code=unit, office="head", to_code=to, effective_on=today, now=now)
            return
        if what == "away":
            person, stand_in = resolve_person(session, code), draw.choice(insiders)
            if stand_in != code:
                first, last = local_date(now), local_date(now) + timedelta(days=draw.randrange(1, 20))
                other = resolve_person(session, stand_in)
                session.add(Absence(person_id=person.id, stand_in_id=other.id, starts_on=first, ends_on=last))
            return
        changes: dict[str, dict[str, Any]] = {
            "leave": {"is_active": False},
            "return": {"is_active": True, "email_refused_at": None},
            "move": {"email": f"{code}.{draw.randrange(1000)}@moved.example"},
        }
        session.execute(update(Person).where(col(Person.code) == code).values(**changes[what]))


def _head(session: Session, unit: str) -> UUID | None:
    return session.exec(select(Unit.head_id).where(Unit.code == unit)).one()
