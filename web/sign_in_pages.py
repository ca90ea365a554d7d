"""Signing in and out."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import func, or_, select

from models.account import Proof
from models.errors import BadInput, DondocError
from models.i18n import _
from models.person import Person
from web.visit import Guest, Posted, Signed, Visit, cookie_name, is_secure, local_path, text
from workflows.passwords import is_password
from workflows.sign_in import REMEMBERED, end_sessions, open_session

router = APIRouter()


@router.get("/sign-in")
def sign_in_page(visit: Guest, next: str = "/") -> Response:
    """Name and password."""
    return visit.go(next) if visit.place else _form(visit, next)


def _form(visit: Visit, next: str, name: str = "", error: DondocError | None = None) -> HTMLResponse:
    code = visit.fault(error) if error else 200
    return visit.page("sign_in.html", code, next=local_path(next), name=name, error=error)


@router.post("/sign-in")
def sign_in(visit: Guest, form: Posted) -> Response:
    """Opens a session; the answer to a wrong name is that to a wrong password."""
    name, next = text(form, "name"), text(form, "next") or "/"
    with visit.transaction() as session:
        same = or_(func.lower(Person.code) == name.lower(), func.lower(Person.email) == name.lower())
        found = session.exec(select(Person).where(same, Person.is_active).limit(2)).all()
        person = found[0] if len(found) == 1 else None
        if not is_password(session, person.id if person else None, str(form.get("password", ""))) or person is None:
            return _form(visit, next, name, BadInput("name, password: they do not fit together"))
        remembered = bool(form.get("remember"))
        device, address = visit.request.headers.get("user-agent", ""), _address(visit)
        key = open_session(
            session, person, Proof.PASSWORD, now=visit.now, remembered=remembered, device=device, address=address
        )
    return signed_in_answer(visit, visit.go(next), key, remembered)


def signed_in_answer(visit: Visit, answer: RedirectResponse, key: str, remembered: bool) -> RedirectResponse:
    """The answer with the session's cookie; without `remembered` it ends with the browser."""
    answer.set_cookie(
        cookie_name(visit.settings),
        key,
        max_age=int(REMEMBERED.total_seconds()) if remembered else None,
        httponly=True,
        samesite="lax",
        secure=is_secure(visit.settings),
        path="/",
    )
    return answer


@router.post("/sign-out")
def sign_out(visit: Signed, form: Posted) -> Response:
    """Ends this session."""
    assert visit.session_row is not None
    with visit.transaction() as session:
        end_sessions(session, visit.person.id, now=visit.now, only=visit.session_row.id)
    answer = visit.go("/sign-in", _("You are signed out."))
    answer.delete_cookie(cookie_name(visit.settings), path="/")
    return answer


def _address(visit: Visit) -> str:
    return visit.request.client.host if visit.request.client else ""
