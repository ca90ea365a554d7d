"""What an editor of a template shows: the form, its faults, and the ladder with real dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from models.directives.ladders import RecipientRole
from models.directives.template import HoursDeadline, TemplateSpec
from models.errors import BadInput, BadRows, DondocError
from models.i18n import Words, _
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day, local_date, read_day
from web.admin.form_fields import Fields, one, unsaid_field
from web.admin.templates.ladder_drawing import LadderDrawing, draw_ladder
from web.admin.templates.ladder_form import drops_rungs, rung_rows, takes_own_rungs, with_ladder
from web.admin.templates.named_units import NamedUnits, place_of
from web.admin.templates.publish_notices import field_words, tell_fault
from web.admin.templates.template_form import (
    PERIOD_DAYS,
    audience_rows,
    base_data,
    blank_fields,
    form_data,
    spec_fields,
    without_effect,
)
from web.request.request_context import RequestContext
from workflows.escalation.ladder_dates import example_due, ladder_dates
from workflows.launch.coverage import load_register
from workflows.templates.edit_template import EditedDuty, check_draft
from workflows.templates.publish_effect import FieldDifference, differences
from workflows.templates.spec_faults import SpecFault
from workflows.templates.template_text import read_template, spec_data, spec_yaml, write_yaml

SHOWN_FAULTS = 30
_Place = tuple[str | int, ...]
_AUDIENCES = {"audience": "who", "coordinating": "with"}
_IDLE = _("{field}: it would have no effect; choose “{other}” too, or leave it empty")
_WHAT_IS_WRONG = _("{field}: {problem}")
_NO_TIME = _("{field}: say when; or choose the usual time")
_TWO_LADDERS = _(
    "{field}: another one was chosen and rungs were changed as well; choose its own, or leave the rungs as they were"
)


@dataclass(frozen=True)
class TemplateFault:
    """One fault: its words, and the field of the form that has it ("": none)."""

    words: str
    field: str = ""

    @property
    def anchor(self) -> str:
        """The field's id: of the readers of a rung, the first."""
        return f"f-{self.field}-{RecipientRole.HEAD}" if self.field.startswith("to-") else f"f-{self.field}"


@dataclass
class TemplateDraft:
    """What is being edited, and what the check found. `takes_own_rungs`: a changed rung made the ladder its own.

    `text`: the same as YAML. The page sends it back as what the form showed, so that a later check knows what changed.
    """

    fields: Fields
    text: str
    spec: TemplateSpec | None = None
    faults: list[TemplateFault] = field(default_factory=list)
    more_faults: int = 0
    changes: tuple[FieldDifference, ...] = ()
    ladder: LadderDrawing | None = None
    example: "Example | None" = None
    example_fault: str = ""
    units: NamedUnits | None = None
    takes_own_rungs: bool = False

    def value(self, name: str) -> str:
        value = one(self.fields, name)
        return self.units.named(name, value) if self.units else value

    def faults_of(self, field: str) -> list[str]:
        return [one.words for one in self.faults if one.field == field]


@dataclass(frozen=True)
class Example:
    """The days of the ladder's example: assigned at 08:00, due at the end of the day."""

    assigned: date
    due: date | None


def opened(context: RequestContext, session: Session, edited: EditedDuty) -> TemplateDraft:
    """The newest version as it was saved; of a duty without one, what is known of it."""
    if edited.newest is not None:
        spec = edited.newest.read_spec()
        draft = TemplateDraft(spec_fields(spec), spec_yaml(spec), spec)
    else:
        duty = edited.duty
        known = {"duty": duty.path, "title": duty.title, "kind": duty.kind.value, "quote": duty.quote}
        fields = blank_fields() | {name: [value] for name, value in known.items()}
        draft = TemplateDraft(fields, write_yaml(known))
    return _with_picture(context, session, edited, draft, {})


def from_form(context: RequestContext, session: Session, edited: EditedDuty, fields: Fields, was: str) -> TemplateDraft:
    """Check the form; what a template holds and no field shows is kept. `was`: the YAML of what it showed.

    A changed rung makes the ladder the template's own. Any other field that would count for nothing is a fault.
    """
    path, saved = edited.duty.path, edited.newest.read_spec() if edited.newest else None
    shown = _shown(edited, saved, was)
    units = NamedUnits(session, shown)
    fields, unknown = units.coded(session, fields)
    own = takes_own_rungs(fields, shown)
    faults = [
        _idle(context, fields, place) for place in without_effect(fields | ({"ladder": ["own"]} if own else {}), shown)
    ]
    if drops_rungs(fields, shown):
        faults.append(TemplateFault(context.words(_TWO_LADDERS, field=field_words(("ladder",))), "ladder"))
    elif own:
        fields = fields | {"ladder": ["own"]}
    if unsaid := unsaid_field(fields, "reminders"):
        faults.append(TemplateFault(context.words(_NO_TIME, field=field_words(("reminders",))), unsaid))
    for name, error in unknown:
        words = Words(_WHAT_IS_WRONG, field=field_words(place_of(name)), problem=error.tell(context.language))
        faults.append(TemplateFault(context.words(words), name))
    draft = TemplateDraft(fields, write_yaml(form_data(fields, base_data(saved, path), shown)), takes_own_rungs=own)
    _check(session, edited, draft, context.language, shown)
    if draft.spec is not None:
        draft.text = spec_yaml(draft.spec)
        draft.fields = fields if faults else with_ladder(fields, draft.spec)
    if faults:
        draft.spec, draft.faults = None, [*faults, *draft.faults]
    return _with_picture(context, session, edited, draft, fields)


