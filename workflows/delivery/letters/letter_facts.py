"""What letters about to leave still have to say: each notice checked for truth, and the facts of the letter itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from models.directives.ladders import RungName
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
from workflows.tasks.conversation.read_marks import event_of, is_read, told_of

ALERTS_LISTED = 20
_READ = "read"
"""Why a notice about a conversation is not told: its reader has been there."""
_CHOSEN = FEWER_OF | {LetterKind.DIGEST}


@dataclass(frozen=True)
class PreparedLetter:
    """A letter with its facts; `dropped` are notices that are no longer true, with the reason."""

    facts: LetterFacts | None
    dropped: dict[UUID, str] = field(default_factory=dict)
    superseded: frozenset[UUID] = frozenset()
    revisions: dict[UUID, int] = field(default_factory=dict)
    secret_id: UUID | None = None  # what an account letter carries
    conversations: tuple[Notice, ...] = ()  # what it tells of conversations: untold once its reader has read them
    notices: frozenset[UUID] = frozenset()  # all that wait to be told in it


class LetterBuilder(ItemBuilder):
    """Decides what each letter of the batch still has to say."""

    def ready(self, letter: Letter) -> PreparedLetter:
        """`facts` is None when nothing in the letter is true any more."""
        recipient = self.people[letter.recipient_id]
        if letter.kind is LetterKind.ACCOUNT:
            return self._account(letter, recipient)
        if letter.kind is LetterKind.COMPILED:
            item = self.compiled.get(letter.topic)
            kept = self._facts(letter, recipient, [], compiled=item) if item is not None else None
            return PreparedLetter(kept)
        items, dropped, superseded = self._items(letter, recipient)
        facts = self._facts(letter, recipient, items) if items or self.alerts.get(letter.id) else None
        if facts is not None:
            facts = shorten(facts, self._lists())
            items = list(facts.items)
            self.links.update((self._code(letter, item.task_id), (letter.id, item.task_id)) for item in items)
        touched = {notice.task_id for notice in self.notices[letter.id]} | {item.task_id for item in items}
        conversations = tuple(one for one in self.notices[letter.id] if event_of(one) and one.id not in dropped)
        return PreparedLetter(
            facts,
            dropped,
            superseded,
            {task_id: self.tasks[task_id].revision for task_id in touched},
            conversations=conversations,
            notices=frozenset(notice.id for notice in self.notices[letter.id]),
        )

    def _account(self, letter: Letter, recipient: Person) -> PreparedLetter:
        """Prepare an account letter: what its secret still opens, or a test while somebody waits."""
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
        """Only as long as what the answer asks can still be done."""
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
        """What a template would tell, told to whoever asked for it."""
        sample = self.samples[letter.topic]
        if self.now >= letter.slot + TEST_LASTS:
            return PreparedLetter(None)
        if sample.incident is not None:
            self.incidents[sample.incident.id] = sample.incident
        builder = replace(self, now=sample.leaves_at)  # its words are those of the day on which it would leave
        item = builder._item(sample.task, letter, builder._section(sample.notice), sample.notice)
        facts = sample.mark(self._facts(letter, recipient, [item]), item, self.settings.base_url)
        return PreparedLetter(facts)

    def _items(self, letter: Letter, recipient: Person) -> tuple[list[LetterItem], dict[UUID, str], frozenset[UUID]]:
        dropped: dict[UUID, str] = {}
        kept: dict[tuple[UUID, str], Notice] = {}
        news: list[Notice] = []
        said: list[Notice] = []
        superseded: dict[UUID, Notice] = {}
        leads = {notice.task_id: notice.id for notice in self.notices[letter.id] if notice.rung == LEAD_CHANGED}
        for notice in self.notices[letter.id]:
            task = self.tasks[notice.task_id]
            spec = self.specs[task.template_version_id]
            reason = notice.reason or why_untrue(notice.rung, notice.role, notice.anchor_id, task, spec, self.now)
            if not reason and notice.rung == LEAD_CHANGED and leads[notice.task_id] != notice.id:
                reason = MOVED
            if not reason and notice.rung in ASKS and not self._is_unanswered(notice):
                reason = "decided"
            if not reason and is_read(notice, task, self.read_upto):
                reason = _READ
            if reason:
                dropped[notice.id] = reason
            elif event_of(notice) is not None:
                said.append(notice)
            elif notice.rung.startswith(EVENT):
                news.append(notice)
            else:
                key = notice.task_id, _sense(notice)
                lesser = kept.get(key)
                if lesser is not None and self._severity(lesser) > self._severity(notice):
                    notice, lesser = lesser, notice
                if lesser is not None:
                    superseded[lesser.id] = lesser
                kept[key] = notice
        reminded = {notice.task_id for notice in kept.values() if notice.rung != RungName.ASSIGNED}
        for key in [key for key, notice in kept.items() if notice.rung == RungName.ASSIGNED and key[0] in reminded]:
            notice = kept.pop(key)
            superseded[notice.id] = notice
        asked = {notice.anchor_id for notice in news}  # the request, with its words, says what its reminder would
        for key, notice in list(kept.items()):
            if notice.rung == DECIDE and notice.anchor_id in asked and not notice.undeliverable:
                superseded[kept.pop(key).id] = notice
        told, covered = told_of(said, self.tasks)
        superseded |= covered
        news += told
        items = [self._item(self.tasks[n.task_id], letter, self._section(n), n) for n in (*kept.values(), *news)]
        items = _with_entries(
            items, {n.task_id for n in superseded.values() if self._section(n) is LetterSection.ASSIGNED}
        )
        if letter.kind in (LetterKind.DIGEST, LetterKind.SUMMARY):
            named = {task_id for task_id, _sense in kept}
            listed = [t for t in self.lists[recipient.id] if t.id not in named and not self._own_wait(t, recipient)]
            items += self._listing(letter, recipient, listed)
        return items, dropped, frozenset(superseded)

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
                asked = task.due_at is None and self._follows(task, recipient)
                since = self.calendar.between(local_date(task.assigned_at), today)
                if asked and since >= SET_DATE_AFTER and task.parent_id is None:
                    section = LetterSection.SET_DATE
                yield self._item(task, letter, section or LetterSection.OPEN, None)
            elif section is not None:
                yield self._item(task, letter, section, None)

    def _own_wait(self, task: Task, recipient: Person) -> bool:
        """It waits for a decision on its result: it is not put before its own unit again."""
        return task.wait_kind is WaitKind.DECISION and not self._follows(task, recipient)

    def _follows(self, task: Task, recipient: Person) -> bool:
        """They are its coordinator today, or stand in for them."""
        return self.absences.get(task.coordinator_id, task.coordinator_id) == recipient.id

    def _reply_to(self, letter: Letter, recipient: Person) -> str:
        """The reader may answer nowhere where the office reads no replies, or the letter is a sample."""
        address = self.settings.mail.reply_address
        if address is None or letter.kind is LetterKind.ACCOUNT or not recipient.email:
            return ""
        return token_address(address, sign_reply(self.link_key, letter.id, recipient.email))

    def _lists(self) -> dict[LetterSection, str]:
        """By section, the address of the list that names what a letter only counts."""
        today = local_date(self.now)
        last = self.calendar.add(today, SOON)
        ahead = {"due_from": (today + timedelta(days=1)).isoformat(), "due_to": last.isoformat()}
        wanted: dict[LetterSection, dict[str, str]] = {section: {"own": "1"} for section in LetterSection} | {
            LetterSection.OVERDUE: {"show": "late", "own": "1"},
            LetterSection.DUE_TODAY: {"due": today.isoformat(), "own": "1"},
            LetterSection.DUE_SOON: {**ahead, "own": "1"},
            LetterSection.DECIDE: {"show": "waiting"},
            LetterSection.NOT_ACCEPTED: {"show": "new"},
            LetterSection.ASSIGNED: {"show": "new"},
            LetterSection.SET_DATE: {"show": "undated"},
            LetterSection.NEWS: {"show": "all", "own": "1"},
        }
        return {section: f"{self.settings.base_url}/tasks?{urlencode(query)}" for section, query in wanted.items()}

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
        absent = self.standing_in.get(recipient.id) if account is None else None
        sender = self.settings.mail.sender
        incident = (
            self.incidents.get(UUID(letter.topic.removeprefix("incident:"))) if "incident:" in letter.topic else None
        )
        return LetterFacts(
            kind=letter.kind,
            recipient=recipient_of(
                recipient, unit, self.people[absent].full_name if absent and absent in self.people else None
            ),
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
            choose_url=f"{self.settings.base_url}/account/letters" if letter.kind in _CHOSEN else "",
            fewer_url=self._fewer_url(letter),
            **self._alerts(letter),
        )

    def _fewer_url(self, letter: Letter) -> str:
        if letter.kind not in FEWER_OF:
            return ""
        return f"{self.settings.base_url}/fewer/{sign_fewer(self.link_key, letter.recipient_id, letter.kind)}"

    def _alerts(self, letter: Letter) -> dict[str, Any]:
        if letter.kind is not LetterKind.ALERT:
            return {}
        found = self.alerts[letter.id]
        listed = tuple(
            AlertItem(
                alert.kind, alert.subject, alert.raised_at, alert.last_seen_at, alert.times, alert.ended_at, alert.facts
            )
            for alert in found[:ALERTS_LISTED]
        )
        return {"alerts": listed, "more_alerts": len(found) - len(listed), "is_own_launch": bool(letter.topic)}


def _sense(notice: Notice) -> str:
    """What a notice is about. A more severe one stands for others of that, and any one for the assignment."""
    return notice.rung if notice.rung in LETTER_RUNGS else clock_of(notice.rung)


def _with_entries(items: list[LetterItem], assigned: set[UUID]) -> list[LetterItem]:
    """Add the date's calendar entry to what a lead hears first, also where that supersedes the assignment."""
    missing = assigned - {item.task_id for item in items if item.attach_calendar}
    return [
        replace(item, attach_calendar=True)
        if item.task_id in missing and item.event is None and item.due_at is not None and item.hours_left is None
        else item
        for item in items
    ]
