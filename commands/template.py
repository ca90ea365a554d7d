"""`dondoc template …`: how duties are carried out."""

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import RenderableType
from rich.text import Text
from sqlmodel import Session

from commands.context import CommandContext, command
from commands.options import AsPersonOrNobody, DirectiveName, DryRun, Duties, Now, Yes, person_or_none, read_now
from models.directives.directive import find_directive
from models.directives.template import TemplateState
from models.errors import NotFound
from models.i18n import Words, _, _n
from models.text.localtime import local
from models.words import rung_words
from workflows.launch.launch_plan import duties_of
from workflows.templates.pack_file import read_pack, template_schema
from workflows.templates.publish import list_templates, preview_publish, publish
from workflows.templates.publish_effect import PublishEffect
from workflows.templates.template_list import versions_of

app = typer.Typer(help="Workflow templates: list, show, publish, validate, schema.", no_args_is_help=True)


@command(app, "list", example="dondoc template list --directive ct-06-2004")
def list_(
    context: CommandContext,
    directive: Annotated[
        str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only those of this directive.")
    ] = None,
    all_versions: Annotated[bool, typer.Option("--all", help="Every version, retired ones too.")] = False,
) -> None:
    """List the templates: the newest version of each duty, or all versions."""
    with context.reading() as session:
        code = find_directive(session, directive).code if directive else None
        templates = list_templates(session, code)
    newest = {(row.directive, row.duty): row for row in templates}
    rows = templates if all_versions else list(newest.values())
    columns = {
        "directive": _("directive"),
        "duty": _("duty"),
        "title": _("title"),
        "kind": _("kind"),
        "version": _("version"),
        "state": _("state"),
    }
    data = [
        {name: getattr(row, name) for name in (*columns, "id", "digest")}
        | {"kind": row.kind.value, "state": row.state.value}
        for row in rows
    ]
    shown = [line | {"kind": row.kind.label, "state": row.state.label} for line, row in zip(data, rows, strict=True)]
    context.show(data, context.table(shown, columns))


@command(app, "show", example="dondoc template show ct-06-2004 2.a")
def show(
    context: CommandContext,
    directive: DirectiveName,
    duty: Annotated[str, typer.Argument(metavar="PATH", help="The duty, such as 2.a.")],
    version: Annotated[int | None, typer.Option("--version", help="This version; else the newest.")] = None,
) -> None:
    """Show one template whole."""
    with context.reading() as session:
        versions = versions_of(session, duties_of(session, find_directive(session, directive), [duty])[0])
    versions_by_number = {row.version: row for row in versions}
    if not versions or (version is not None and version not in versions_by_number):
        raise NotFound(
            "duty {duty}: no such version of its template; there are: {versions}",
            duty=duty,
            versions=", ".join(map(str, versions_by_number)) or "–",
        )
    shown = versions[-1] if version is None else versions_by_number[version]
    data = {
        "id": shown.id,
        "version": shown.version,
        "state": shown.state.value,
        "digest": shown.digest,
        "spec": shown.spec,
    }
    written = yaml.safe_dump(shown.spec, allow_unicode=True, sort_keys=False, width=110)
    state = shown.state.label
    heading = context.words(_("duty {duty}, version {version}: {state}"), duty=duty, version=shown.version, state=state)
    context.show(data, heading, Text(written))


