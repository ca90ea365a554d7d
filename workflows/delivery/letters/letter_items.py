"""What a letter says of one task: the section that it stands in, and its facts on the day on which it leaves."""

import textwrap
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from models.directives.directive import Directive
from models.directives.ladders import RungName
from models.directives.template import TemplateSpec
from models.letters.letter import LETTER_RUNGS, UNCERTAIN, UNDELIVERABLE, Letter, Notice
from models.tasks.due_facts import read_due_facts
from models.tasks.late import has_passed
from models.tasks.task import Task
from models.text.localtime import due_date, local_date
from notifications.composing.facts import LetterItem, LetterSection, Unsent
from notifications.composing.item_order import ASKING
from notifications.composing.keys import link_code, write_code
from notifications.composing.reasons import note_words
from notifications.composing.view import STOOD_DOWN
from workflows.delivery.letters.letter_source import LetterData
from workflows.history.record import EVENT
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.escalation.ladder import DECIDE, SET_DATE
from workflows.tasks.conversation.read_marks import event_of, is_of_directive

LONGEST_WORDS = 600
"""Characters of a message that its letter shows."""
_WHOLE = "whole"
"""Stands for a duty's number where an item speaks of the directive as a whole."""
_WITH_CALENDAR = frozenset({"due_set", "due_moved", "extension_accepted", "withdrawn", "reopened", "lead_changed"})


