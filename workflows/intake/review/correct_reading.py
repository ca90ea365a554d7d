"""Correct a reading: change a field, split, merge or add duties. Each correction undoes a confirmation."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from sqlmodel import Session, select

from models.directives.directive import DutyKind, Urgency
from models.directives.template import DayOfPeriod
from models.errors import BadInput, NotFound, Refused
from models.i18n import _
from models.intake.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.words import duty_words
from workflows.access.conflict import CHANGED, Conflict
from workflows.access.rights import Principal
from workflows.intake.bounded import LONGEST_DUTY
from workflows.intake.review.first_guess import OF_PERIOD, short_title
from workflows.intake.review.propose_template import PERIODIC, day_of_period
from workflows.intake.review.store_reading import DUE, UNREAD, last_day, proposed_due, unread_time, unsettled_times
from workflows.intake.review.unclear import refuse_unseen
from workflows.intake.times.deadlines import times_in
from workflows.rules.rights_table import Right
from workflows.templates.new_document import check_document
from workflows.templates.template_check import normalise

_PATH = re.compile(r"[a-z0-9đ]+(?:\.[a-z0-9đ]+)*")


class Corrected(TypedDict, total=False):
    """The fields of a duty that a form sends. A field that the form does not show is missing, and stays unchanged.

    `due_on`: the last permitted day, None where no day is named. `of_period`: the day of each period on which it is
    due, for what comes again; None for the days of the preset.
    """

    path: str
    title: str
    kind: DutyKind
    addressees: Sequence[str]
    partners: Sequence[str]
    due_on: date | None
    every: str
    of_period: DayOfPeriod | None
    reports_to: str
    result: str


def open_intake(session: Session, principal: Principal, intake_id: UUID, *, to_write: bool = False) -> Intake:
    """Find an intake. NotFound where the reader does not speak for its unit, Refused to change one that has ended."""
    principal.require(Right.LAUNCH)
    query = select(Intake).where(Intake.id == intake_id)
    intake = session.exec(query.with_for_update() if to_write else query).first()
    if intake is None or intake.coordinating_unit_id not in principal.speaks_for:
        raise NotFound("there is no such document")
    if to_write and intake.state is not IntakeState.OPEN:
        raise Refused("this document has been dealt with already")
    return intake


def find_duty(session: Session, intake: Intake, duty_id: UUID) -> ProposedDuty:
    """Find a duty. NotFound for another document's duty, Conflict for one that is gone, such as a merged one."""
    duty = session.get(ProposedDuty, duty_id)
    if duty is None:
        raise Conflict(CHANGED, what=_("this duty"))
    if duty.intake_id != intake.id:
        raise NotFound("there is no such duty")
    return duty


def correct(session: Session, intake: Intake, duty: ProposedDuty, given: Corrected) -> None:
    """Set a duty's fields. BadInput for a path that is none or is taken, a title that is empty, two days at once."""
    if "path" in given:
        duty.path = _free_path(session, intake, given["path"], but=duty)
    if "title" in given:
        duty.title = _filled(_("title"), given["title"])[:300]
    duty.kind, duty.every = given.get("kind", duty.kind), given.get("every", duty.every)
    if "addressees" in given:
        duty.addressees = _names(given["addressees"])
    if "partners" in given:
        duty.partners = _names(given["partners"])
    _set_day(duty, given)
    if "reports_to" in given:
        duty.reports_to = " ".join(given["reports_to"].split())[:300]
    if "result" in given:
        duty.result = " ".join(given["result"].split())[:500]
    session.flush()


def _set_day(duty: ProposedDuty, given: Corrected) -> None:
    """Set the day of a form. A day that nobody changed keeps its reading, such as "trước ngày …"."""
    shown = last_day(duty), day_of_period(duty)
    due_on, of_period = given.get("due_on", shown[0]), given.get("of_period", shown[1])
    if due_on and of_period:
        raise BadInput(
            "{duty}: it has a last day and a day in each period; empty one of them", duty=duty_words(duty.path)
        )
    if (due_on, of_period) != shown:
        day = {"rule": "fixed", "on": due_on.isoformat()} if due_on else {}
        duty.deadline = {"rule": OF_PERIOD, **of_period.model_dump()} if of_period else day
    elif duty.kind in PERIODIC and duty.deadline.get("rule") not in (None, "fixed", OF_PERIOD):
        duty.findings, duty.deadline = _with_times(duty), {}  # no form shows it: its words are asked about