@command(app, "publish", example="dondoc template publish ct-06-2004 --duty 2.a --yes")
def publish_(
    context: CommandContext,
    directive: DirectiveName,
    duty: Duties = None,
    migrate_open: Annotated[
        bool, typer.Option("--migrate-open", help="Open tasks go over to the new version, too.")
    ] = False,
    person: AsPersonOrNobody = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Publish the newest drafts: shows what that changes and which open tasks it would reach, then asks."""
    with context.reading() as session:
        drafts = _drafts(session, directive, duty)
        effects = [preview_publish(session, version_id, now=read_now(now)) for version_id in drafts]
    shown = [part for effect in effects for part in _effect(context, effect, migrate_open=migrate_open)]
    if not effects:
        context.show({"published": False, "effects": []})
        context.say(_("nothing to publish: no newer drafts"))
        return
    if not context.may_go_on(
        {"published": False, "effects": effects}, *shown, yes=yes, dry_run=dry_run, question=_("Publish?")
    ):
        return
    with context.transaction() as session:
        actor = person_or_none(session, person)
        actor_facts: dict[str, Any] = {"now": read_now(now), "actor_id": actor.id if actor else None}
        published = [
            publish(
                session, effect.version_id, migrate_open=migrate_open, seen_letters=effect.letters_digest, **actor_facts
            )
            for effect in effects
        ]
    context.show({"published": True, "effects": published})
    migrated = sum(effect.migrated for effect in published)
    context.say(
        _n("published: {templates}, {count} open task moved", "published: {templates}, {count} open tasks moved"),
        templates=_n("{count} template", "{count} templates", count=len(published)),
        count=migrated,
    )


@command(app, "schema", example="dondoc template schema", ready=False)
def schema(context: CommandContext) -> None:
    """Print the JSON Schema of pack.yaml, for editors."""
    context.as_json = True  # it is for a file: never folded to the width of a terminal
    context.show(template_schema())


@command(app, "validate", example="dondoc template validate pack.yaml", ready=False)
def validate(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A pack.yaml, or the folder it is in.")],
) -> None:
    """Check a pack without importing it; every fault is told with its line and field."""
    pack = read_pack(file)
    duties = [spec.duty for spec in pack.templates]
    context.show({"valid": True, "directive": pack.directive.code, "templates": len(duties), "duties": duties})
    context.say(
        _n("{file}: no faults, {count} template", "{file}: no faults, {count} templates"), file=file, count=len(duties)
    )


def _drafts(session: Session, directive: str, paths: list[str] | None) -> list[Any]:
    """Return the ids of the duties' newest versions that are drafts."""
    duties = duties_of(session, find_directive(session, directive), paths)
    newest = [versions_of(session, duty)[-1:] for duty in duties]
    return [version.id for versions in newest for version in versions if version.state is TemplateState.DRAFT]


def _effect(context: CommandContext, effect: PublishEffect, *, migrate_open: bool) -> list[RenderableType]:
    heading = _n(
        "duty {duty}: version {version} replaces {former}; {count} open task",
        "duty {duty}: version {version} replaces {former}; {count} open tasks",
        duty=effect.duty,
        version=effect.version,
        former=effect.replaces or "–",
        count=len(effect.open_tasks),
    )
    parts: list[RenderableType] = [heading]
    if effect.changes:
        rows = [
            {
                "field": change.field,
                "before": change.before,
                "after": change.after,
                "reaches": change.reaches_open_tasks,
            }
            for change in effect.changes
        ]
        columns = {
            "field": _("field"),
            "before": _("before"),
            "after": _("after"),
            "reaches": _("reaches moved open tasks"),
        }
        parts.append(context.table(rows, columns))
    return parts + _letters(context, effect) if migrate_open else parts


def _letters(context: CommandContext, effect: PublishEffect) -> list[RenderableType]:
    parts: list[RenderableType] = []
    staying = sum(not task.may_move for task in effect.open_tasks)
    if staying:
        words = _n(
            "{count} open task keeps its version: its ladder has another clock",
            "{count} open tasks keep their version: its ladder has another clock",
        )
        parts.append(Words(words, count=staying))
    if effect.letters:
        rows = [
            {
                "person": task.person,
                "told": context.words(rung_words(f"{task.rung}@{task.offset}", hours=effect.clock == "hours")),
                "leaves": f"{local(task.leaves_at):%d/%m/%Y %H:%M}",
                "units": ", ".join(task.units),
            }
            for task in effect.letters
        ]
        columns = {"person": _("person"), "told": _("rung"), "leaves": _("leaves"), "units": _("unit")}
        parts.append(context.table(rows, columns, title=context.words(_("letters that moving the open tasks sends"))))
    if effect.digests:
        parts.append(Words(_("with their digest: {people}"), people=", ".join(effect.digests)))
    if not effect.letters and len(effect.open_tasks) > staying:
        parts.append(_("moving the open tasks sends no letter now"))
    return parts