class ItemBuilder(LetterData):
    def _section(self, notice: Notice) -> LetterSection:
        if notice.rung == UNCERTAIN:
            return LetterSection.UNCERTAIN
        if notice.undeliverable or notice.rung == UNDELIVERABLE:
            return LetterSection.UNDELIVERABLE
        if notice.rung.startswith(EVENT):
            return LetterSection.DECIDE if notice.rung.removeprefix(EVENT) in ASKING else LetterSection.NEWS
        if notice.rung == RungName.ASSIGNED:
            return LetterSection.COORDINATING if notice.role == "coordinating" else LetterSection.ASSIGNED
        fixed = {
            DECIDE: LetterSection.DECIDE,
            SET_DATE: LetterSection.SET_DATE,
            RungName.NOT_ACCEPTED.value: LetterSection.NOT_ACCEPTED,
        }
        if notice.rung in fixed:
            return fixed[notice.rung]
        task, today = self.tasks[notice.task_id], local_date(self.now)
        if task.incident_id is not None and task.due_at is not None:
            return LetterSection.OVERDUE if has_passed(task.due_at, self.now) else LetterSection.DUE_TODAY
        return self._date_section(task, today, date.max) or LetterSection.OPEN

    def _date_section(self, task: Task, today: date, horizon: date) -> LetterSection | None:
        if task.due_at is None:
            return None
        if has_passed(task.due_at, self.now):
            return LetterSection.OVERDUE
        day = due_date(task.due_at)
        if day <= today:
            return LetterSection.DUE_TODAY
        return LetterSection.DUE_SOON if day <= horizon else None

    def _item(self, task: Task, letter: Letter, section: LetterSection, notice: Notice | None) -> LetterItem:
        spec, directive = self.specs[task.template_version_id], self.directives[task.directive_id]
        duty, lead, follow_up = (
            self.duties[task.duty_id],
            self.units[task.lead_unit_id],
            self.people[task.coordinator_id],
        )
        event = notice.rung.removeprefix(EVENT) if notice and notice.rung.startswith(EVENT) else None
        if event == "withdrawn" and task.incident_id and self.incidents[task.incident_id].stood_down_at:
            event = STOOD_DOWN
        today = local_date(self.now)
        hours = task.incident_id is not None
        rung = notice.rung if notice else section.value
        item = LetterItem(
            task_id=task.id,
            section=section,
            rung=rung,
            directive=f"{_capital(directive.kind)} {directive.number or directive.code}",
            directive_dated=directive.issued_on,
            directive_subject=directive.subject,
            duty_path=duty.path,
            duty_title=duty.title,
            quote=duty.quote,
            lead_unit=lead.name,
            coordinating_units=tuple(self.partners[task.id]),
            occurrence=task.occurrence,
            required_result=spec.result.description,
            classified_mail=spec.result.classified_mail,
            due_at=task.due_at,
            original_due_at=task.original_due_at,
            due_reason=task.due_reason,
            due_facts=read_due_facts(task.due_facts),
            day_off=kept_day_off(task.due_at, self.calendar) if not has_passed(task.due_at, self.now) else None,
            due_set_by=self.units[task.assigner_unit_id].name if task.due_fixed_by == "assigner" else None,
            due_set_at=task.due_set_at,
            days_left=self.calendar.between(today, due_date(task.due_at)) if task.due_at and not hours else None,
            hours_left=(task.due_at - self.now) / timedelta(hours=1) if task.due_at and hours else None,
            due_revision=task.due_revision,
            accept_by=self._accept_by(task, spec) if section is LetterSection.ASSIGNED and not hours else None,
            pressed_on=tuple(sorted(self.pressed[task.id])),
            waiting_for=task.wait_kind.value if task.wait_kind else None,
            waiting_since=task.wait_since,
            event=event,
            note=self._words(notice, event, spec, self.people[letter.recipient_id].language) if notice else "",
            undeliverable=(notice.undeliverable or "refused")
            if notice and section is LetterSection.UNDELIVERABLE
            else None,
            last_word=self.last_words.get(task.id, ""),
            press_number=self._press_number(task, notice),
            follow_up_name=follow_up.full_name,
            follow_up_phone=follow_up.phone or "",
            follow_up_unit=self.units[task.assigner_unit_id].name,
            is_drill=task.is_drill,
            url=f"{self.settings.base_url}/v/{write_code(self._code(letter, task.id))}{_place(notice)}",
            by=self.authors.get(notice.anchor_id, "") if notice else "",
            attach_calendar=task.due_at is not None
            and (section is LetterSection.ASSIGNED or (event in _WITH_CALENDAR))
            and not hours,
            role=notice.role if notice else "",
            issuer=directive.issuer,
            unsent=self._unsent(notice) if notice and notice.rung in LETTER_RUNGS else (),
            result_goes_to=self.units[self.receivers[task.id]].name if task.id in self.receivers else "",
            proposed_due_on=self.proposed.get(task.id),
        )
        return self._of_directive(item, directive) if is_of_directive(event) else item

    def _words(self, notice: Notice, event: str | None, spec: TemplateSpec, language: str) -> str:
        """Of a conversation about classified work none leave by mail."""
        if event_of(notice) is not None:
            kept_back = spec.result.classified_mail or is_of_directive(event)
            return (
                ""
                if kept_back
                else textwrap.shorten(self.notes.get(notice.anchor_id, ""), LONGEST_WORDS, placeholder=" …")
            )
        if not event and not self._is_request(notice):
            return ""
        facts, said = self.moves.get(notice.anchor_id, {}), self.notes.get(notice.anchor_id, "")
        return note_words(event, facts, said, language)

    def _of_directive(self, item: LetterItem, directive: Directive) -> LetterItem:
        """The item speaks of no task: its conversation may be read by those to whom the task is nobody's business."""
        address = f"{self.settings.base_url}/directives/{directive.code}/conversation"
        return replace(
            item,
            duty_path=_WHOLE,
            duty_title=directive.subject,
            quote="",
            lead_unit=self.units[directive.coordinating_unit_id].name,
            coordinating_units=(),
            occurrence="once",
            required_result="",
            classified_mail=False,
            due_at=None,
            original_due_at=None,
            due_reason="",
            due_facts=(),
            day_off=None,
            due_set_by=None,
            due_set_at=None,
            days_left=None,
            hours_left=None,
            accept_by=None,
            pressed_on=(),
            waiting_for=None,
            waiting_since=None,
            last_word="",
            attach_calendar=False,
            proposed_due_on=None,
            is_drill=False,
            url=address,
        )

    def _code(self, letter: Letter, task_id: UUID) -> int:
        return link_code(self.link_key, letter.id, task_id)

    def _unsent(self, notice: Notice) -> tuple[Unsent, ...]:
        """None where all were sent since."""
        key = (notice.task_id, notice.anchor_id, notice.offset, notice.rung == UNCERTAIN)
        return tuple(self.unsent.get(key, {}).values())

    def _press_number(self, task: Task, notice: Notice | None) -> int:
        drafted = notice is not None and notice.role == "supervisor"
        return self.signed.get(task.id, 0) + 1 if drafted else 0

    def _accept_by(self, task: Task, spec: TemplateSpec) -> date | None:
        first = next((rung.at for rung in spec.rungs.rungs if rung.rung is RungName.NOT_ACCEPTED), None)
        return self.calendar.add(local_date(task.assigned_at), first) if first else None


def _place(notice: Notice | None) -> str:
    """It leads a link to the conversation, of which the news lie far down on a task's page."""
    return "?at=conversation" if notice is not None and event_of(notice) is not None else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
