"""Builds a letter's item about one task: its section, and its facts on the day on which the letter leaves."""

import textwrap
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

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
"""The duty's number in an item about the directive as a whole."""
_FIXED_SECTIONS = {
    DECIDE: LetterSection.DECIDE,
    SET_DATE: LetterSection.SET_DATE,
    RungName.NOT_ACCEPTED.value: LetterSection.NOT_ACCEPTED,
}
_WITH_CALENDAR = frozenset({"due_set", "due_moved", "extension_accepted", "withdrawn", "reopened", "lead_changed"})


class ItemBuilder(LetterData):
    """Builds items from the data of a batch of letters."""

    def _section(self, notice: Notice) -> LetterSection:
        if notice.rung == UNCERTAIN:
            return LetterSection.UNCERTAIN
        if notice.undeliverable or notice.rung == UNDELIVERABLE:
            return LetterSection.UNDELIVERABLE
        if notice.rung.startswith(EVENT):
            return LetterSection.DECIDE if notice.rung.removeprefix(EVENT) in ASKING else LetterSection.NEWS
        if notice.rung == RungName.ASSIGNED:
            return LetterSection.COORDINATING if notice.role == "coordinating" else LetterSection.ASSIGNED
        if notice.rung in _FIXED_SECTIONS:
            return _FIXED_SECTIONS[notice.rung]
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
        directive, follow_up = self.directives[task.directive_id], self.people[task.coordinator_id]
        event = self._event(notice, task)
        item = LetterItem(
            task_id=task.id,
            section=section,
            rung=notice.rung if notice else section.value,
            directive=f"{_capital(directive.kind)} {directive.number or directive.code}",
            directive_dated=directive.issued_on,
            directive_subject=directive.subject,
            duty_path=_WHOLE,
            duty_title=directive.subject,
            lead_unit=self.units[directive.coordinating_unit_id].name,
            follow_up_name=follow_up.full_name,
            follow_up_phone=follow_up.phone or "",
            follow_up_unit=self.units[task.assigner_unit_id].name,
            url=f"{self.settings.base_url}/directives/{directive.code}/conversation",
            event=event,
            undeliverable=_why_undeliverable(notice) if section is LetterSection.UNDELIVERABLE else None,
            by=self.authors.get(notice.anchor_id, "") if notice else "",
            role=notice.role if notice else "",
            issuer=directive.issuer,
        )
        # The notice of a directive's conversation hangs on a task that the conversation's readers may not see.
        return item if is_of_directive(event) else self._add_task(item, task, letter, notice)

    def _add_task(self, item: LetterItem, task: Task, letter: Letter, notice: Notice | None) -> LetterItem:
        spec, duty = self.specs[task.template_version_id], self.duties[task.duty_id]
        by_the_hour = task.incident_id is not None
        is_assigned = item.section is LetterSection.ASSIGNED and not by_the_hour
        has_new_date = is_assigned or (item.event in _WITH_CALENDAR and not by_the_hour)
        language = self.people[letter.recipient_id].language
        return replace(
            item,
            duty_path=duty.path,
            duty_title=duty.title,
            quote=duty.quote,
            lead_unit=self.units[task.lead_unit_id].name,
            coordinating_units=tuple(self.partners[task.id]),
            occurrence=task.occurrence,
            required_result=spec.result.description,
            classified_mail=spec.result.classified_mail,
            due_at=task.due_at,
            original_due_at=task.original_due_at,
            due_reason=task.due_reason,
            due_facts=read_due_facts(task.due_facts),
            day_off=kept_day_off(task.due_at, self.calendar) if not has_passed(task.due_at, self.now) else None,
            due_set_by=item.follow_up_unit if task.due_fixed_by == "assigner" else None,
            due_set_at=task.due_set_at,
            days_left=None if by_the_hour else self._days_left(task),
            hours_left=self._hours_left(task) if by_the_hour else None,
            due_revision=task.due_revision,
            accept_by=self._accept_by(task, spec) if is_assigned else None,
            pressed_on=tuple(sorted(self.pressed_days[task.id])),
            waiting_for=task.wait_kind.value if task.wait_kind else None,
            waiting_since=task.wait_since,
            note=self._note(notice, item.event, spec, language) if notice else "",
            last_word=self.last_words.get(task.id, ""),
            press_number=self._press_number(task, notice),
            is_drill=task.is_drill,
            url=f"{self.settings.base_url}/v/{write_code(self._code(letter, task.id))}{_anchor(notice)}",
            attach_calendar=has_new_date and task.due_at is not None,
            unsent=self._unsent(notice) if notice and notice.rung in LETTER_RUNGS else (),
            result_goes_to=self.units[self.receivers[task.id]].name if task.id in self.receivers else "",
            proposed_due_on=self.proposed_dates.get(task.id),
        )

    def _event(self, notice: Notice | None, task: Task) -> str | None:
        if notice is None or not notice.rung.startswith(EVENT):
            return None
        event = notice.rung.removeprefix(EVENT)
        if event == "withdrawn" and task.incident_id and self.incidents[task.incident_id].stood_down_at:
            return STOOD_DOWN
        return event

    def _days_left(self, task: Task) -> int | None:
        return self.calendar.between(local_date(self.now), due_date(task.due_at)) if task.due_at else None

    def _hours_left(self, task: Task) -> float | None:
        return (task.due_at - self.now) / timedelta(hours=1) if task.due_at else None

    def _note(self, notice: Notice, event: str | None, spec: TemplateSpec, language: str) -> str:
        """Return the words that came with the notice. Messages about classified work never leave by mail."""
        text = self.notes.get(notice.anchor_id, "")
        if event_of(notice) is not None:
            if spec.result.classified_mail:
                return ""
            return textwrap.shorten(text, LONGEST_WORDS, placeholder=" …")
        if not event and not self._is_request(notice):
            return ""
        return note_words(event, self.move_facts.get(notice.anchor_id, {}), text, language)

    def _code(self, letter: Letter, task_id: UUID) -> int:
        return link_code(self.link_key, letter.id, task_id)

    def _unsent(self, notice: Notice) -> tuple[Unsent, ...]:
        """Return the letters that the notice tells of and that were not sent since."""
        key = (notice.task_id, notice.anchor_id, notice.offset, notice.rung == UNCERTAIN)
        return tuple(self.unsent.get(key, {}).values())

    def _press_number(self, task: Task, notice: Notice | None) -> int:
        drafted = notice is not None and notice.role == "supervisor"
        return self.signed_presses.get(task.id, 0) + 1 if drafted else 0

    def _accept_by(self, task: Task, spec: TemplateSpec) -> date | None:
        first = next((rung.at for rung in spec.rungs.rungs if rung.rung is RungName.NOT_ACCEPTED), None)
        return self.calendar.add(local_date(task.assigned_at), first) if first else None


def _why_undeliverable(notice: Notice | None) -> str | None:
    return (notice.undeliverable or "refused") if notice else None


def _anchor(notice: Notice | None) -> str:
    """Return the end of a link that opens the task's page at its conversation, which stands far down."""
    return "?at=conversation" if notice is not None and event_of(notice) is not None else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
