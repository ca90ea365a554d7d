"""Checks, right before letters leave, which notices are still true, and gathers the facts of each letter."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from models.directives.ladders import RungName
from models.directives.launch import Incident
from models.letters.letter import LETTER_RUNGS, MOVED, REPLY_TOPIC, Letter, LetterKind, Notice, as_of
from models.organization.person import Person
from models.tasks.task import Task, WaitKind
from models.text.localtime import local_date
from notifications.composing.facts import (
    AccountItem,
    AlertItem,
    CompiledItem,
    LetterFacts,
    LetterItem,
    LetterSection,
    recipient_of,
)
from notifications.composing.item_order import shorten
from notifications.composing.keys import message_id, sign_fewer, sign_reply, sign_return, token_address
from workflows.access.accounts.mailed import TEST_LASTS, account_item
from workflows.access.letter_choices import FEWER_OF
from workflows.delivery.letters.letter_items import ItemBuilder
from workflows.escalation.task_facts import ASKS, LEAD_CHANGED, why_untrue
from workflows.history.record import EVENT
from workflows.rules.escalation.ladder import DECIDE, SET_DATE_AFTER, clock_of
from workflows.rules.tasks.need import SOON
from workflows.tasks.conversation.read_marks import choose_most_urgent, event_of, is_read

ALERTS_LISTED = 20
_READ = "read"
"""Why a notice of a conversation is dropped: its reader has read the conversation since."""
_WITH_CHOICE = FEWER_OF | {LetterKind.DIGEST}
"""Kinds of letters whose reader may choose how often they come."""


@dataclass(frozen=True)
class PreparedLetter:
    """A letter with its facts; `dropped` are notices that are no longer true, with the reason."""

    facts: LetterFacts | None
    dropped: dict[UUID, str] = field(default_factory=dict)
    superseded: frozenset[UUID] = frozenset()
    revisions: dict[UUID, int] = field(default_factory=dict)
    secret_id: UUID | None = None  # what an account letter carries
    conversations: tuple[Notice, ...] = ()  # notices that drop out once their reader has read the conversation
    notices: frozenset[UUID] = frozenset()  # all that wait for this letter


@dataclass
class _SortedNotices:
    """The notices of one letter by what becomes of them."""

    dropped: dict[UUID, str] = field(default_factory=dict)  # with the reason
    superseded: dict[UUID, Notice] = field(default_factory=dict)
    rungs: dict[tuple[UUID, str], Notice] = field(default_factory=dict)  # the most severe one by task and subject
    news: list[Notice] = field(default_factory=list)
    messages: list[Notice] = field(default_factory=list)  # news of conversations

    def supersede(self, key: tuple[UUID, str]) -> None:
        notice = self.rungs.pop(key)
        self.superseded[notice.id] = notice


class LetterBuilder(ItemBuilder):
    """Decides what each letter of the batch still has to say."""

    def ready(self, letter: Letter) -> PreparedLetter:
        """Prepare a letter. Its `facts` are None where nothing in it is true any more."""
        recipient = self.people[letter.recipient_id]
        if letter.kind is LetterKind.ACCOUNT:
            return self._account(letter, recipient)
        if letter.kind is LetterKind.COMPILED:
            item = self.compiled.get(letter.topic)
            return PreparedLetter(self._facts(letter, recipient, [], compiled=item) if item is not None else None)
        items, dropped, superseded = self._items(letter, recipient)
        facts = self._facts(letter, recipient, items) if items or self.alerts.get(letter.id) else None
        if facts is not None:
            facts = shorten(facts, self._lists())
            items = list(facts.items)
            self.links.update((self._code(letter, item.task_id), (letter.id, item.task_id)) for item in items)
        notices = self.notices[letter.id]
        task_ids = {notice.task_id for notice in notices} | {item.task_id for item in items}
        return PreparedLetter(
            facts,
            dropped,
            superseded,
            {task_id: self.tasks[task_id].revision for task_id in task_ids},
            conversations=tuple(notice for notice in notices if event_of(notice) and notice.id not in dropped),
            notices=frozenset(notice.id for notice in notices),
        )

    def _account(self, letter: Letter, recipient: Person) -> PreparedLetter:
        """Prepare an account letter: a secret that still opens something, or a test that somebody waits for."""
        if letter.topic in self.samples:
            return self._sample(letter, recipient)
        if letter.topic.startswith(REPLY_TOPIC):
            return self._answer(letter, recipient)
        secret = self.secrets.get(letter.topic)
        if letter.topic in self.checkpoints:
            account: AccountItem | None = AccountItem("checkpoint", checkpoint=self.checkpoints[letter.topic])
        else:
            account = account_item(letter, secret, self.settings.base_url, self.link_key, self.now)
        facts = self._facts(letter, recipient, [], account=account) if account is not None else None
        return PreparedLetter(facts, secret_id=secret.id if secret is not None else None)

    def _answer(self, letter: Letter, recipient: Person) -> PreparedLetter:
        """Prepare the answer to a reply, while what it asks can still be done."""
        answer = self.answers.get(letter.topic)
        if answer is None:
            return PreparedLetter(None)
        facts = replace(
            self._facts(letter, recipient, [], account=answer.account),
            reply_to=answer.reply_to,
            answers=answer.in_reply_to,
        )
        return PreparedLetter(facts, secret_id=answer.draft_id)

    def _sample(self, letter: Letter, recipient: Person) -> PreparedLetter:
        """Prepare what a template would tell, addressed to whoever asked for the sample."""
        sample = self.samples[letter.topic]
        if self.now >= letter.slot + TEST_LASTS:
            return PreparedLetter(None)
        if sample.incident is not None:
            self.incidents[sample.incident.id] = sample.incident
        builder = replace(self, now=sample.leaves_at)  # the sample reads as on the day on which it would leave
        item = builder._item(sample.task, letter, builder._section(sample.notice), sample.notice)
        facts = sample.mark(self._facts(letter, recipient, [item]), item, self.settings.base_url)
        return PreparedLetter(facts)

    def _items(self, letter: Letter, recipient: Person) -> tuple[list[LetterItem], dict[UUID, str], frozenset[UUID]]:
        """Return the letter's items, the notices that it drops with the reason, and those that are superseded."""
        notices = self._sort_notices(letter)
        self._supersede_needless(notices)
        items = [
            self._item(self.tasks[notice.task_id], letter, self._section(notice), notice)
            for notice in (*notices.rungs.values(), *notices.news)
        ]
        assigned = {
            notice.task_id for notice in notices.superseded.values() if self._section(notice) is LetterSection.ASSIGNED
        }
        items = _with_entries(items, assigned)
        if letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY):
            named = {task_id for task_id, _subject in notices.rungs}
            listed = [
                task
                for task in self.listed_tasks[recipient.id]
                if task.id not in named and not self._is_own_wait(task, recipient)
            ]
            items += self._listing(letter, recipient, listed)
        return items, notices.dropped, frozenset(notices.superseded)

    def _sort_notices(self, letter: Letter) -> _SortedNotices:
        notices = _SortedNotices()
        last_changes = {n.task_id: n.id for n in self.notices[letter.id] if n.rung == LEAD_CHANGED}
        for notice in self.notices[letter.id]:
            if reason := self._why_dropped(notice, last_changes):
                notices.dropped[notice.id] = reason
            elif event_of(notice) is not None:
                notices.messages.append(notice)
            elif notice.rung.startswith(EVENT):
                notices.news.append(notice)
            else:
                self._keep_more_severe(notices, notice)
        return notices

    def _why_dropped(self, notice: Notice, last_changes: dict[UUID, UUID]) -> str:
        """Return why a notice is no longer told, "" where it is. `last_changes`: the last change of lead by task."""
        task = self.tasks[notice.task_id]
        spec = self.specs[task.template_version_id]
        if reason := notice.reason or why_untrue(notice.rung, notice.role, notice.anchor_id, task, spec, self.now):
            return reason
        if notice.rung == LEAD_CHANGED and last_changes[notice.task_id] != notice.id:
            return MOVED
        if notice.rung in ASKS and not self._is_unanswered(notice):
            return "decided"
        return _READ if is_read(notice, task, self.read_upto) else ""

    def _keep_more_severe(self, notices: _SortedNotices, notice: Notice) -> None:
        key = notice.task_id, _subject(notice)
        other = notices.rungs.get(key)
        if other is None:
            notices.rungs[key] = notice
        elif self._severity(other) > self._severity(notice):
            notices.superseded[notice.id] = notice
        else:
            notices.superseded[other.id] = other
            notices.rungs[key] = notice

    def _supersede_needless(self, notices: _SortedNotices) -> None:
        """Supersede assignments of tasks that a rung names, and reminders of requests that the news tell."""
        reminded = {notice.task_id for notice in notices.rungs.values() if notice.rung != RungName.ASSIGNED}
        asked = {notice.anchor_id for notice in notices.news}
        for key, notice in list(notices.rungs.items()):
            is_named = notice.rung == RungName.ASSIGNED and notice.task_id in reminded
            is_asked = notice.rung == DECIDE and notice.anchor_id in asked and not notice.undeliverable
            if is_named or is_asked:
                notices.supersede(key)
        told, covered = choose_most_urgent(notices.messages, self.tasks)
        notices.superseded |= covered
        notices.news += told

    def _is_unanswered(self, notice: Notice) -> bool:
        return (notice.task_id, notice.rung, notice.fired_at) in self.unanswered

    def _severity(self, notice: Notice) -> tuple[int, int]:
        task = self.tasks[notice.task_id]
        rungs = [(rung.rung.value, rung.at) for rung in self.specs[task.template_version_id].rungs.rungs]
        key = (notice.rung, notice.offset)
        undeliverable = 1000 if notice.undeliverable else 0
        return (undeliverable + (rungs.index(key) if key in rungs else 0), notice.offset)

    def _listing(self, letter: Letter, recipient: Person, tasks: Iterable[Task]) -> Iterable[LetterItem]:
        today = local_date(self.now)
        horizon = self.calendar.add(today, SOON)
        for task in tasks:
            section = self._date_section(task, today, horizon)
            if letter.kind is LetterKind.SUMMARY:
                must_date = task.due_at is None and task.parent_id is None and self._follows(task, recipient)
                if must_date and self.calendar.between(local_date(task.assigned_at), today) >= SET_DATE_AFTER:
                    section = LetterSection.SET_DATE
                yield self._item(task, letter, section or LetterSection.OPEN, None)
            elif section is not None:
                yield self._item(task, letter, section, None)

    def _is_own_wait(self, task: Task, recipient: Person) -> bool:
        """Return whether the task waits for a decision on its result. Its own unit then needs no reminder."""
        return task.wait_kind is WaitKind.DECISION and not self._follows(task, recipient)

    def _follows(self, task: Task, recipient: Person) -> bool:
        """Return whether the recipient is the task's coordinator today, or stands in for the coordinator."""
        return self.stand_ins.get(task.coordinator_id, task.coordinator_id) == recipient.id

    def _reply_to(self, letter: Letter, recipient: Person) -> str:
        """Return the address for answers, "" where the office reads no replies or the letter takes none."""
        address = self.settings.mail.reply_address
        if address is None or letter.kind is LetterKind.ACCOUNT or not recipient.email:
            return ""
        return token_address(address, sign_reply(self.link_key, letter.id, recipient.email))

    def _lists(self) -> dict[LetterSection, str]:
        """Return by section the address of the list that names what a letter only counts."""
        today = local_date(self.now)
        last = self.calendar.add(today, SOON)
        soon = {"due_from": (today + timedelta(days=1)).isoformat(), "due_to": last.isoformat()}
        queries: dict[LetterSection, dict[str, str]] = {section: {"own": "1"} for section in LetterSection} | {
            LetterSection.OVERDUE: {"show": "late", "own": "1"},
            LetterSection.DUE_TODAY: {"due": today.isoformat(), "own": "1"},
            LetterSection.DUE_SOON: {**soon, "own": "1"},
            LetterSection.DECIDE: {"show": "waiting"},
            LetterSection.NOT_ACCEPTED: {"show": "new"},
            LetterSection.ASSIGNED: {"show": "new"},
            LetterSection.SET_DATE: {"show": "undated"},
            LetterSection.NEWS: {"show": "all", "own": "1"},
        }
        return {section: f"{self.settings.base_url}/tasks?{urlencode(query)}" for section, query in queries.items()}

    def _facts(
        self,
        letter: Letter,
        recipient: Person,
        items: list[LetterItem],
        *,
        account: AccountItem | None = None,
        compiled: CompiledItem | None = None,
    ) -> LetterFacts:
        unit = self.units.get(recipient.unit_id) if recipient.unit_id else None
        absent_id = self.absent_people.get(recipient.id) if account is None else None
        absent = self.people.get(absent_id) if absent_id else None
        sender = self.settings.mail.sender
        incident = self._incident(letter)
        return LetterFacts(
            kind=letter.kind,
            recipient=recipient_of(recipient, unit, absent.full_name if absent else None),
            slot=as_of(letter.kind, letter.slot, self.now),
            items=tuple(items),
            is_drill=bool(incident and incident.is_drill),
            topic_title=incident.title if incident else (items[0].directive if letter.topic and items else ""),
            message_id=message_id(letter.id, sender.rpartition("@")[2]),
            reply_to=self._reply_to(letter, recipient) if items else "",
            return_token=sign_return(self.link_key, letter.id, recipient.email) if recipient.email else "",
            sender_name=self.settings.mail.sender_name,
            sender_address=sender,
            base_url=self.settings.base_url,
            written_at=max(letter.slot, self.now),
            account=account,
            compiled=compiled,
            texts=self.texts.get(recipient.language, {}),
            choose_url=f"{self.settings.base_url}/account/letters" if letter.kind in _WITH_CHOICE else "",
            fewer_url=self._fewer_url(letter),
            **self._alerts(letter),
        )

    def _incident(self, letter: Letter) -> Incident | None:
        if "incident:" not in letter.topic:
            return None
        return self.incidents.get(UUID(letter.topic.removeprefix("incident:")))

    def _fewer_url(self, letter: Letter) -> str:
        if letter.kind not in FEWER_OF:
            return ""
        return f"{self.settings.base_url}/fewer/{sign_fewer(self.link_key, letter.recipient_id, letter.kind)}"

    def _alerts(self, letter: Letter) -> dict[str, Any]:
        if letter.kind is not LetterKind.ALERT:
            return {}
        alerts = self.alerts[letter.id]
        listed = tuple(
            AlertItem(
                alert.kind, alert.subject, alert.raised_at, alert.last_seen_at, alert.times, alert.ended_at, alert.facts
            )
            for alert in alerts[:ALERTS_LISTED]
        )
        return {"alerts": listed, "more_alerts": len(alerts) - len(listed), "is_own_launch": bool(letter.topic)}


def _subject(notice: Notice) -> str:
    """Return what a notice is about. Of several about one subject only the most severe is told."""
    return notice.rung if notice.rung in LETTER_RUNGS else clock_of(notice.rung)


def _with_entries(items: list[LetterItem], assigned: set[UUID]) -> list[LetterItem]:
    """Attach the calendar entry to the first item about a task whose assignment was superseded.

    `assigned` holds the ids of these tasks.
    """
    missing = assigned - {item.task_id for item in items if item.attach_calendar}
    return [
        replace(item, attach_calendar=True)
        if item.task_id in missing and item.event is None and item.due_at is not None and item.hours_left is None
        else item
        for item in items
    ]
