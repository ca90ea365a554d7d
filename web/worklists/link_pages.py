"""The pages that a link in a letter opens. A link changes nothing, and tells nothing without signing in."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import Directive, Duty, directive_name
from models.errors import NotFound
from models.organization.account import MailedPurpose
from models.organization.person import Person
from models.organization.unit import Unit
from notifications.composing.mime import mask_address
from web.request.form_input import FormInput, Ticked
from web.request.request_context import Guest
from web.request.signed_cookies import CODE, caller_of, keep_signed
from workflows.access.accounts.mailed import ask
from workflows.rules.throttle_policy import LETTER_ASKS
from workflows.worklists.task_links import OpenedLink, Opens, open_link
from workflows.worklists.task_view import contact_of

router = APIRouter()
_PART = re.compile(r"[a-z][a-z-]{0,30}")
"""The id of a part of a page, as letters name it."""


class CodeForm(FormInput):
    remember: Ticked = False


@router.get("/v/{token}")
def follow_link(token: str, context: Guest, at: str = "") -> Response:
    """Lead a signed-in reader to the task, if they may see it. Ask others to prove who they are.

    `at` is the part of the task's page. A fragment would be lost on the way through the sign-in.
    """
    with context.reading() as session:
        link = open_link(
            session, context.site.key, token, context.principal_or_none, now=context.now, settings=context.settings
        )
        facts = _moved_on(session, link) if link.opens is Opens.MOVED_ON else {}
    if link.opens is Opens.TASK:
        return context.go(f"/tasks/{link.task.id.hex}{f'#{at}' if _PART.fullmatch(at) else ''}")
    if link.opens is Opens.NOBODY:
        raise NotFound("this link was made for somebody else: it shows nothing to you")
    if link.opens is Opens.MOVED_ON:
        return context.page("moved_on.html", **facts)
    context.prefer_language(link.person.language)
    address = mask_address(link.person.email) if link.person.email else ""
    is_lapsed = link.opens is Opens.LAPSED
    here = _here(token, at)
    return context.page("link.html", 410 if is_lapsed else 200, here=here, address=address, lapsed=is_lapsed)


@router.post("/v/{token}")
def ask_for_code(
    token: str, context: Guest, form: Annotated[CodeForm, Depends(CodeForm.sent)], at: str = ""
) -> Response:
    """Mail a code to the person that the link was made for. Who enters the code has read that person's mail."""
    with context.transaction() as session:
        link = open_link(
            session, context.site.key, token, context.principal_or_none, now=context.now, settings=context.settings
        )
        if link.opens is not Opens.WAYS_IN:
            return context.go(_here(token, at))
        person_code, caller = link.person.code, caller_of(context)
        secret_id = ask(session, person_code, MailedPurpose.SIGN_IN, caller, now=context.now, scopes=LETTER_ASKS)
    response = context.go("/sign-in/code")
    here, name = _here(token, at), mask_address(link.person.email or "")
    keep_signed(context, response, CODE, id=secret_id.hex, name=name, next=here, remembered=form.remember, again=here)
    return response


def _here(token: str, at: str) -> str:
    return f"/v/{token}{f'?at={at}' if _PART.fullmatch(at) else ''}"


def _moved_on(session: Session, link: OpenedLink) -> dict[str, Any]:
    task = link.task
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    coordinator, unit = session.get_one(Person, task.coordinator_id), session.get_one(Unit, task.assigner_unit_id)
    return {
        "directive": directive_name(directive.kind, directive.number, directive.subject),
        "duty": duty,
        "contact": contact_of(coordinator, unit),
    }
