"""Webhooks as administrators make, pause and switch them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.directives.directive import Directive
from models.errors import BadInput, NotFound, Refused, need
from models.organization.access import CallState, Webhook, WebhookCall
from models.settings import Settings
from models.words import EVENT_WORDS
from notifications.channels.http_client import check_url
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.queue.switching_off import new_secret, switch_off
from workflows.rules.rights_table import Right


def make_webhook(
    session: Session,
    principal: Principal,
    *,
    name: str,
    url: str,
    events: Sequence[str],
    directive: str | None,
    settings: Settings,
    now: datetime,
) -> Webhook:
    """Make a webhook for events from now on. Its secret lets the other side check signatures."""
    principal.require(Right.EDIT_WEBHOOKS)
    if not name.strip():
        raise BadInput("name: say which system it is")
    unknown = [event for event in events if event not in EVENT_WORDS]
    if unknown:
        raise BadInput(
            "events {given}: expected some of {allowed}",
            given=", ".join(unknown),
            allowed=", ".join(sorted(EVENT_WORDS)),
        )
    directive_id = _find_directive_id(session, directive) if directive else None
    hook = Webhook(
        name=name.strip()[:100],
        url=check_url(url.strip(), private_allowed=settings.webhooks_to_private),
        secret=new_secret(),
        events=list(dict.fromkeys(events)),
        directive_id=directive_id,
        created_at=now,
        created_by=principal.person.id,
    )
    session.add(hook)
    session.flush()
    note(session, "webhook_made", now=now, actor_id=principal.person.id, about=hook.name, facts={"url": hook.url})
    return hook


def _find_directive_id(session: Session, directive: str) -> UUID:
    is_named = or_(col(Directive.code) == directive, col(Directive.number) == directive)
    directive_id = session.exec(select(Directive.id).where(is_named)).first()
    return need(directive_id, NotFound("there is no directive {code}", code=directive))


def find_webhook(session: Session, webhook_id: UUID) -> Webhook:
    return need(session.get(Webhook, webhook_id), NotFound("there is no such webhook"))


def switch_webhook(session: Session, principal: Principal, webhook_id: UUID, *, on: bool, now: datetime) -> Webhook:
    """Pause a webhook or let it go on. A pause gives up waiting calls; events of the pause are not told later."""
    principal.require(Right.EDIT_WEBHOOKS)
    hook = find_webhook(session, webhook_id)
    if hook.is_active is on:
        raise Refused("the webhook is switched so already")
    if on:
        hook.is_active = True
        session.add(hook)
    else:
        switch_off(session, hook)
    action = "webhook_switched_on" if on else "webhook_switched_off"
    note(session, action, now=now, actor_id=principal.person.id, about=hook.name)
    return hook


def call_again(session: Session, principal: Principal, call_id: UUID, *, now: datetime) -> None:
    """Queue a call once more that was given up. Raises Refused for any other call."""
    principal.require(Right.EDIT_WEBHOOKS)
    changed = update_one(
        session,
        update(WebhookCall)
        .where(
            col(WebhookCall.id) == call_id,
            col(WebhookCall.state) == CallState.FAILED,
            col(WebhookCall.webhook_id).in_(select(Webhook.id).where(col(Webhook.is_active))),
        )
        .values(state=CallState.QUEUED, attempts=0, not_before=now, error=""),
    )
    if not changed:
        raise Refused("only a call that was given up, of a webhook that is on, can be made again")
    note(session, "webhook_called_again", now=now, actor_id=principal.person.id, about=str(call_id))


def list_webhooks(session: Session) -> list[tuple[Webhook, str | None, dict[CallState, int]]]:
    """Return the webhooks by name, each with its directive's code and its number of calls by state."""
    counts: dict[UUID, dict[CallState, int]] = {}
    query = select(WebhookCall.webhook_id, WebhookCall.state, func.count()).group_by(
        col(WebhookCall.webhook_id), col(WebhookCall.state)
    )
    for hook_id, state, count in session.exec(query):
        counts.setdefault(hook_id, {})[CallState(state)] = count
    rows = session.exec(
        select(Webhook, Directive.code)
        .outerjoin(Directive, col(Directive.id) == col(Webhook.directive_id))
        .order_by(col(Webhook.name), col(Webhook.id))
    )
    return [(hook, code, counts.get(hook.id, {})) for hook, code in rows]


def recent_calls(session: Session, webhook_id: UUID, limit: int = 50) -> Sequence[WebhookCall]:
    return session.exec(
        select(WebhookCall)
        .where(WebhookCall.webhook_id == webhook_id)
        .order_by(col(WebhookCall.queued_at).desc(), col(WebhookCall.id).desc())
        .limit(limit)
    ).all()
