"""The list of templates: directives a page at a time, each with its duties and their versions."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from models.database.paging import Paging
from models.directives.directive import Directive, Duty, DutyKind, directive_name
from models.directives.template import TemplateState, TemplateVersion

PER_PAGE = 20
"""Directives."""


@dataclass(frozen=True)
class VersionLine:
    number: int
    state: TemplateState
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True)
class DutyLine:
    """A duty with its versions, newest first; none where it has no template yet."""

    path: str
    title: str
    kind: DutyKind
    versions: tuple[VersionLine, ...]

    def in_state(self, state: TemplateState) -> VersionLine | None:
        return next((one for one in self.versions if one.state == state), None)

    @property
    def has_new_draft(self) -> bool:
        return bool(self.versions) and self.versions[0].state is TemplateState.DRAFT


@dataclass(frozen=True)
class DirectiveLines:
    code: str
    name: str
    duties: tuple[DutyLine, ...]


def template_list(session: Session, page: int) -> tuple[list[DirectiveLines], Paging]:
    """The newest directives stand first."""
    paging = Paging.of(page, session.exec(select(func.count()).select_from(Directive)).one(), PER_PAGE)
    query = select(Directive).order_by(col(Directive.issued_on).desc(), col(Directive.code))
    directives = session.exec(query.limit(paging.per_page).offset(paging.offset)).all()
    duties = session.exec(
        select(Duty)
        .where(col(Duty.directive_id).in_([one.id for one in directives]))
        .order_by(col(Duty.position), col(Duty.path))
    ).all()
    versions = _versions(session, [duty.id for duty in duties])
    lines: dict[UUID, list[DutyLine]] = defaultdict(list)
    for duty in duties:
        lines[duty.directive_id].append(DutyLine(duty.path, duty.title, duty.kind, tuple(versions[duty.id])))
    found = [
        DirectiveLines(one.code, directive_name(one.kind, one.number, one.subject), tuple(lines[one.id]))
        for one in directives
    ]
    return found, paging


def _versions(session: Session, duty_ids: list[UUID]) -> dict[UUID, list[VersionLine]]:
    columns = (
        col(TemplateVersion.duty_id),
        col(TemplateVersion.version),
        col(TemplateVersion.state),
        col(TemplateVersion.created_at),
        col(TemplateVersion.published_at),
        col(TemplateVersion.retired_at),
    )
    query = select(*columns).where(col(TemplateVersion.duty_id).in_(duty_ids))  # type: ignore[call-overload]
    found: dict[UUID, list[VersionLine]] = defaultdict(list)
    for duty_id, *line in session.execute(query.order_by(col(TemplateVersion.version).desc())):
        found[duty_id].append(VersionLine(*line))
    return found


def name_directives(session: Session, codes: Collection[str]) -> dict[str, str]:
    """By code. One query."""
    names = (col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = columns_of(col(Directive.code), *names).where(col(Directive.code).in_(set(codes)))
    return {code: directive_name(kind, number, subject) for code, kind, number, subject in session.execute(query)}


def versions_of(session: Session, duty: Duty) -> list[TemplateVersion]:
    query = select(TemplateVersion).where(TemplateVersion.duty_id == duty.id).order_by(col(TemplateVersion.version))
    return list(session.exec(query))