def unfit(duty: ProposedDuty) -> BadInput | None:
    """Return the fault of a duty whose kind would leave out its day or its period, else None."""
    rule = duty.deadline.get("rule")
    if duty.kind in PERIODIC and not duty.every:
        return BadInput("{duty}: say how often it comes again", duty=duty_words(duty.path))
    if duty.kind in (*PERIODIC, DutyKind.CONTINGENCY) and rule not in (None, OF_PERIOD):
        return BadInput(
            "{duty}: a task of the kind “{kind}” has no last day; choose another kind and how often, or empty the day",
            duty=duty_words(duty.path),
            kind=duty.kind.label,
        )
    if duty.kind not in PERIODIC and (duty.every or rule == OF_PERIOD):
        return BadInput(
            "{duty}: a task of the kind “{kind}” does not come again; choose another kind, or “once only” and no day in"
            " each period",
            duty=duty_words(duty.path),
            kind=duty.kind.label,
        )
    return None


def split(session: Session, intake: Intake, duty: ProposedDuty, *, begins_with: str, path: str) -> ProposedDuty:
    """Split a duty in two: the second one begins with these words. BadInput where the duty does not hold them."""
    words = _filled(_("first words of the second duty"), begins_with)
    at = _place(intake.text, words, duty.begins, duty.ends)
    if at is None or at[0] <= duty.begins:
        raise BadInput(
            "first words of the second duty: “{words}” is not within {duty}", words=words, duty=duty_words(duty.path)
        )
    second = ProposedDuty(
        intake_id=intake.id,
        path=_free_path(session, intake, path),
        begins=at[0],
        ends=duty.ends,
        title=short_title(intake.text[at[0] : duty.ends]),
        kind=duty.kind,
        addressees=list(duty.addressees),
        partners=[],
        reports_to=duty.reports_to,
        findings=[one for one in duty.findings if one["begins"] >= at[0]],
    )
    if _moves(duty, at[0]):
        second.deadline, second.every = duty.deadline, duty.every
        duty.deadline, duty.every = {}, ""
        duty.kind = DutyKind.ONE_OFF if duty.kind is DutyKind.RECURRING else duty.kind
    else:
        second.findings = _with_times(second)
    cut = [one for one in _dates(duty) if one["begins"] < at[0] < one["ends"]]
    duty.findings = [
        *(one for one in duty.findings if one["ends"] <= at[0] or (one["field"] == UNREAD and one["begins"] < at[0])),
        *(unread_time(one["value"], one["begins"], one["ends"]) for one in cut),
    ]
    duty.ends = at[0] - len(intake.text[duty.begins : at[0]]) + len(intake.text[duty.begins : at[0]].rstrip())
    duty.state = ProposalState.PROPOSED
    session.add(second)
    session.flush()
    return second


def merge(session: Session, duty: ProposedDuty, other: ProposedDuty) -> None:
    """Merge two duties: the first one keeps its path and title, the other one is deleted."""
    first, last = sorted((duty, other), key=lambda one: one.begins)
    duty.begins, duty.ends = first.begins, max(first.ends, last.ends)
    duty.addressees = _names([*duty.addressees, *other.addressees])
    duty.partners = _names([*duty.partners, *other.partners])
    mine, theirs = (duty.deadline, duty.every), (other.deadline, other.every)
    if any(mine) and mine != theirs:
        other.findings = _with_times(other)
    elif not any(mine):
        duty.deadline, duty.every = theirs
        duty.kind = other.kind if other.kind is DutyKind.RECURRING else duty.kind
    duty.reports_to = duty.reports_to or other.reports_to
    duty.findings = sorted([*duty.findings, *other.findings], key=lambda one: int(one["begins"]))
    duty.state = ProposalState.PROPOSED
    session.delete(other)
    session.flush()


def add(session: Session, intake: Intake, *, words: str, path: str) -> ProposedDuty:
    """Add a duty that was not found, by its very words; "…" may stand for those between the first and the last."""
    given = _filled(_("words of the duty"), words)
    first, _gap, last = given.replace("...", "…").partition("…")
    found = _place(intake.text, first.strip(), 0, len(intake.text))
    end = _place(intake.text, last.strip(), found[1], len(intake.text)) if found and last.strip() else found
    if found is None or end is None:
        raise BadInput("words of the duty: “{words}” is not in the text", words=given)
    _refuse_long(_("words of the duty"), end[1] - found[0])
    duty = ProposedDuty(
        intake_id=intake.id,
        path=_free_path(session, intake, path),
        begins=found[0],
        ends=end[1],
        title=short_title(intake.text[found[0] : end[1]]),
        kind=DutyKind.ONE_OFF,
        findings=[
            unread_time(intake.text[found[0] + start : found[0] + stop], found[0] + start, found[0] + stop)
            for start, stop in times_in(intake.text[found[0] : end[1]])
        ],
    )
    session.add(duty)
    session.flush()
    return duty


def correct_document(intake: Intake, given: Mapping[str, str], issued_on: date | None, today: date) -> None:
    """Set the document's own fields. BadInput names a wrong one."""
    check_document(given, issued_on, today)
    refuse_other(_("urgency"), given["urgency"], list(Urgency))
    intake.kind, intake.urgency = given["kind"], Urgency(given["urgency"])
    intake.number, intake.issued_on = normalise(given["number"]) or None, issued_on
    intake.issuer, intake.subject = normalise(given["issuer"]), normalise(given["subject"])


