"""Open a conversation: what somebody may see of it, and whom they may mention.

The rule is `workflows.rules.conversation_policy`; here it is asked of the register and of the tasks.
"""

from collections.abc import Iterable
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
from workflows.rules.tasks.lifecycle import Relation

RUN_BY = frozenset({Relation.COORDINATOR, Relation.ISSUER_OFFICE})
"""Who answers the questions that are asked on a task."""
_OF_THE_LEAD = frozenset({Relation.HEAD, Relation.DEPUTY, Relation.STAND_IN, Relation.FOCAL_POINT, Relation.OFFICER})
MOST_CANDIDATES = 100
"""So many people are offered to be mentioned; any other who sees the conversation may be named by their code."""

_ASKED = aliased(ConversationMessage)
"""The question that a message answers."""


@dataclass(frozen=True)
class Conversation:
    """The conversation on a task, or on a directive as a whole, as somebody may see it."""

    directive: Directive
    task: Task | None
    principal: Principal
    standing: Standing
    relations: frozenset[Relation]

    @property
    def messages(self) -> ColumnElement[bool]:
        """In the words of the index that finds them."""
        if self.task is not None:
            return col(ConversationMessage.task_id) == self.task.id
        here = col(ConversationMessage.directive_id) == self.directive.id
        return here & col(ConversationMessage.task_id).is_(None)

    @property
    def readable(self) -> ColumnElement[bool]:
        """`conversation_policy.may_read` as a condition."""
        standing = self.standing
        if standing.sees_all:
            return true()
        mine = or_(col(_ASKED.author_id) == standing.person_id, col(_ASKED.unit_id).in_(standing.units))
        answered = select(_ASKED.id).where(col(_ASKED.id) == col(ConversationMessage.answers_id), mine)
        return or_(
            col(ConversationMessage.is_for_all),
            col(ConversationMessage.author_id) == standing.person_id,
            col(ConversationMessage.unit_id).in_(standing.units),
            answered.exists(),
        )

    @property
    def published(self) -> ColumnElement[bool]:
        """Return the condition for the published answers that are shown beside it."""
        is_published = col(ConversationMessage.published_at).is_not(None)
        if self.task is None:
            return is_published & (col(ConversationMessage.directive_id) == self.directive.id)
        return is_published & (col(ConversationMessage.duty_id) == self.task.duty_id)

    def said(self, message: ConversationMessage, asked: ConversationMessage | None) -> MessageStanding:
        """`asked` is the question that the message answers."""
        return MessageStanding(
            author_id=message.author_id,
            unit_id=message.unit_id,
            written_at=message.written_at,
            is_for_all=message.is_for_all,
            asked_by=asked.author_id if asked else None,
            asked_for=asked.unit_id if asked else None,
        )


def open_conversation(
    session: Session, principal: Principal, day: date, *, task_id: UUID | None = None, directive_id: UUID | None = None
) -> Conversation:
    """Return the conversation on a task or, where none is given, on a directive, on a local day.

    NotFound where somebody may not see it, as if there were none.
    """
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
    found = session.get(Directive, directive_id) if directive_id is not None else None
    standing = _standing_on_directive(session, principal, found) if found is not None else None
    if found is None or standing is None or standing.view is View.NOTHING:
        raise NotFound("there is no such directive")
    return Conversation(found, None, principal, standing, frozenset())


def sees_directive(session: Session, principal: Principal, directive: Directive) -> bool:
    return _standing_on_directive(session, principal, directive).view is not View.NOTHING


def _standing_on_directive(session: Session, principal: Principal, directive: Directive) -> Standing:
    """Return what somebody is in a directive's own conversation.

    They see it whole who run the directive or see everything. Everybody else sees what their units see of it: those
    that they answer for, that they supervise, and to which they handed a task down. What the coordinating unit writes
    it writes to somebody: to be of it is not enough.
    """
    runs, sees_all = is_run_by(session, principal, directive), principal.may(Right.SEE_EVERYTHING)
    below = frozenset[UUID]() if runs or sees_all else _units_below(session, principal, directive.id)
    takes_part = runs or _has_task(session, principal, directive.id)
    return Standing(
        person_id=principal.person.id,
        view=View.WHOLE if runs or sees_all else View.PARTNER if takes_part else View.NOTHING,
        units=(principal.serves | principal.speaks_for | below) - {directive.coordinating_unit_id},
        runs=runs,
        publishes=runs,
        takes_part=takes_part,
        is_directive=True,
        is_classified=has_classified_duty(session, directive.id),
    )


def _units_below(session: Session, principal: Principal, directive_id: UUID) -> frozenset[UUID]:
    """Return the units that somebody supervises, and those to which they handed a task of a directive down."""
    ours = principal.speaks_for
    if not ours:
        return frozenset()
    supervised = select(Unit.id).where(col(Unit.supervising_unit_id).in_(ours))
    handed_down = select(Task.lead_unit_id).where(
        col(Task.assigner_unit_id).in_(ours), col(Task.parent_id).is_not(None), Task.directive_id == directive_id
    )
    return frozenset(session.execute(union(supervised, handed_down)).scalars())


