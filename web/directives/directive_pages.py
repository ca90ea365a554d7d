"""The directives that the reader may see. Each has a board, a text with its duties, launches, and a page per unit."""

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
from workflows.launch.take_back import filter_unsent
from workflows.reports.report_figures import FORMULA
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import OfficeRole, Right
from workflows.worklists.board.board import read_board
from workflows.worklists.board.board_rows import read_incidents
from workflows.worklists.directive_list import DirectiveFilter, list_directives
from workflows.worklists.inbox_asks import count_by_directive
from workflows.worklists.unit_tasks import unit_tasks

router = APIRouter(prefix="/directives")


@router.get("")
def directives_page(context: MaySeeBoard, q: str = "", mine: str = "", open: str = "", page: int = 1) -> Response:
    listing = DirectiveFilter(words=q.strip()[:200], mine=mine == "on", open=open == "on")
    with context.reading() as session:
        directives = list_directives(session, context.principal, listing, now=context.now, page=page)
        decisions: dict[str, int] = {}
        if context.principal.may(Right.SEE_INBOX):
            decisions = count_by_directive(session, context.principal, **context.moment(session))
    return context.page(
        "directives.html",
        found=directives,
        wanted=listing,
        may_launch=context.principal.may(Right.LAUNCH),
        decisions=decisions,
        formula=FORMULA,
    )


@router.get("/{code}")
def board_page(code: str, context: Signed, query: AskedBoard) -> Response:
    principal = context.principal
    with context.reading() as session:
        directive = open_directive(session, principal, code)
        is_run = is_run_by(session, principal, directive)
        board = read_board(session, principal, directive, query, now=context.now, sort=query.sort, page=query.page)
    return context.page(
        "board.html",
        head=directive_head(context, directive, "board"),
        board=board,
        asked=query,
        only_some=not is_run and not principal.may(Right.SEE_EVERYTHING),
        may_bulk=is_run and principal.may(Right.BULK),
        actions={action: action.label for action in BULK_ACTIONS},
        formula=FORMULA,
        may_launch=principal.may(Right.LAUNCH),
        **board_words(board, query, context.language),
    )


SOURCES: Place[Callable[[Session, UUID], Sequence[Any]]] = Place("directive.files")
"""Finds the files that a directive was read from, by its id."""
EXCHANGED: Place[Callable[[Session, RequestContext, Directive], dict[str, Any]]] = Place("directive.messages")
"""Returns the messages about a directive that offices exchanged, as the page needs them."""
NOTHING_EXCHANGED: dict[str, Any] = {"messages": [], "may_answer": False, "paper_kinds": []}


@router.get("/{code}/text")
def text_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        duties = duties_of(session, directive, None)
        exportable = may_export(session, context.principal, directive)
        files = find_files(session, directive.id) if (find_files := SOURCES.only) else []
        read_messages = EXCHANGED.only
        exchanged = read_messages(session, context, directive) if read_messages else NOTHING_EXCHANGED
    return context.page(
        "directive_text.html",
        head=directive_head(context, directive, "text"),
        directive=directive,
        files=files,
        signed=context.signatures_of(files),
        duties=duties,
        pieces=mark_sentences(directive.text, [(duty.path, duty.quote) for duty in duties]),
        may_export=exportable,
        **exchanged,
    )


@dataclass(frozen=True)
class DirectivePiece:
    """A stretch of the text. `path` is that of the duty whose sentence it is, or ""."""

    text: str
    path: str = ""


def mark_sentences(text: str, quotes: Sequence[tuple[str, str]]) -> list[DirectivePiece]:
    """Cut the text at the sentences of its duties. `quotes` are paths and sentences; white space may differ.

    A sentence is not marked if the text does not have it word for word, or if it lies within another's.
    """
    sentences: list[tuple[int, int, str]] = []
    for path, quote in quotes:
        pattern = r"\s+".join(re.escape(word) for word in quote.split())
        if pattern and (match := re.search(pattern, text)):
            sentences.append((match.start(), match.end(), path))
    sentences.sort(key=lambda sentence: (sentence[0], -sentence[1]))  # of two that begin together, the longer one first
    pieces, position = [], 0
    for start, end, path in sentences:
        if start < position:
            continue
        pieces += [DirectivePiece(text[position:start]), DirectivePiece(text[start:end], path)]
        position = end
    return [piece for piece in (*pieces, DirectivePiece(text[position:])) if piece.text]


@router.get("/{code}/launches")
def launches_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        launches = list_launches(session, context.principal, directive.id)
        may_take_back = context.principal.may(Right.LAUNCH) and is_run_by(session, context.principal, directive)
        can_take_back = filter_unsent(session, [launch.id for launch in launches]) if may_take_back else set()
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
        tasks = unit_tasks(session, principal, directive, unit, context.now)
        incidents = read_incidents(session, principal, directive.id)
    return context.page(
        "directive_unit.html",
        head=directive_head(context, directive, "board"),
        found=tasks,
        open_statuses=OPEN_STATUSES,
        looks=Looks(context.language),
        period_name=lambda period: first_up(period_name(period, incidents, context.language)),
        may_act=bool(principal.standings & {OfficeRole.COORDINATOR, OfficeRole.SUPERVISOR}),
    )
