"""`dondoc unit …` and `dondoc person …`: the register."""

from pathlib import Path
from typing import Annotated, Any

import typer

from commands import personal
from commands.context import CommandContext, command
from commands.options import AsPersonOrNobody, DryRun, Now, person_or_none, read_now
from models.i18n import _
from models.organization import register_lists
from models.organization.register_lists import PersonFilter, UnitFilter
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import UnitKind
from models.text.localtime import local_date, read_day
from models.words import OFFICE_WORDS
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence
from workflows.organization.register.handover import OFFICES, hand_over
from workflows.organization.register.retirement import retire_person
from workflows.organization.register.spreadsheet.import_register import import_register, open_register

units = typer.Typer(help="Units: import and list.", no_args_is_help=True)
people = typer.Typer(help="People: import, list, hand over, absences, retirement.", no_args_is_help=True)

_TABLES = {"units": _("units"), "people": _("people"), "absences": _("absences")}
_UNITS = _("CSV (UTF-8) or XLSX file of units.")
_PEOPLE = _("CSV (UTF-8) or XLSX file of people.")
_ABSENCES = _("CSV (UTF-8) or XLSX file of absences.")
PeopleFile = Annotated[Path | None, typer.Option("--people", metavar="FILE", help=_PEOPLE)]
UnitsFile = Annotated[Path | None, typer.Option("--units", metavar="FILE", help=_UNITS)]
AbsencesFile = Annotated[Path | None, typer.Option("--absences", metavar="FILE", help=_ABSENCES)]


def _import(
    context: CommandContext,
    units_file: Path | None,
    people_file: Path | None,
    absences: Path | None,
    now: str | None,
    dry_run: bool,
) -> None:
    moment = read_now(now)
    register = open_register(units=units_file, people=people_file, absences=absences)
    with context.transaction(keep=not dry_run) as session:
        report = import_register(session, register, now=moment, audit_actor=AuditActor(moment))
    warnings = [warning.tell(context.language) for warning in report.warnings]
    counts = {"units": report.units, "people": report.people, "absences": report.absences}
    rows: list[dict[str, Any]] = [
        {"table": _TABLES[name], "created": count.created, "updated": count.updated, "unchanged": count.unchanged}
        for name, count in counts.items()
    ]
    columns = {"table": _("table"), "created": _("created"), "updated": _("updated"), "unchanged": _("unchanged")}
    context.show({**counts, "warnings": warnings, "dry_run": dry_run}, context.table(rows, columns))
    for warning in warnings:
        context.say("{warning}", warning=warning)
    if dry_run:
        context.say(_("dry run: nothing was kept"))


@command(units, "import", example="dondoc unit import units.csv --people people.csv")
def import_units(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_UNITS)],
    people_file: PeopleFile = None,
    absences: AbsencesFile = None,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Import units, with the people they name in the same go; all rows or none."""
    _import(context, file, people_file, absences, now, dry_run)


@command(people, "import", example="dondoc person import people.csv --absences absences.csv")
def import_people(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_PEOPLE)],
    units_file: UnitsFile = None,
    absences: AbsencesFile = None,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Import people, with their units and absences in the same go; all rows or none."""
    _import(context, units_file, file, absences, now, dry_run)


@command(units, "list", example="dondoc unit list --kind enterprise")
def list_units(
    context: CommandContext,
    kind: Annotated[UnitKind | None, typer.Option("--kind", help="Only units of this kind.")] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only units with this tag.")] = None,
) -> None:
    """List the units in Vietnamese alphabetical order."""
    with context.reading() as session:
        listed = register_lists.list_units(session, UnitFilter(kind=kind, tag=tag or ""))
    rows = [
        {
            "code": line.unit.code,
            "name": line.unit.name,
            "kind": line.unit.kind.value,
            "tags": list(line.tags),
            "parent": line.parent.code if line.parent else None,
            "supervising_unit": line.supervisor.code if line.supervisor else None,
            "head": line.head.code if line.head else None,
            "deputy": line.deputy.code if line.deputy else None,
            "focal_point": line.focal_point.code if line.focal_point else None,
            "email": line.unit.email,
            "is_outside": line.unit.is_outside,
            "is_active": line.unit.is_active,
        }
        for line in listed
    ]
    columns = {
        "code": _("code"),
        "name": _("name"),
        "kind": _("kind"),
        "tags": _("tags"),
        "head": _("head"),
        "supervising_unit": _("supervising unit"),
        "is_outside": _("outside"),
    }
    context.show(rows, context.table([row | {"kind": UnitKind(str(row["kind"])).label} for row in rows], columns))