def _has_task(session: Session, principal: Principal, directive_id: UUID) -> bool:
    """One of their own, one as a partner, or one that they oversee."""
    mine = or_(own_tasks(principal), partner_tasks(principal))
    if principal.may(Right.SEE_BOARD) and not principal.may(Right.SEE_EVERYTHING):
        mine = or_(mine, overseen_tasks(principal))
    query = select(Task.id).where(mine, filtering(col(Task.directive_id) == directive_id)).limit(1)
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
    """No query: how much somebody sees is known."""
    runs = not relations.isdisjoint(RUN_BY)
    # who handed the task down, or put a difficulty, assigns it, and speaks for no other unit of the duty
    follows = task.assigner_unit_id == directive.coordinating_unit_id or Relation.ISSUER_OFFICE in relations
    standing = Standing(
        person_id=principal.person.id,
        view=view,
        units=principal.serves | principal.speaks_for,
        runs=runs,
        publishes=runs and follows,
        takes_part=bool(relations) or not principal.may(Right.SEE_EVERYTHING),
        is_directive=False,
        is_classified=is_classified,
    )
    return Conversation(directive, task, principal, standing, relations)


def conversation_of(session: Session, principal: Principal, code: str, day: date) -> Conversation:
    """`code` is the directive's. NotFound where there is none."""
    found = session.exec(select(Directive.id).where(Directive.code == code)).first()
    if found is None:
        raise NotFound("there is no such directive")
    return open_conversation(session, principal, day, directive_id=found)


def find_message(
    session: Session, conversation: Conversation, message_id: UUID
) -> tuple[ConversationMessage, ConversationMessage | None]:
    """Return the message, and the question that it answers. NotFound for what somebody does not read."""
    found = session.exec(
        select(ConversationMessage).where(ConversationMessage.id == message_id, conversation.messages)
    ).first()
    asked = session.get(ConversationMessage, found.answers_id) if found is not None and found.answers_id else None
    if found is None or not may_read(conversation.standing, conversation.said(found, asked)):
        raise NotFound("there is no such message")
    return found, asked


def _is_classified(session: Session, task: Task) -> bool:
    return session.get_one(TemplateVersion, task.template_version_id).read_spec().result.classified_mail


def has_classified_duty(session: Session, directive_id: UUID) -> bool:
    """Of such a duty, the result goes by classified mail."""
    specs = session.exec(
        select(TemplateVersion.spec)
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .where(col(Duty.directive_id) == directive_id, col(TemplateVersion.state) == TemplateState.PUBLISHED)
    )
    results = (spec.get("result") for spec in specs)
    return any(isinstance(one, dict) and one.get("classified_mail") is True for one in results)


def unit_written_for(session: Session, conversation: Conversation) -> UUID | None:
    """Return the unit in whose name somebody writes: the one that leads, coordinates or runs it, else their own."""
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
    session: Session, conversation: Conversation, person: Person, day: date, said: MessageStanding
) -> bool:
    """Return whether a person may open the conversation on a local day, and reads this message in it."""
    if not person.is_active or is_outside(session, person):
        return False
    task = conversation.task
    try:
        seen = open_conversation(
            session,
            read_principal(session, person, day),
            day,
            task_id=task.id if task else None,
            directive_id=conversation.directive.id,
        )
    except NotFound:
        return False
    return may_read(seen.standing, said)


def is_outside(session: Session, person: Person) -> bool:
    """A contact of an outside unit: no letter is sent to them by itself."""
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    return unit is not None and unit.is_outside


def candidates(session: Session, conversation: Conversation) -> list[Person]:
    """Return the people whom a page offers to mention, by name: those who work on it; never the reader.

    A coordinating unit is offered who follows the task up: who works on it for the lead is none of its business.
    """
    task, directive = conversation.task, conversation.directive
    wanted: set[UUID] = set()
    offices = {directive.coordinating_unit_id, directive.issuer_office_id}
    if task is not None and not conversation.standing.sees_all:
        wanted, offices = {task.coordinator_id}, {task.assigner_unit_id}
    elif task is not None:
        lead = session.get_one(Unit, task.lead_unit_id)
        wanted |= {one for one in (lead.head_id, lead.deputy_id, lead.focal_point_id, task.officer_id) if one}
        wanted |= {task.coordinator_id}
        offices = {task.assigner_unit_id, directive.issuer_office_id}
        above = session.get(Unit, lead.supervising_unit_id) if lead.supervising_unit_id else None
        wanted |= {above.head_id} if above is not None and above.head_id else set()
    else:
        wanted |= set(session.exec(select(Launch.coordinator_id).where(Launch.directive_id == directive.id).distinct()))
    people = {one.id: one for one in coordinators_of(session, offices)}
    people |= {one.id: one for one in _active(session, wanted - people.keys())}
    people.pop(conversation.principal.person.id, None)
    return sorted(people.values(), key=lambda one: (one.sort_key, one.code))[:MOST_CANDIDATES]


def _active(session: Session, ids: Iterable[UUID]) -> Iterable[Person]:
    return session.exec(select(Person).where(col(Person.id).in_(ids), Person.is_active))
