"""The state of a template's editor: the fields of the form, their faults, and the ladder drawn with real dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from models.directives.ladders import RecipientRole
from models.directives.template import HoursDeadline, TemplateSpec
from models.errors import BadInput, BadRows, DondocError
from models.i18n import Words, _
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day, local_date, read_day
from web.admin.form_fields import Fields, field_text, missing_time_field
from web.admin.templates.ladder_drawing import LadderDrawing, draw_ladder
from web.admin.templates.ladder_form import drops_rungs, rung_rows, takes_own_rungs, with_ladder
from web.admin.templates.template_form import (
    PERIOD_DAYS,
    audience_rows,
    base_data,
    blank_fields,
    form_data,
    spec_fields,
    without_effect,
)
from web.admin.templates.template_wording import field_words, tell_fault
from web.admin.templates.unit_fields import UnitFields, place_of
from web.request.request_context import RequestContext
from workflows.escalation.ladder_dates import example_due, ladder_dates
from workflows.launch.coverage import load_register
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.templates.edit_template import EditedDuty, check_draft
from workflows.templates.publish_effect import FieldDifference, differences
from workflows.templates.spec_faults import SpecFault
from workflows.templates.template_text import read_template, spec_data, spec_yaml, write_yaml

SHOWN_FAULTS = 30
SpecPlace = tuple[str | int, ...]
_AUDIENCES = {"audience": "who", "coordinating": "with"}
_NO_EFFECT = _("{field}: it would have no effect; choose “{other}” too, or leave it empty")
_FIELD_PROBLEM = _("{field}: {problem}")
_NO_TIME = _("{field}: say when; or choose the usual time")
_TWO_LADDERS = _(
    "{field}: another one was chosen and rungs were changed as well; choose its own, or leave the rungs as they were"
)


@dataclass(frozen=True)
class TemplateFault:
    """A fault in words, and the name of the form's field that has it ("" if none has)."""

    words: str
    field: str = ""

    @property
    def anchor(self) -> str:
        """Return the id of the field; of the recipients of a rung, that of the first box."""
        if self.field.startswith("to-"):
            return f"f-{self.field}-{RecipientRole.HEAD}"
        return f"f-{self.field}"


@dataclass
class TemplateDraft:
    """A template being edited, and the result of its check. `spec` is None while it has faults.

    `text`: the template as YAML. The page sends it back, so that the next check knows what the form showed.
    `takes_own_rungs`: somebody changed a rung of a ladder of the program, which makes it the template's own.
    """

    fields: Fields
    text: str
    spec: TemplateSpec | None = None
    faults: list[TemplateFault] = field(default_factory=list)
    more_faults: int = 0
    changes: tuple[FieldDifference, ...] = ()
    ladder: LadderDrawing | None = None
    example: "LadderExample | None" = None
    example_fault: str = ""
    units: UnitFields | None = None
    takes_own_rungs: bool = False

    def value(self, name: str) -> str:
        value = field_text(self.fields, name)
        return self.units.with_names(name, value) if self.units else value

    def faults_of(self, field: str) -> list[str]:
        return [fault.words for fault in self.faults if fault.field == field]


@dataclass(frozen=True)
class LadderExample:
    """The days of the ladder's example: assigned at 08:00, due at the end of the day."""

    assigned: date
    due: date | None


def open_draft(context: RequestContext, session: Session, edited: EditedDuty) -> TemplateDraft:
    """Open the newest version; for a duty without one, a draft with the duty's own data."""
    if edited.newest is not None:
        spec = edited.newest.read_spec()
        draft = TemplateDraft(spec_fields(spec), spec_yaml(spec), spec)
    else:
        duty = edited.duty
        data = {"duty": duty.path, "title": duty.title, "kind": duty.kind.value, "quote": duty.quote}
        fields = blank_fields() | {name: [value] for name, value in data.items()}
        draft = TemplateDraft(fields, write_yaml(data))
    return _with_example(context, session, edited, draft, {})


