"""Open a conversation for a reader: what they may see in it, and whom they may mention.

`workflows.rules.conversation_policy` holds the rules. This module reads the facts that they need.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true, union
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.database.columns import filtering
from models.directives.directive import Directive, Duty
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.errors import NotFound
from models.organization.person import Person
from models.organization.register_reads import coordinators_of
from models.organization.unit import Unit
from models.tasks.conversation import ConversationMessage
from models.tasks.task import Task
from workflows.access.rights import Principal, is_run_by, overseen_tasks, own_tasks, partner_tasks, read_principal
from workflows.access.task_access import look_at
from workflows.rules.conversation_policy import MessageStanding, Standing, may_read
from workflows.rules.rights_table import Right, View
from workflows.rules.tasks.actions import Relation

RUN_BY = frozenset({Relation.COORDINATOR, Relation.ISSUER_OFFICE})
"""The relations that answer the questions on a task."""
_OF_THE_LEAD = frozenset({Relation.HEAD, Relation.DEPUTY, Relation.STAND_IN, Relation.FOCAL_POINT, Relation.OFFICER})
MOST_CANDIDATES = 100
"""The most people whom a page offers to mention. Other readers of the conversation can be mentioned by their code."""

_QUESTION = aliased(ConversationMessage)
"""The question that a message answers."""


@dataclass(frozen=True)
class Conversation:
    """The conversation about a task, or about a directive as a whole, for one reader."""

    directive: Directive
    task: Task | None
    principal: Principal
    standing: Standing
    relations: frozenset[Relation]

    @property
    def messages(self) -> ColumnElement[bool]:
        """Return the condition for its messages, as the database's indexes need it."""
        if self.task is not None:
            return col(ConversationMessage.task_id) == self.task.id
        is_here = col(ConversationMessage.directive_id) == self.directive.id
        return is_here & col(ConversationMessage.task_id).is_(None)

    @property
    def readable(self) -> ColumnElement[bool]:
        """Return `conversation_policy.may_read` as a condition."""
        standing = self.standing
        if standing.sees_all:
            return true()
        is_own = or_(col(_QUESTION.author_id) == standing.person_id, col(_QUESTION.unit_id).in_(standing.units))
        own_question = select(_QUESTION.id).where(col(_QUESTION.id) == col(ConversationMessage.answers_id), is_own)
        return or_(
            col(ConversationMessage.is_for_all),
            col(ConversationMessage.author_id) == standing.person_id,
            col(ConversationMessage.unit_id).in_(standing.units),
            own_question.exists(),
        )

    @property
    def published(self) -> ColumnElement[bool]:
        """Return the condition for the published answers of the task's duty, or of the directive."""
        is_published = col(ConversationMessage.published_at).is_not(None)
        if self.task is None:
            return is_published & (col(ConversationMessage.directive_id) == self.directive.id)
        return is_published & (col(ConversationMessage.duty_id) == self.task.duty_id)

    def standing_of(self, message: ConversationMessage, question: ConversationMessage | None) -> MessageStanding:
        """Return the facts about a message that decide its rights. `question` is the one that it answers."""
        return MessageStanding(
            author_id=message.author_id,
            unit_id=message.unit_id,
            written_at=message.written_at,
            is_for_all=message.is_for_all,
            asked_by=question.author_id if question else None,
            asked_for=question.unit_id if question else None,
        )


def open_conversation(
    session: Session, principal: Principal, day: date, *, task_id: UUID | None = None, directive_id: UUID | None = None
) -> Conversation:
    """Return the conversation about a task or a directive on a local day. Raise NotFound if it may not be seen."""
    if task_id is not None:
        access = look_at(session, principal, task_id, day)
        directive = session.get_one(Directive, access.task.directive_id)
        return conversation_on(
            directive,
            access.task,
            principal,
            access.view,
            access.relations,
            is_classified=_is_classified(session, access.task),
        )
    whole_directive = session.get(Directive, directive_id) if directive_id is not None else None
    if whole_directive is None:
        raise NotFound("there is no such directive")
    standing = _standing_on_directive(session, principal, whole_directive)
    if standing.view is View.NOTHING:
        raise NotFound("there is no such directive")
    return Conversation(whole_directive, None, principal, standing, frozenset())


