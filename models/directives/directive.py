"""Directives and their duties: the text that binds, and each obligation in it with its own sentence."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, event, func
from sqlmodel import Field, Session, SQLModel, col, select

from models.database.columns import JsonColumn, enum_type
from models.database.ids import new_id
from models.errors import NotFound, need
from models.i18n import Labelled, _
from models.text.vietnamese import search_text


class Urgency(Labelled):
    """Độ khẩn, set by the signer (Decree 30/2020/NĐ-CP)."""

    NORMAL = "normal", _("ordinary")
    URGENT = "urgent", _("urgent")  # khẩn
    VERY_URGENT = "very_urgent", _("very urgent")  # thượng khẩn
    EXPRESS = "express", _("express")  # hoả tốc


class DutyKind(Labelled):
    """The kind of a duty, which decides what its launch creates, and when."""

    ONE_OFF = "one_off", _("one-off")
    STANDING = "standing", _("standing, attested periodically")  # attested period by period
    RECURRING = "recurring", _("recurring")
    ON_REQUEST = "on_request", _("on request")
    CONTINGENCY = "contingency", _("contingency")  # armed; a declared incident creates the tasks, clock in hours
    OVERSIGHT = "oversight", _("oversight")  # recurring, and the directive's own next rung


class Directive(SQLModel, table=True):
    """An issued document. A document with a secrecy stamp may not enter: the column admits only `none`."""

    __table_args__ = (CheckConstraint("secrecy = 'none'", name="no_secrets"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    kind: str = Field(default="chỉ thị", max_length=64)
    number: str | None = Field(default=None, max_length=64)
    issued_on: date | None = None
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=1000)
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=enum_type(Urgency))
    secrecy: str = Field(default="none", max_length=16)
    legal_bases: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    sources: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    text: str
    search_text: str = ""  # number and subject, by models.text.vietnamese.search_text
    coordinating_unit_id: UUID = Field(foreign_key="unit.id")
    issuer_office_id: UUID = Field(foreign_key="unit.id")


class Duty(SQLModel, table=True):
    """One obligation: `path` is its number in the document (2.a), `quote` its sentence word for word."""

    __table_args__ = (UniqueConstraint("directive_id", "path"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id", index=True)
    parent_duty_id: UUID | None = Field(default=None, foreign_key="duty.id", index=True)
    path: str = Field(max_length=32)
    position: int
    kind: DutyKind = Field(sa_type=enum_type(DutyKind))
    title: str = Field(max_length=300)  # the duty in a few words, fit for a subject line
    quote: str
    search_text: str = ""  # number, title and quote


def directive_name(kind: str, number: str | None, subject: str) -> str:
    """ "Chỉ thị 06/2004/CT-BBCVT", or the subject where no number is known: numbers are never made up."""
    name = f"{kind} {number}" if number else subject
    return name[:1].upper() + name[1:]


def all_directives(session: Session) -> list[tuple[Directive, int]]:
    """Return all directives by code, each with the number of its duties."""
    counts = dict(session.exec(select(Duty.directive_id, func.count()).group_by(col(Duty.directive_id))).all())
    found = session.exec(select(Directive).order_by(col(Directive.code)))
    return [(one, counts.get(one.id, 0)) for one in found]


def find_directive(session: Session, name: str) -> Directive:
    """Find a directive by its code or number. Raises NotFound, which lists the known codes."""
    found = session.exec(
        select(Directive).where((col(Directive.code) == name) | (col(Directive.number) == name))
    ).first()
    if found is None:
        codes = session.exec(select(Directive.code).order_by(col(Directive.code)).limit(20)).all()
        raise NotFound("directive {name}: not here; there are: {codes}", name=name, codes=", ".join(codes) or "–")
    return found


def directive_of_code(session: Session, code: str) -> Directive:
    """Return the directive without a check of rights. Raises NotFound for an unknown code."""
    found = session.exec(select(Directive).where(Directive.code == code)).first()
    return need(found, NotFound("there is no directive {code}", code=code))


@event.listens_for(Directive, "before_insert")
@event.listens_for(Directive, "before_update")
def _fold_directive(_mapper: object, _connection: object, one: Directive) -> None:
    one.search_text = search_text(one.number, one.code, one.subject)


@event.listens_for(Duty, "before_insert")
@event.listens_for(Duty, "before_update")
def _fold_duty(_mapper: object, _connection: object, one: Duty) -> None:
    one.search_text = search_text(f"mục {one.path}", one.title, one.quote)
