"""What the plan of an inspection says so far, as text: all of it is in the address of the check page."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from sqlmodel import Session
from starlette.datastructures import ImmutableMultiDict

from models.directives.directive import Directive
from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit, UnitKind
from models.text.localtime import read_day
from web.request.form_input import FormInput
from workflows.inspections.order import InspectionOrder, Question, choose_units
from workflows.launch.launch_plan import duties_of


class PlanForm(FormInput):
    """The form as it was filled in. `visits`: the day of each unit by its code, from the check page."""

    directive: str = ""
    title: str = ""
    starts: str = ""
    ends: str = ""
    lead: str = ""
    members: str = ""
    number: str = ""
    decided: str = ""
    names: str = ""
    own: str = ""
    override: str = ""
    reason: str = ""
    kind: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()
    visits: Mapping[str, str] = {}
    unit: tuple[str, ...] = ()
    nonce: str = ""

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        visits = {name.removeprefix("visit-"): str(given[name]) for name in given if name.startswith("visit-")}
        return super().of(given).model_copy(update={"visits": visits})

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        return super().pairs("override", "reason", "visits", "unit", "nonce", *without)

    def units(self, session: Session) -> list[Unit]:
        """Return the units meant. BadInput for a kind that is none, or a name that no unit has."""
        try:
            kinds = [UnitKind(one) for one in self.kind]
        except ValueError as error:
            raise BadInput("units: choose at least one to inspect") from error
        return choose_units(session, kinds=kinds, tags=self.tag, names=_lines(self.names))

    def order(self, session: Session, directive: Directive, units: Sequence[Unit]) -> InspectionOrder:
        """Return what is to be planned: each unit on its own day, else on the first. BadInput names the field at
        fault.
        """
        starts, ends = _day(_("first day"), self.starts), _day(_("last day"), self.ends)
        if not self.lead:
            raise BadInput("{field}: it may not be empty", field=_("head of the team"))
        chosen = duties_of(session, directive, self.duty) if self.duty else []
        questions = [Question(one.title, one.path) for one in chosen]
        questions += [Question(one) for one in _lines(self.own)]
        return InspectionOrder(
            title=self.title,
            starts_on=starts,
            ends_on=ends,
            lead_id=resolve_person(session, self.lead).id,
            member_ids=[resolve_person(session, one).id for one in _lines(self.members)],
            visits={unit.id: self._visit(unit, starts) for unit in units},
            questions=questions,
            decision_number=self.number,
            decision_on=_day(_("date of the decision"), self.decided) if self.decided else None,
            override=bool(self.override),
            reason=self.reason,
        )

    def _visit(self, unit: Unit, otherwise: date) -> date:
        given = self.visits.get(unit.code)
        return read_day(unit.name, given) if given else otherwise


def _day(label: str, given: str) -> date:
    if not given:
        raise BadInput("{field}: it may not be empty", field=label)
    return read_day(label, given)


def _lines(given: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))
