"""The directives one may see, and of each: its board, its text with the duties in it, its launches."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import Directive
from models.rooms import Place
from models.tasks.task import OPEN_STATUSES
from notifications.composing.wording import first_up
from web.board.board_query import AskedBoard
from web.board.board_view import Looks, board_words
from web.request.having_right import MaySeeBoard
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from web.request.word_filters import period_name
from workflows.access.rights import is_run_by, open_directive
from workflows.history.archive.write_archive import may_export
from workflows.launch.launch_choices import list_launches
from workflows.launch.launch_plan import duties_of
from workflows.launch.take_back import untold
from workflows.reports.report_figures import FORMULA
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import OfficeRole, Right
from workflows.worklists.board.board import read_board
from workflows.worklists.board.board_rows import read_incidents
from workflows.worklists.directive_list import Listing, list_directives
from workflows.worklists.inbox_asks import count_by_directive
from workflows.worklists.unit_tasks import unit_tasks

router = APIRouter(prefix="/directives")


@router.get("")
def directives_page(context: MaySeeBoard, q: str = "", mine: str = "", open: str = "", page: int = 1) -> Response:
    wanted = Listing(words=q.strip()[:200], mine=mine == "on", open=open == "on")
    with context.reading() as session:
        found = list_directives(session, context.principal, wanted, now=context.now, page=page)
        decisions: dict[str, int] = {}
        if context.principal.may(Right.SEE_INBOX):
            decisions = count_by_directive(session, context.principal, **context.moment(session))
    return context.page(
        "directives.html",
        found=found,
        wanted=wanted,
        may_launch=context.principal.may(Right.LAUNCH),
        decisions=decisions,
        formula=FORMULA,
    )


@router.get("/{code}")
def board_page(code: str, context: Signed, asked: AskedBoard) -> Response:
    principal = context.principal
    with context.reading() as session:
        directive = open_directive(session, principal, code)
        is_run = is_run_by(session, principal, directive)
        board = read_board(session, principal, directive, asked, now=context.now, sort=asked.sort, page=asked.page)
    return context.page(
        "board.html",
        head=directive_head(context, directive, "board"),
        board=board,
        asked=asked,
        only_some=not is_run and not principal.may(Right.SEE_EVERYTHING),
        may_bulk=is_run and principal.may(Right.BULK),
        actions={one: one.label for one in BULK_ACTIONS},
        formula=FORMULA,
        may_launch=principal.may(Right.LAUNCH),
        **board_words(board, asked, context.language),
    )


SOURCES: Place[Callable[[Session, UUID], Sequence[Any]]] = Place("directive.files")
"""Finds the files that a directive was read from."""
EXCHANGED: Place[Callable[[Session, RequestContext, Directive], dict[str, Any]]] = Place("directive.messages")
"""Tells what was exchanged with other offices about a directive, as the page needs it."""
NOTHING_EXCHANGED: dict[str, Any] = {"messages": [], "may_answer": False, "paper_kinds": []}


@router.get("/{code}/text")
def text_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        duties = duties_of(session, directive, None)
        exportable = may_export(session, context.principal, directive)
        files = files_of(session, directive.id) if (files_of := SOURCES.only) else []
        exchanged = tell(session, context, directive) if (tell := EXCHANGED.only) else NOTHING_EXCHANGED
    return context.page(
        "directive_text.html",
        head=directive_head(context, directive, "text"),
        directive=directive,
        files=files,
        signed=context.signatures_of(files),
        duties=duties,
        pieces=mark_sentences(directive.text, [(one.path, one.quote) for one in duties]),
        may_export=exportable,
        **exchanged,
    )


@dataclass(frozen=True)
class DirectivePiece:
    """A stretch of the text; with a duty's path where it is that duty's sentence."""

    text: str
    path: str = ""


def mark_sentences(text: str, quotes: Sequence[tuple[str, str]]) -> list[DirectivePiece]:
    """`quotes` are paths and sentences, found whatever the white space between their words.

    A sentence that is not in the text word for word, or lies within another's, is not marked.
    """
    found: list[tuple[int, int, str]] = []
    for path, quote in quotes:
        pattern = r"\s+".join(re.escape(word) for word in quote.split())
        if pattern and (match := re.search(pattern, text)):
            found.append((match.start(), match.end(), path))
    pieces, at = [], 0
    for start, end, path in sorted(found, key=lambda one: (one[0], -one[1])):
        if start < at:
            continue
        pieces += [DirectivePiece(text[at:start]), DirectivePiece(text[start:end], path)]
        at = end
    return [piece for piece in (*pieces, DirectivePiece(text[at:])) if piece.text]


@router.get("/{code}/launches")
def launches_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        launches = list_launches(session, context.principal, directive.id)
        runs_it = context.principal.may(Right.LAUNCH) and is_run_by(session, context.principal, directive)
        can_take_back = untold(session, [one.id for one in launches]) if runs_it else set()
    return context.page(
        "directive_launches.html",
        head=directive_head(context, directive, "launches"),
        launches=launches,
        can_take_back=can_take_back,
        may_launch=context.principal.may(Right.LAUNCH),
    )


@router.get("/{code}/units/{unit}")
def unit_page(code: str, unit: str, context: Signed) -> Response:
    principal = context.principal
    with context.reading() as session:
        directive = open_directive(session, principal, code)
        found = unit_tasks(session, principal, directive, unit, context.now)
        incidents = read_incidents(session, principal, directive.id)
    return context.page(
        "directive_unit.html",
        head=directive_head(context, directive, "board"),
        found=found,
        open_statuses=OPEN_STATUSES,
        looks=Looks(context.language),
        period_name=lambda period: first_up(period_name(period, incidents, context.language)),
        may_act=bool(principal.standings & {OfficeRole.COORDINATOR, OfficeRole.SUPERVISOR}),
    )