def draft_from_form(
    context: RequestContext, session: Session, edited: EditedDuty, fields: Fields, shown_text: str
) -> TemplateDraft:
    """Check the fields of a form, and keep saved data that no field shows. `shown_text`: the YAML that it showed.

    A changed rung makes the ladder the template's own. Any other field without an effect is a fault.
    """
    saved = edited.newest.read_spec() if edited.newest else None
    shown = _shown_fields(edited, saved, shown_text)
    fields, unit_faults = UnitFields(session, shown).with_codes(session, fields)
    has_own_rungs = takes_own_rungs(fields, shown)
    faults = _field_faults(context, fields, shown, has_own_rungs=has_own_rungs)
    for name, error in unit_faults:
        words = Words(_FIELD_PROBLEM, field=field_words(place_of(name)), problem=error.tell(context.language))
        faults.append(TemplateFault(context.words(words), name))
    if has_own_rungs and not drops_rungs(fields, shown):
        fields = fields | {"ladder": ["own"]}
    data = form_data(fields, base_data(saved, edited.duty.path), shown)
    draft = TemplateDraft(fields, write_yaml(data), takes_own_rungs=has_own_rungs)
    _check(session, edited, draft, context.language, shown)
    if draft.spec is not None:
        draft.text = spec_yaml(draft.spec)
        draft.fields = fields if faults else with_ladder(fields, draft.spec)
    if faults:
        draft.spec, draft.faults = None, [*faults, *draft.faults]
    return _with_example(context, session, edited, draft, fields)


def _shown_fields(edited: EditedDuty, saved: TemplateSpec | None, shown_text: str) -> Fields:
    """Return the fields of the YAML that the page sent back; if it is damaged, those of the saved version."""
    try:
        return spec_fields(read_template(edited.directive, edited.duty.path, shown_text))
    except DondocError:
        return spec_fields(saved) if saved is not None else blank_fields()


def _field_faults(
    context: RequestContext, fields: Fields, shown: Fields, *, has_own_rungs: bool
) -> list[TemplateFault]:
    """Find what only the form shows: fields without an effect, two ladders at once, a time that is not given."""
    chosen = fields | {"ladder": ["own"]} if has_own_rungs else fields
    faults = [_no_effect(context, fields, place) for place in without_effect(chosen, shown)]
    if drops_rungs(fields, shown):
        faults.append(TemplateFault(context.words(_TWO_LADDERS, field=field_words(("ladder",))), "ladder"))
    if missing := missing_time_field(fields, "reminders"):
        faults.append(TemplateFault(context.words(_NO_TIME, field=field_words(("reminders",))), missing))
    return faults


def _no_effect(context: RequestContext, fields: Fields, place: SpecPlace) -> TemplateFault:
    other = _("Rung") if place[0] == "ladder" else _("How often")
    return TemplateFault(context.words(_NO_EFFECT, field=field_words(place), other=other), _field_at(place, fields))


def _check(session: Session, edited: EditedDuty, draft: TemplateDraft, language: str, shown: Fields) -> None:
    try:
        spec = read_template(edited.directive, edited.duty.path, draft.text)
        check_draft(session, edited, spec)
        draft.spec = spec
    except BadRows as error:
        draft.faults = [_by_field(fault, language, draft.fields, shown) for fault in error.faults[:SHOWN_FAULTS]]
        draft.more_faults = max(0, len(error.faults) - SHOWN_FAULTS)
    except DondocError as error:
        draft.faults = [_by_field(error, language, draft.fields, shown)]


def _by_field(fault: DondocError, language: str, fields: Fields, shown: Fields) -> TemplateFault:
    if not isinstance(fault, SpecFault):
        return TemplateFault(tell_fault(fault, language, by_line=False))
    place = _shown_place(fault, fields, shown)
    return TemplateFault(tell_fault(fault, language, by_line=False, place=place), _field_at(place, fields))


