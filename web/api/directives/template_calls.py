"""Workflow templates and letter texts: versions read, drafts put, effects seen, published; texts in other words."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from models.directives.directive import DutyKind
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from notifications.composing.texts import BLOCKS, originals
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from workflows.delivery.letters.letter_texts import Texts, restore_text, save_text, usable_texts
from workflows.rules.rights_table import Right
from workflows.templates.edit_template import EditedDuty, open_duty, publish_draft, retire_version, save_draft
from workflows.templates.publish import list_templates, preview_publish
from workflows.templates.publish_effect import PublishEffect
from workflows.templates.template_text import read_template, spec_yaml

router = APIRouter(tags=["templates"], route_class=OnceRoute)
Language = Literal["vi", "en"]
_LANGUAGES: tuple[Language, ...] = ("vi", "en")
_OF_DUTY = "/directives/{code}/templates/{duty}"


class TemplateLine(Shape):
    """One version in the list."""

    duty: str = Field(examples=["2.a"])
    title: str
    kind: DutyKind
    version: int
    state: TemplateState
    digest: str


class TemplateWhole(Shape):
    """One version with its specification."""

    duty: str = Field(examples=["2.a"])
    version: int
    state: TemplateState
    digest: str = Field(description="Changes with every change of a draft: what one began from, or looked at")
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None
    spec: TemplateSpec


class DraftPut(Body):
    """A draft, whole."""

    began_from: str = Field(
        max_length=64, description="Digest of the newest version when one began; empty where there was none"
    )
    spec: TemplateSpec


class ChangeShape(Shape):
    """A field that differs from the version in use."""

    field: str = Field(examples=["result.description"])
    before: Any
    after: Any
    reaches_open_tasks: bool


class OpenTaskShape(Shape):
    """An open task on an earlier version."""

    task_id: UUID
    unit: str
    occurrence: str
    from_version: int
    would_change: list[str]
    may_move: bool = Field(description="False where its ladder counts in hours and the new one in working days, or so")


class MoveLetterShape(Shape):
    """What a person is told at once because open tasks move."""

    person: str
    rung: str
    offset: int
    role: str
    leaves_at: datetime
    units: list[str]


class EffectShape(Shape):
    """What publishing does, or did."""

    duty: str
    version: int
    replaces: int | None
    digest: str
    changes: list[ChangeShape]
    open_tasks: list[OpenTaskShape]
    letters: list[MoveLetterShape] = Field(description="What moving the open tasks tells at once")
    digests: list[str] = Field(description="Coordinators whose digest opens with it")
    letters_digest: str = Field(description="Changes with every change of `letters` and `digests`")
    migrated: int


class Publish(Body):
    """Publishes what was looked at."""

    digest: str = Field(max_length=64, description="Of the draft whose effect was looked at")
    migrate_open: bool = Field(default=False, description="Move the open tasks to it too")
    letters_digest: str | None = Field(
        default=None, max_length=64, description="Of the letters that were looked at; refused where they are others now"
    )


class LetterTextShape(Shape):
    """A text of letters in one language."""

    name: str = Field(examples=["closing"])
    language: Language
    original: str
    own: str | None = Field(description="The office's words, where it has its own")


class LetterTextPut(Body):
    """Other words for a text."""

    text: str = Field(min_length=1, max_length=2000, examples=["Trân trọng./."])
    began_from: str = Field(
        default="", max_length=2000, description="The office's words until now; empty: the original"
    )


@router.get("/directives/{code}/templates")
def templates(code: str, caller: Reads) -> list[TemplateLine]:
    """Return every version of every duty's template of a directive."""
    caller.require(Right.EDIT_TEMPLATES)
    with caller.reading() as session:
        return [TemplateLine.model_validate(row) for row in list_templates(session, code)]


@router.get(_OF_DUTY + "/{version}")
def template(code: str, duty: str, version: int, caller: Reads) -> TemplateWhole:
    """Return one version."""
    with caller.reading() as session:
        edited = open_duty(session, caller.principal, code, duty)
        return _whole(duty, edited.version(version))


@router.put(_OF_DUTY)
def put_draft(code: str, duty: str, body: DraftPut, caller: Administers) -> TemplateWhole:
    """Write the duty's draft, or change it. What is published stays as it is."""
    with caller.transaction() as session:
        edited = open_duty(session, caller.principal, code, duty)
        spec = read_template(edited.directive, duty, spec_yaml(body.spec))
        version = save_draft(session, caller.principal, edited, spec, began_from=body.began_from, now=caller.now)
        return _whole(duty, version)


@router.get(_OF_DUTY + "/{version}/effect")
def effect(code: str, duty: str, version: int, caller: Reads) -> EffectShape:
    """Return what publishing a draft would do."""
    with caller.reading() as session:
        edited = open_duty(session, caller.principal, code, duty)
        found = edited.version(version)
        return _effect(edited, preview_publish(session, found.id, now=caller.now))


@router.post(_OF_DUTY + "/{version}/publish")
def publish(code: str, duty: str, version: int, body: Publish, caller: Administers) -> EffectShape:
    """Publish a draft: new tasks follow it, and open ones where that is asked for."""
    with caller.transaction() as session:
        edited = open_duty(session, caller.principal, code, duty)
        done = publish_draft(
            session,
            caller.principal,
            edited,
            version,
            seen=body.digest,
            seen_letters=body.letters_digest,
            migrate_open=body.migrate_open,
            now=caller.now,
        )
        return _effect(edited, done)


@router.post(_OF_DUTY + "/{version}/retire")
def retire(code: str, duty: str, version: int, caller: Administers) -> TemplateWhole:
    """Take the published version out of use."""
    with caller.transaction() as session:
        edited = open_duty(session, caller.principal, code, duty)
        return _whole(duty, retire_version(session, caller.principal, edited, version, now=caller.now))


@router.get("/letter-texts")
def letter_texts(caller: Reads) -> list[LetterTextShape]:
    """Return the texts that may be put in other words."""
    caller.require(Right.EDIT_LETTER_TEXTS)
    with caller.reading() as session:
        own = usable_texts(session)
    return [_text(own, name, language) for name in BLOCKS for language in _LANGUAGES]


@router.put("/letter-texts/{name}/{language}")
def put_letter_text(name: str, language: Language, body: LetterTextPut, caller: Administers) -> LetterTextShape:
    """Put a text in other words. Refused where a letter could not be written with them."""
    with caller.transaction() as session:
        save_text(session, caller.principal, name, language, body.text, began_from=body.began_from, now=caller.now)
        return _text(usable_texts(session), name, language)


@router.delete("/letter-texts/{name}/{language}", status_code=204)
def delete_letter_text(name: str, language: Language, caller: Administers, began_from: str = "") -> None:
    """Restore the original text. `began_from`: the office's words until now."""
    with caller.transaction() as session:
        restore_text(session, caller.principal, name, language, began_from=began_from, now=caller.now)


def _whole(duty: str, version: TemplateVersion) -> TemplateWhole:
    return TemplateWhole.of(version, duty=duty, spec=version.read_spec())


def _effect(edited: EditedDuty, found: PublishEffect) -> EffectShape:
    return EffectShape.of(found, digest=edited.version(found.version).digest)


def _text(own: Texts, name: str, language: Language) -> LetterTextShape:
    original = originals(language)[name]
    return LetterTextShape(name=name, language=language, original=original, own=own.get(language, {}).get(name))