def sees_directive(session: Session, principal: Principal, directive: Directive) -> bool:
    return _standing_on_directive(session, principal, directive).view is not View.NOTHING


def _standing_on_directive(session: Session, principal: Principal, directive: Directive) -> Standing:
    """Return a person's position in a directive's own conversation.

    A person who runs the directive or may see everything sees it whole. Others see what their units see: the units that
    they speak for, that they supervise, or to which they delegated a task. The coordinating unit is left out: belonging
    to it gives no right to read what it writes to others.
    """
    runs, sees_all = is_run_by(session, principal, directive), principal.may(Right.SEE_EVERYTHING)
    below = frozenset[UUID]() if runs or sees_all else _units_below(session, principal, directive.id)
    takes_part = runs or _has_task(session, principal, directive.id)
    return Standing(
        person_id=principal.person.id,
        view=_view_of_directive(sees_whole=runs or sees_all, takes_part=takes_part),
        units=(principal.serves | principal.speaks_for | below) - {directive.coordinating_unit_id},
        runs=runs,
        publishes=runs,
        takes_part=takes_part,
        is_directive=True,
        is_classified=has_classified_duty(session, directive.id),
    )


def _view_of_directive(*, sees_whole: bool, takes_part: bool) -> View:
    if sees_whole:
        return View.WHOLE
    return View.PARTNER if takes_part else View.NOTHING


def _units_below(session: Session, principal: Principal, directive_id: UUID) -> frozenset[UUID]:
    """Return the units that somebody supervises, and those to which they delegated a task of the directive."""
    own_units = principal.speaks_for
    if not own_units:
        return frozenset()
    supervised = select(Unit.id).where(col(Unit.supervising_unit_id).in_(own_units))
    delegated = select(Task.lead_unit_id).where(
        col(Task.assigner_unit_id).in_(own_units), col(Task.parent_id).is_not(None), Task.directive_id == directive_id
    )
    return frozenset(session.execute(union(supervised, delegated)).scalars())


def _has_task(session: Session, principal: Principal, directive_id: UUID) -> bool:
    """Return whether a task of the directive is their own, coordinated or overseen by them."""
    is_theirs = or_(own_tasks(principal), partner_tasks(principal))
    if principal.may(Right.SEE_BOARD) and not principal.may(Right.SEE_EVERYTHING):
        is_theirs = or_(is_theirs, overseen_tasks(principal))
    query = select(Task.id).where(is_theirs, filtering(col(Task.directive_id) == directive_id)).limit(1)
    return session.exec(query).first() is not None


def conversation_on(
    directive: Directive,
    task: Task,
    principal: Principal,
    view: View,
    relations: frozenset[Relation],
    *,
    is_classified: bool,
) -> Conversation:
    """Return the conversation about a task for a reader whose view and relations are known. It needs no query."""
    runs = not relations.isdisjoint(RUN_BY)
    # the assigner of a child or request task does not speak to the other units of the duty
    assigns_duty = task.assigner_unit_id == directive.coordinating_unit_id or Relation.ISSUER_OFFICE in relations
    standing = Standing(
        person_id=principal.person.id,
        view=view,
        units=principal.serves | principal.speaks_for,
        runs=runs,
        publishes=runs and assigns_duty,
        takes_part=bool(relations) or not principal.may(Right.SEE_EVERYTHING),
        is_directive=False,
        is_classified=is_classified,
    )
    return Conversation(directive, task, principal, standing, relations)


def conversation_of(session: Session, principal: Principal, code: str, day: date) -> Conversation:
    """Return the conversation about the directive with a code. Raise NotFound as `open_conversation` does."""
    directive_id = session.exec(select(Directive.id).where(Directive.code == code)).first()
    if directive_id is None:
        raise NotFound("there is no such directive")
    return open_conversation(session, principal, day, directive_id=directive_id)


