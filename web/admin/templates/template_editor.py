"""What an editor of a template shows: the form, the YAML, their faults, and the ladder with real dates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from models.directives.template import HoursDeadline, TemplateSpec
from models.errors import BadInput, BadRows, DondocError
from models.i18n import _
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day, local_date, read_day
from web.admin.templates.publish_notices import field_words, tell_fault
from web.admin.templates.template_form import (
    Fields,
    base_data,
    blank_fields,
    drops_rungs,
    form_data,
    one,
    spec_fields,
    takes_own_rungs,
    without_effect,
)
from web.request.request_context import RequestContext
from workflows.escalation.ladder_dates import example_due, ladder_dates
from workflows.launch.coverage import load_register
from workflows.organization.working_calendar import load_calendar
from workflows.reports.charts.chart import Chart
from workflows.reports.charts.ladder_chart import draw_ladder
from workflows.templates.edit_template import EditedDuty, check_draft
from workflows.templates.publish_effect import FieldChange, differences
from workflows.templates.template_text import parse_template, read_template, spec_data, spec_yaml, write_yaml

_SHOWN_FAULTS = 30
_IDLE = _("{field}: it would have no effect; choose “{other}” too, or leave it empty")
_TWO_LADDERS = _(
    "{field}: another one was chosen and rungs were changed as well; choose its own, or leave the rungs as they were"
)


@dataclass(frozen=True)
class Fault:
    """One fault: its line in the YAML (0: of none), and its words."""

    line: int
    words: str


@dataclass
class Draft:
    """What is being edited, and what the check found. `takes_own_rungs`: a changed rung made the ladder its own."""

    fields: Fields
    text: str
    spec: TemplateSpec | None = None
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    changes: tuple[FieldChange, ...] = ()
    ladder: Chart | None = None
    example: "Example | None" = None
    example_fault: str = ""
    takes_own_rungs: bool = False


@dataclass(frozen=True)
class Example:
    """The days of the ladder's example: assigned at 08:00, due at the end of the day."""

    assigned: date
    due: date | None


def opened(context: RequestContext, session: Session, edited: EditedDuty) -> Draft:
    """Return the newest version as it was saved; of a duty without one, what is known of it."""
    if edited.newest is not None:
        spec = edited.newest.read_spec()
        draft = Draft(spec_fields(spec), spec_yaml(spec), spec)
    else:
        duty = edited.duty
        known = {"duty": duty.path, "title": duty.title, "kind": duty.kind.value, "quote": duty.quote}
        fields = blank_fields() | {name: [value] for name, value in known.items()}
        draft = Draft(fields, write_yaml(known))
    return _with_picture(context, session, edited, draft, {})


def from_text(context: RequestContext, session: Session, edited: EditedDuty, fields: Fields, text: str) -> Draft:
    """Return the YAML checked; the form follows it where it has no fault."""
    draft = Draft(fields, text)
    _check(context, session, edited, draft, by_line=True)
    if draft.spec is not None:
        draft.fields = spec_fields(draft.spec)
    return _with_picture(context, session, edited, draft, fields)


def from_form(context: RequestContext, session: Session, edited: EditedDuty, fields: Fields, text: str) -> Draft:
    """Return the form checked, as the YAML that it makes; what only the YAML holds is kept.

    A changed rung makes the ladder the template's own. Any other field that would count for nothing is a fault.
    """
    path, saved = edited.duty.path, edited.newest.read_spec() if edited.newest else None
    try:
        file = parse_template(path, text)
    except BadInput:
        file = None
    shown = _shown(edited, saved, text)
    own = takes_own_rungs(fields, shown)
    faults = [_idle(context, place) for place in without_effect(fields | ({"ladder": ["own"]} if own else {}), shown)]
    if drops_rungs(fields, shown):
        faults.append(Fault(0, context.words(_TWO_LADDERS, field=field_words(("ladder",)))))
    elif own:
        fields = fields | {"ladder": ["own"]}
    draft = Draft(fields, write_yaml(form_data(fields, base_data(file, saved, path), shown)), takes_own_rungs=own)
    _check(context, session, edited, draft, by_line=False)
    if draft.spec is not None:
        draft.text = spec_yaml(draft.spec)
    if faults:
        draft.spec, draft.faults = None, [*faults, *draft.faults]
    return _with_picture(context, session, edited, draft, fields)


def _shown(edited: EditedDuty, saved: TemplateSpec | None, text: str) -> Fields:
    """Return the fields as the form showed them: those of the YAML beside it, else those of what was saved."""
    try:
        return spec_fields(read_template(edited.directive, edited.duty.path, text))
    except DondocError:
        return spec_fields(saved) if saved is not None else blank_fields()


def _idle(context: RequestContext, place: tuple[str | int, ...]) -> Fault:
    other = _("Rung") if place[0] == "ladder" else _("How often")
    return Fault(0, context.words(_IDLE, field=field_words(place), other=other))


def _check(context: RequestContext, session: Session, edited: EditedDuty, draft: Draft, *, by_line: bool) -> None:
    try:
        spec = read_template(edited.directive, edited.duty.path, draft.text)
        check_draft(session, edited, spec)
        draft.spec = spec
    except BadRows as error:
        draft.faults = [_fault(one, context.language, by_line) for one in error.faults[:_SHOWN_FAULTS]]
        draft.more_faults = max(0, len(error.faults) - _SHOWN_FAULTS)
    except DondocError as error:
        draft.faults = [_fault(error, context.language, by_line)]


def _fault(error: DondocError, language: str, by_line: bool) -> Fault:
    line = error.facts.get("line")
    return Fault(line if isinstance(line, int) else 0, tell_fault(error, language, by_line=by_line))


def _with_picture(
    context: RequestContext, session: Session, edited: EditedDuty, draft: Draft, asked: Mapping[str, list[str]]
) -> Draft:
    today = local_date(context.now)
    draft.example = Example(today, None)
    if draft.spec is None:
        return draft
    if edited.published is not None:
        draft.changes = tuple(differences(spec_data(edited.published.read_spec()), spec_data(draft.spec)))
    calendar = load_calendar(session)
    try:
        assigned = read_day(_("Assigned"), one(asked, "example-assigned") or today.isoformat())
        assigned_at = at_local(assigned)
        calendar.is_working(assigned)  # refuses a day outside the calendar's years
        wanted = one(asked, "example-due")
        if wanted and not isinstance(draft.spec.deadline, HoursDeadline):
            due_at = end_of_day(read_day(_("Deadline"), wanted))
        else:
            kind = next((one.kind for one in load_register(session).resolve(draft.spec.audience).units), None)
            decided, _period = example_due(
                draft.spec,
                issued_on=edited.directive.issued_on,
                assigned_at=assigned_at,
                calendar=calendar,
                unit_kind=kind or UnitKind.ENTERPRISE,
            )
            assert decided.due_at is not None  # where the template has no date of its own, one is assumed
            due_at = decided.due_at
        draft.example = Example(assigned, local_date(due_at - timedelta(seconds=1)))
        dates = ladder_dates(draft.spec, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
        draft.ladder = draw_ladder(dates, context.language, name="draft")
    except BadInput as error:
        draft.example_fault = error.tell(context.language)
    return draft