def refuse_other(field: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise BadInput("{field} {value}: expected one of {allowed}", field=field, value=value, allowed=allowed)


def settle_times(duty: ProposedDuty, *, means: str, person_id: UUID, now: datetime) -> None:
    """Record what the unread words of time mean: the time that the duty states now, or NO_DATE for none."""
    waiting = unsettled_times(duty)
    settled = {"means": means, "by": person_id.hex, "at": now.isoformat()}
    duty.findings = [
        one | {"settled": settled} if one["field"] == UNREAD and one["value"] in waiting else one
        for one in duty.findings
    ]


def refuse_unsettled(duty: ProposedDuty) -> None:
    """Raise BadInput where nobody has said what a time means, or compared what a scan shows unclearly.

    And where the kind of the task does not fit its times.
    """
    refuse_unseen(duty)
    waiting = unsettled_times(duty)
    if waiting:
        raise BadInput(
            "{duty}: words of time were not read: {words}; set the date that they mean, or tick that they set none",
            duty=duty_words(duty.path),
            words=[f"“{one}”" for one in waiting],
        )
    if (wrong := unfit(duty)) is not None:
        raise wrong


def _dates(duty: ProposedDuty) -> list[dict[str, Any]]:
    """Return the findings of dates that were read, but for those of which no date was made."""
    unread = {one["begins"] for one in duty.findings if one["field"] == UNREAD}
    return [one for one in duty.findings if one["field"] == "deadlines" and one["begins"] not in unread]


def _with_times(duty: ProposedDuty) -> list[dict[str, Any]]:
    """Return a duty's findings, with each date that was read in it as one of which no date was made."""
    return [*duty.findings, *(unread_time(one["value"], one["begins"], one["ends"]) for one in _dates(duty))]


def _moves(duty: ProposedDuty, at: int) -> bool:
    """Return whether the words of the duty's date all stand behind a place: the date goes with its words."""
    dates = _dates(duty)
    return bool(dates) and all(one["begins"] >= at for one in dates)


def settle_due(
    intake: Intake, duties: Sequence[ProposedDuty], *, take: bool, person_id: UUID, now: datetime
) -> list[ProposedDuty]:
    """Take the deadline that the message proposes for the duties to be confirmed that have none, or leave it.

    Return the duties that got it: none that comes again, and none with words of time that wait for a decision.
    """
    day = proposed_due(intake)
    if day is None:
        raise Refused("nobody proposes a deadline here, or it has been decided on")
    settled = {"means": "taken" if take else "left", "by": person_id.hex, "at": now.isoformat()}
    intake.findings = [one | {"settled": settled} if one["field"] == DUE else one for one in intake.findings]
    undated = [
        one
        for one in duties
        if one.state is ProposalState.PROPOSED
        and not (one.deadline or one.every or unsettled_times(one))
        and one.kind not in PERIODIC
    ]
    if not take:
        return []
    for one in undated:
        one.deadline = {"rule": "fixed", "on": day.isoformat()}
    return undated


def decide(duties: Sequence[ProposedDuty], state: ProposalState) -> None:
    """Confirm duties, drop them, or open them again. BadInput where words of time in one are not settled."""
    if state is ProposalState.CONFIRMED:
        for duty in duties:
            refuse_unsettled(duty)
    for duty in duties:
        duty.state = state


def _free_path(session: Session, intake: Intake, path: str, *, but: Any = None) -> str:
    wanted = path.strip().casefold()
    if not _PATH.fullmatch(wanted) or len(wanted) > 32:
        raise BadInput("number {path}: expected something like 2, 2.a or closing.1", path=path)
    taken = session.exec(
        select(ProposedDuty.id).where(ProposedDuty.intake_id == intake.id, ProposedDuty.path == wanted)
    ).first()
    if taken is not None and (but is None or taken != but.id):
        raise BadInput("number {path}: another duty has it", path=path)
    return wanted


def _filled(field: str, value: str) -> str:
    words = " ".join(value.split())
    if not words:
        raise BadInput("{field}: it is missing", field=field)
    _refuse_long(field, len(words))
    return words


def _refuse_long(field: str, length: int) -> None:
    """Raise BadInput for more than is read as one duty: others wait to write while its words are looked for."""
    if length > LONGEST_DUTY:
        raise BadInput("{field}: {count} characters; at most {most}", field=field, count=length, most=LONGEST_DUTY)


def _names(given: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name[:300] for one in given if (name := " ".join(one.split()))))


def _place(text: str, words: str, begins: int, ends: int) -> tuple[int, int] | None:
    """Return where words stand between two characters of a text, whatever white space lies between them."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    found = re.compile(pattern).search(text, begins, ends) if pattern else None
    return found.span() if found else None