def find_message(
    session: Session, conversation: Conversation, message_id: UUID
) -> tuple[ConversationMessage, ConversationMessage | None]:
    """Return the message, and the question that it answers. Raise NotFound also where the reader may not read it."""
    message = session.exec(
        select(ConversationMessage).where(ConversationMessage.id == message_id, conversation.messages)
    ).first()
    if message is None:
        raise NotFound("there is no such message")
    question = session.get(ConversationMessage, message.answers_id) if message.answers_id else None
    if not may_read(conversation.standing, conversation.standing_of(message, question)):
        raise NotFound("there is no such message")
    return message, question


def _is_classified(session: Session, task: Task) -> bool:
    return session.get_one(TemplateVersion, task.template_version_id).read_spec().result.classified_mail


def has_classified_duty(session: Session, directive_id: UUID) -> bool:
    """Return whether the result of any duty of the directive goes by classified mail."""
    specs = session.exec(
        select(TemplateVersion.spec)
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .where(col(Duty.directive_id) == directive_id, col(TemplateVersion.state) == TemplateState.PUBLISHED)
    )
    results = (spec.get("result") for spec in specs)
    return any(isinstance(result, dict) and result.get("classified_mail") is True for result in results)


def unit_written_for(session: Session, conversation: Conversation) -> UUID | None:
    """Return the unit in whose name a person writes: the lead, assigning or coordinating unit, else their own."""
    task, principal, relations = conversation.task, conversation.principal, conversation.relations
    if task is None:
        runs = conversation.standing.runs
        return conversation.directive.coordinating_unit_id if runs else principal.person.unit_id
    if relations & _OF_THE_LEAD:
        return task.lead_unit_id
    if relations & RUN_BY:
        return task.assigner_unit_id
    own = principal.person.unit_id
    if Relation.PARTNER in relations and own not in conversation.standing.units:
        return min(conversation.standing.units, default=own)
    return own


def may_be_mentioned(
    session: Session, conversation: Conversation, person: Person, day: date, message: MessageStanding
) -> bool:
    """Return whether a person may open the conversation on a local day and read this message."""
    if not person.is_active or is_outside(session, person):
        return False
    task = conversation.task
    try:
        their_conversation = open_conversation(
            session,
            read_principal(session, person, day),
            day,
            task_id=task.id if task else None,
            directive_id=conversation.directive.id,
        )
    except NotFound:
        return False
    return may_read(their_conversation.standing, message)


def is_outside(session: Session, person: Person) -> bool:
    """Return whether a person is a contact of an outside unit, who gets no automatic letters."""
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    return unit is not None and unit.is_outside


def candidates(session: Session, conversation: Conversation) -> list[Person]:
    """Return the people whom a page offers to mention, by name, without the reader: those who work on the matter.

    A coordinating unit is offered only the people who follow the task up, as it must not learn who works for the lead.
    """
    task, directive = conversation.task, conversation.directive
    if task is None:
        launches = select(Launch.coordinator_id).where(Launch.directive_id == directive.id).distinct()
        person_ids, offices = set(session.exec(launches)), {directive.coordinating_unit_id, directive.issuer_office_id}
    elif conversation.standing.sees_all:
        person_ids, offices = _workers(session, task), {task.assigner_unit_id, directive.issuer_office_id}
    else:
        person_ids, offices = {task.coordinator_id}, {task.assigner_unit_id}
    people = {person.id: person for person in coordinators_of(session, offices)}
    others = select(Person).where(col(Person.id).in_(person_ids - people.keys()), Person.is_active)
    people |= {person.id: person for person in session.exec(others)}
    people.pop(conversation.principal.person.id, None)
    return sorted(people.values(), key=lambda person: (person.sort_key, person.code))[:MOST_CANDIDATES]


def _workers(session: Session, task: Task) -> set[UUID]:
    lead = session.get_one(Unit, task.lead_unit_id)
    supervisor = session.get(Unit, lead.supervising_unit_id) if lead.supervising_unit_id else None
    supervising_head = supervisor.head_id if supervisor is not None else None
    people = (lead.head_id, lead.deputy_id, lead.focal_point_id, task.officer_id, task.coordinator_id, supervising_head)
    return {person_id for person_id in people if person_id}
