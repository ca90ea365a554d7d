"""What the plan of an inspection says so far, as text: all of it is in the address of the check page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from fastapi import Request
from sqlmodel import Session
from starlette.datastructures import FormData

from models.directives.directive import Directive
from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit, UnitKind
from models.text.localtime import read_day
from web.request.request_context import text
from workflows.inspections.order import InspectionOrder, Question, choose_units
from workflows.launch.launch_plan import duties_of

TEXTS = ("title", "starts", "ends", "lead", "members", "number", "decided", "names", "own", "override", "reason")
LISTS = ("kind", "tag", "duty")


@dataclass(frozen=True)
class PlanForm:
    """The form as it was filled in. `visits`: the day of each unit by its code, from the check page."""

    directive: str
    texts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    visits: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str | tuple[str, ...]:
        if name in TEXTS:
            return self.texts.get(name, "")
        if name in LISTS:
            return self.lists.get(name, ())
        raise AttributeError(name)

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [
            ("directive", self.directive),
            *((name, value) for name, value in self.texts.items() if value and name not in ("override", "reason")),
            *((name, one) for name, values in self.lists.items() for one in values),
        ]

    @property
    def query(self) -> str:
        return urlencode(self.fields)

    def units(self, session: Session) -> list[Unit]:
        """Return the units meant. BadInput for a kind that is none, or a name that no unit has."""
        try:
            kinds = [UnitKind(one) for one in self.lists["kind"]]
        except ValueError as error:
            raise BadInput("units: choose at least one to inspect") from error
        return choose_units(session, kinds=kinds, tags=self.lists["tag"], names=_lines(self.texts["names"]))

    def day(self, name: str, label: str) -> date:
        if not self.texts[name]:
            raise BadInput("{field}: it may not be empty", field=label)
        return read_day(label, self.texts[name])

    def order(self, session: Session, directive: Directive, units: Sequence[Unit]) -> InspectionOrder:
        """Return what is to be planned: each unit on its own day, else on the first. BadInput names the field at
        fault.
        """
        starts, ends = self.day("starts", _("first day")), self.day("ends", _("last day"))
        if not self.texts["lead"]:
            raise BadInput("{field}: it may not be empty", field=_("head of the team"))
        chosen = duties_of(session, directive, self.lists["duty"]) if self.lists["duty"] else []
        questions = [Question(one.title, one.path) for one in chosen]
        questions += [Question(one) for one in _lines(self.texts["own"])]
        return InspectionOrder(
            title=self.texts["title"],
            starts_on=starts,
            ends_on=ends,
            lead_id=resolve_person(session, self.texts["lead"]).id,
            member_ids=[resolve_person(session, one).id for one in _lines(self.texts["members"])],
            visits={unit.id: self._visit(unit, starts) for unit in units},
            questions=questions,
            decision_number=self.texts["number"],
            decision_on=self.day("decided", _("date of the decision")) if self.texts["decided"] else None,
            override=bool(self.texts["override"]),
            reason=self.texts["reason"],
        )

    def _visit(self, unit: Unit, otherwise: date) -> date:
        given = self.visits.get(unit.code)
        return read_day(unit.name, given) if given else otherwise


def asked_by_address(request: Request) -> PlanForm:
    query = request.query_params
    return PlanForm(
        query.get("directive", "").strip(),
        {name: query.get(name, "").strip() for name in TEXTS},
        {name: tuple(query.getlist(name)) for name in LISTS},
    )


def asked_by_form(form: FormData) -> PlanForm:
    return PlanForm(
        text(form, "directive"),
        {name: text(form, name) for name in TEXTS},
        {name: tuple(str(one) for one in form.getlist(name)) for name in LISTS},
        {name.removeprefix("visit-"): str(form[name]) for name in form if name.startswith("visit-")},
    )


def form_units(session: Session, form: FormData, asked: PlanForm) -> list[Unit]:
    ticked = {str(one) for one in form.getlist("unit")}
    return [unit for unit in asked.units(session) if unit.code in ticked]


def _lines(given: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))