def _with_example(
    context: RequestContext, session: Session, edited: EditedDuty, draft: TemplateDraft, asked: Mapping[str, list[str]]
) -> TemplateDraft:
    """Add the unit names, the changes, and the ladder drawn for the example's days. `asked`: the fields sent."""
    draft.units = UnitFields(session, draft.fields)
    today = context.today
    draft.example = LadderExample(_typed_day(asked, "example-assigned") or today, _typed_day(asked, "example-due"))
    if draft.spec is None:
        return draft
    if edited.published is not None:
        draft.changes = tuple(differences(spec_data(edited.published.read_spec()), spec_data(draft.spec)))
    calendar = context.calendar(session)
    try:
        assigned = read_day(_("Assigned"), field_text(asked, "example-assigned") or today.isoformat())
        assigned_at = at_local(assigned)
        calendar.is_working(assigned)  # refuses a day outside the calendar's years
        due_text = field_text(asked, "example-due")
        if due_text and not isinstance(draft.spec.deadline, HoursDeadline):
            due_at = end_of_day(read_day(_("Deadline"), due_text))
        else:
            due_at = _example_due_at(session, edited, draft.spec, assigned_at, calendar)
        draft.example = LadderExample(assigned, local_date(due_at - timedelta(seconds=1)))
        dates = ladder_dates(draft.spec, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
        draft.ladder = draw_ladder(dates, context.language)
    except BadInput as error:
        draft.example_fault = error.tell(context.language)
    return draft


def _example_due_at(
    session: Session, edited: EditedDuty, spec: TemplateSpec, assigned_at: datetime, calendar: WorkCalendar
) -> datetime:
    """Return the deadline of the template for a unit that it addresses, in UTC."""
    kind = next((unit.kind for unit in load_register(session).resolve(spec.audience).units), None)
    decided, _period = example_due(
        spec,
        issued_on=edited.directive.issued_on,
        assigned_at=assigned_at,
        calendar=calendar,
        unit_kind=kind or UnitKind.ENTERPRISE,
    )
    assert decided.due_at is not None  # `example_due` assumes a date for a template without one
    return decided.due_at


def _typed_day(asked: Mapping[str, list[str]], name: str) -> date | None:
    try:
        return date.fromisoformat(field_text(asked, name))
    except ValueError:
        return None


def _shown_place(fault: SpecFault, fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> SpecPlace:
    """Return the place of a fault with the row numbers of the form, which may have empty rows in between."""
    place = fault.place
    if place == ("ladder",):
        row = _refused_rung_row(fault, fields)
        return place if row is None else ("ladder", "rungs", row, "at")
    rows: list[int] = []
    if place[:2] == ("ladder", "rungs"):
        rows = rung_rows(fields, shown)
    elif place[1:2] == ("any",) and place[0] in _AUDIENCES:
        rows = audience_rows(_AUDIENCES[str(place[0])], fields)
    number = place[2] if len(place) > 2 else None
    if not isinstance(number, int) or number >= len(rows):
        return place
    return (*place[:2], rows[number], *place[3:])


def _field_at(place: Sequence[str | int], fields: Mapping[str, list[str]]) -> str:
    first, *rest = [str(part) for part in place] or ["kind"]  # a fault of the whole template stands at its kind
    last = rest[-1] if rest else ""
    if prefix := _AUDIENCES.get(first):
        return _audience_field(prefix, rest)
    if first == "deadline":
        return first if last in ("", "rule") else last
    if first == "period":
        return _period_field(rest)
    if first == "result":
        return last or "description"
    if first == "ladder" and len(rest) > 1:
        return f"{rest[2] if len(rest) > 2 else 'rung'}-{rest[1]}"
    if first == "ladder":
        return last or first
    return "leaves_at" if first == "reminders" and field_text(fields, "leaves") == "weekly" else first


def _audience_field(prefix: str, rest: Sequence[str]) -> str:
    if rest and rest[0] != "any":
        return f"{prefix}-{rest[0]}"
    row = rest[1] if len(rest) > 1 and rest[1].isdecimal() else "0"
    return f"{prefix}-{row}-{rest[2] if len(rest) > 2 else 'kind'}"


def _period_field(rest: Sequence[str]) -> str:
    inner = {"day": "day", "months_before": "before", "before": "ends"}
    if rest[:1] == ["sends"]:
        kind = rest[1] if len(rest) > 1 else "department"
        return f"sends-{kind}-{inner.get(rest[-1], 'day')}"
    if rest and rest[0] in PERIOD_DAYS:
        return f"{rest[0]}-{inner.get(rest[-1], 'day')}"
    return "period_move" if rest[:1] == ["move"] else "every"


def _refused_rung_row(fault: SpecFault, fields: Mapping[str, list[str]]) -> int | None:
    """Return the row of the rung that a fault of the whole ladder names; None if it names none."""
    problem = fault.given.get("problem")
    facts = problem.facts if isinstance(problem, Words) else {}
    for row in rung_rows(fields, {}):
        rung, at = field_text(fields, f"rung-{row}"), field_text(fields, f"at-{row}").lstrip("-−")
        if rung == facts.get("rung") and at == str(facts.get("at", "")).lstrip("-"):
            return row
    return None
