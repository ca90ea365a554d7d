"""The link in a letter: it only shows, and to whoever is not signed in it gives nothing away."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import Directive, Duty, directive_name
from models.errors import NotFound
from models.organization.account import MailedPurpose
from models.organization.person import Person
from models.organization.unit import Unit
from notifications.composing.address import mask_address
from web.request.request_context import Guest, Posted
from web.request.signed_cookies import CODE, caller_of, keep
from web.worklists.work_pages import LINE_WORDS
from workflows.access.accounts.mailed import ask
from workflows.rules.throttle_policy import LETTER_ASKS
from workflows.worklists.task_links import OpenedLink, Opens, open_link
from workflows.worklists.task_view import contact_of

router = APIRouter()


@router.api_route("/v/{token}", methods=["GET", "HEAD"])
def follow_link(token: str, context: Guest) -> Response:
    """To the task, for those who are signed in and have to do with it; else how to prove who one is."""
    with context.reading() as session:
        link = open_link(
            session, context.site.key, token, context.principal_or_none, now=context.now, settings=context.settings
        )
        facts = _moved_on(session, link) if link.opens is Opens.MOVED_ON else {}
    if link.opens is Opens.TASK:
        return context.go(f"/tasks/{link.task.id.hex}")
    if link.opens is Opens.NOBODY:
        raise NotFound("this link was made for somebody else: it shows nothing to you")
    if link.opens is Opens.MOVED_ON:
        return context.page("moved_on.html", **facts)
    context.speak(link.person.language)
    address = mask_address(link.person.email) if link.person.email else ""
    lapsed = link.opens is Opens.LAPSED
    return context.page("link.html", 410 if lapsed else 200, token=token, address=address, lapsed=lapsed)


@router.post("/v/{token}")
def ask_for_code(token: str, context: Guest, form: Posted) -> Response:
    """Mail a code to the link's own person, wherever the link is opened: whoever enters it has read their mail."""
    with context.transaction() as session:
        link = open_link(
            session, context.site.key, token, context.principal_or_none, now=context.now, settings=context.settings
        )
        if link.opens is not Opens.WAYS_IN:
            return context.go(f"/v/{token}")
        who, caller = link.person.code, caller_of(context)
        secret_id = ask(session, who, MailedPurpose.SIGN_IN, caller, now=context.now, scopes=LETTER_ASKS)
    context.site.nudge()
    answer = context.go("/sign-in/code")
    here, name = f"/v/{token}", mask_address(link.person.email or "")
    remembered = bool(form.get("remember"))
    keep(context, answer, CODE, id=secret_id.hex, name=name, next=here, remembered=remembered, again=here)
    return answer


def _moved_on(session: Session, link: OpenedLink) -> dict[str, Any]:
    task = link.task
    directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
    coordinator, unit = session.get_one(Person, task.coordinator_id), session.get_one(Unit, task.assigner_unit_id)
    return {
        **LINE_WORDS,
        "directive": directive_name(directive.kind, directive.number, directive.subject),
        "duty": duty,
        "contact": contact_of(coordinator, unit),
    }