def _shown(edited: EditedDuty, saved: TemplateSpec | None, was: str) -> Fields:
    """As the page sent them back, else those of what was saved."""
    try:
        return spec_fields(read_template(edited.directive, edited.duty.path, was))
    except DondocError:
        return spec_fields(saved) if saved is not None else blank_fields()


def _idle(context: RequestContext, fields: Fields, place: tuple[str | int, ...]) -> TemplateFault:
    other = _("Rung") if place[0] == "ladder" else _("How often")
    return TemplateFault(context.words(_IDLE, field=field_words(place), other=other), _field_at(place, fields))


def _check(session: Session, edited: EditedDuty, draft: TemplateDraft, language: str, shown: Fields) -> None:
    try:
        spec = read_template(edited.directive, edited.duty.path, draft.text)
        check_draft(session, edited, spec)
        draft.spec = spec
    except BadRows as error:
        draft.faults = [_by_field(one, language, draft.fields, shown) for one in error.faults[:SHOWN_FAULTS]]
        draft.more_faults = max(0, len(error.faults) - SHOWN_FAULTS)
    except DondocError as error:
        draft.faults = [_by_field(error, language, draft.fields, shown)]


def _by_field(fault: DondocError, language: str, fields: Fields, shown: Fields) -> TemplateFault:
    if not isinstance(fault, SpecFault):
        return TemplateFault(tell_fault(fault, language, by_line=False))
    place = _shown_place(fault, fields, shown)
    return TemplateFault(tell_fault(fault, language, by_line=False, place=place), _field_at(place, fields))


def _with_picture(
    context: RequestContext, session: Session, edited: EditedDuty, draft: TemplateDraft, asked: Mapping[str, list[str]]
) -> TemplateDraft:
    draft.units = NamedUnits(session, draft.fields)
    today = context.today
    draft.example = Example(_typed_day(asked, "example-assigned") or today, _typed_day(asked, "example-due"))
    if draft.spec is None:
        return draft
    if edited.published is not None:
        draft.changes = tuple(differences(spec_data(edited.published.read_spec()), spec_data(draft.spec)))
    calendar = context.calendar(session)
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
        draft.ladder = draw_ladder(dates, context.language)
    except BadInput as error:
        draft.example_fault = error.tell(context.language)
    return draft


def _typed_day(asked: Mapping[str, list[str]], name: str) -> date | None:
    try:
        return date.fromisoformat(one(asked, name))
    except ValueError:
        return None


def _shown_place(fault: SpecFault, fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> _Place:
    """By the numbers of the form's rows, which may have empty ones between them."""
    place = fault.place
    if place == ("ladder",) and (row := _unfit_rung(fault, fields)) is not None:
        return ("ladder", "rungs", row, "at")
    rows = rung_rows(fields, shown) if place[:2] == ("ladder", "rungs") else []
    if place[1:2] == ("any",) and place[0] in _AUDIENCES:
        rows = audience_rows(_AUDIENCES[str(place[0])], fields)
    number = place[2] if len(place) > 2 else None
    return (*place[:2], rows[number], *place[3:]) if isinstance(number, int) and number < len(rows) else place


def _field_at(place: Sequence[str | int], fields: Mapping[str, list[str]]) -> str:
    first, *rest = [str(part) for part in place] or ["kind"]  # what is wrong with the whole is wrong with its kind
    last = rest[-1] if rest else ""
    if prefix := _AUDIENCES.get(first):
        row = rest[1] if len(rest) > 1 and rest[1].isdecimal() else "0"
        in_row = f"{prefix}-{row}-{rest[2] if len(rest) > 2 else 'kind'}"
        return f"{prefix}-{rest[0]}" if rest and rest[0] != "any" else in_row
    if first == "deadline":
        return first if last in ("", "rule") else last
    if first == "period":
        return _period_field(rest)
    if first == "result":
        return last or "description"
    if first == "ladder":
        return f"{rest[2] if len(rest) > 2 else 'rung'}-{rest[1]}" if len(rest) > 1 else last or first
    return "leaves_at" if first == "reminders" and one(fields, "leaves") == "weekly" else first


def _period_field(rest: Sequence[str]) -> str:
    inner = {"day": "day", "months_before": "before", "before": "ends"}
    if rest[:1] == ["sends"]:
        kind = rest[1] if len(rest) > 1 else "department"
        return f"sends-{kind}-{inner.get(rest[-1], 'day')}"
    if rest and rest[0] in PERIOD_DAYS:
        return f"{rest[0]}-{inner.get(rest[-1], 'day')}"
    return "period_move" if rest[:1] == ["move"] else "every"


def _unfit_rung(fault: SpecFault, fields: Mapping[str, list[str]]) -> int | None:
    """The row of a rung that the ladder as a whole does not bear, where the fault tells of one."""
    problem = fault.given.get("problem")
    given = problem.facts if isinstance(problem, Words) else {}
    for row in rung_rows(fields, {}):
        name, at = one(fields, f"rung-{row}"), one(fields, f"at-{row}").lstrip("-−")
        if name == given.get("rung") and at == str(given.get("at", "")).lstrip("-"):
            return row
    return None