@command(people, "list", example="dondoc person list --unit VU-VT")
def list_people(
    context: CommandContext,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Only people of this unit.")] = None,
) -> None:
    """List the people, by given name."""
    with context.reading() as session:
        unit_id = resolve_unit(session, unit).id if unit is not None else None
        listed = register_lists.list_people(session, PersonFilter(unit_id=unit_id))
    rows = [
        {
            "code": line.person.code,
            "name": line.person.full_name,
            "title": line.person.title,
            "unit": line.unit.code if line.unit else None,
            "email": line.person.email,
            "email_refused_at": line.person.email_refused_at,
            "language": line.person.language,
            "roles": [f"{role.value}@{code}" for role, code in sorted(line.roles, key=lambda role: role[1])],
            "is_active": line.person.is_active,
        }
        for line in listed
    ]
    columns = {
        "code": _("code"),
        "name": _("name"),
        "title": _("title"),
        "unit": _("unit"),
        "email": _("e-mail"),
        "roles": _("roles"),
        "is_active": _("active"),
    }
    context.show(rows, context.table(rows, columns))


@command(people, "handover", example="dondoc person handover VU-VT head le.thi.c --on 2026-11-05")
def handover(
    context: CommandContext,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Code, name or alias of the unit.")],
    office: Annotated[str, typer.Argument(metavar="OFFICE", help=", ".join(OFFICES) + ".")],
    to: Annotated[str, typer.Argument(metavar="PERSON", help="Code of the successor.")],
    from_person: Annotated[
        str | None,
        typer.Option("--from", metavar="PERSON", help="The former holder of the office; needed for an officer."),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="First day; today if not given.")] = None,
    person: AsPersonOrNobody = None,
    now: Now = None,
) -> None:
    """Give an office to a successor; letters that wait for the old holder go to the new one."""
    moment = read_now(now)
    day = read_day("--on", on) if on else local_date(moment)
    with context.transaction() as session:
        actor = person_or_none(session, person)
        handed_over = hand_over(
            session,
            unit_code=unit,
            office=office,
            to_code=to,
            from_code=from_person,
            effective_on=day,
            now=moment,
            audit_actor=AuditActor(moment, actor.id if actor else None),
        )
        code = resolve_unit(session, unit).code
    context.show({"id": handed_over.id, "unit": code, "office": office, "to": to, "effective_on": day})
    context.say(_("{unit}, {office}: handed over to {person}"), unit=code, office=OFFICE_WORDS[office], person=to)


@command(people, "absence", example="dondoc person absence le.thi.d bui.cong.hoan --from 2026-11-05 --to 2026-11-12")
def absence(
    context: CommandContext,
    absent: Annotated[str, typer.Argument(metavar="PERSON", help="Code of the person who is away.")],
    stand_in: Annotated[str, typer.Argument(metavar="STAND-IN", help="Code of the person who acts for them.")],
    starts_on: Annotated[str, typer.Option("--from", metavar="DATE", help="First day away.")],
    ends_on: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day away.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
) -> None:
    """Record an absence; the stand-in acts and gets the letters on those days."""
    first, last = read_day("--from", starts_on), read_day("--to", ends_on)
    with context.transaction() as session:
        recorded = add_absence(
            session,
            person_code=absent,
            stand_in_code=stand_in,
            starts_on=first,
            ends_on=last,
            reason=reason,
            audit_actor=AuditActor(read_now(None)),
        )
    context.show({"id": recorded.id, "person": absent, "stand_in": stand_in, "starts_on": first, "ends_on": last})
    context.say(_("{stand_in} stands in for {person}"), stand_in=stand_in, person=absent)


@command(people, "retire", example="dondoc person retire chu.bich.dao")
def retire(
    context: CommandContext,
    code: Annotated[str, typer.Argument(metavar="PERSON", help="Code of the person.")],
    now: Now = None,
) -> None:
    """Let a person act no more and get no letter."""
    moment = read_now(now)
    with context.transaction() as session:
        was_active = resolve_person(session, code).is_active
        person = retire_person(session, code, moment, AuditActor(moment))
    context.show({"person": person.code, "is_active": person.is_active, "changed": was_active})
    context.say(_("{person} has retired") if was_active else _("{person} had retired already"), person=person.code)


personal.register(people)
