"""The first set-up, step by step: its code, the organisation, the administrator, units, mail, the first directive.

Until there is an administrator, a browser that has shown the code takes the steps. Afterwards an administrator does.
"""

import tempfile
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _
from models.letters.letter_reads import last_test
from models.organization.account import Proof
from web.account.entrance import open_door
from web.admin.letters.mail_pages import MODE_WORDS
from web.admin.people.spreadsheets import TABLE_WORDS
from web.request.faults import NeedsCode, NotSignedIn
from web.request.form_input import Code, FormInput, Posted, Ticked, Verbatim
from web.request.request_context import Guest, RequestContext, Signed
from web.request.signed_cookies import SETUP, forget_signed, keep_signed, read_signed
from workflows.access.accounts import mailed
from workflows.access.rights import find_holders
from workflows.operations.first_steps import (
    UNIT_WORDS,
    Progress,
    finish,
    is_code,
    is_open,
    make_administrator,
    name_organisation,
    read_progress,
)
from workflows.organization.uploads import plain_name
from workflows.rules.password_policy import SHORTEST
from workflows.rules.rights_table import Right
from workflows.templates.pack_file import Pack, read_pack
from workflows.templates.packs import bundled, import_directive
from workflows.templates.publish import publish_all

router = APIRouter()
_LARGEST = 2_000_000  # bytes of a pack's file


class SetupStep(NamedTuple):
    """A step; `name` is its field of Progress."""

    name: str
    path: str
    words: str


_STEPS = (
    SetupStep("organisation", "/setup/organisation", _("Your organisation")),
    SetupStep("administrator", "/setup/administrator", _("The first administrator")),
    SetupStep("units", "/setup/units", _("Units and people")),
    SetupStep("mail", "/setup/mail", _("Mail")),
    SetupStep("directive", "/setup/directive", _("The first directive")),
)


class Organisation(FormInput):
    ministry: str = ""
    ministry_code: str = ""
    office: str = ""
    office_code: str = ""
    coordinating: str = ""
    coordinating_code: str = ""


class Administrator(FormInput):
    full_name: str = ""
    email: str = ""
    title: str = ""
    unit: str = ""
    coordinates: str = ""
    password: Verbatim = ""
    again: Verbatim = ""


class FirstDirective(FormInput):
    """`bundled` names a directive that comes with the program; otherwise files are sent."""

    bundled: str = ""
    publish: Ticked = False


@router.get("/setup")
def setup_page(context: Guest) -> Response:
    try:
        progress = _check_progress(context)
    except NeedsCode:
        return context.page("setup/code.html")
    launchers = None
    if context.principal_or_none is not None:
        with context.reading() as session:
            launchers = find_holders(session, context.principal_or_none, Right.LAUNCH)
    return _step_page(context, "start.html", progress, launchers=launchers)


@router.post("/setup")
def show_code(context: Guest, form: Annotated[Code, Depends(Code.sent)]) -> Response:
    with context.reading() as session:
        is_right = is_code(session, form.code)
    if not is_right:
        error = BadInput(_("code: it is not the one that `dondoc serve` printed when it was started"))
        return context.page("setup/code.html", error=error)
    answer = context.go("/setup")
    keep_signed(context, answer, SETUP, code=form.code)
    return answer


@router.get("/setup/organisation")
def organisation_page(context: Guest) -> Response:
    progress = _check_progress(context)
    usual = Organisation(ministry_code="BO", office_code="VP", office="Văn phòng Bộ")
    return _organisation_form(context, progress, usual)


@router.post("/setup/organisation")
def save_organisation(context: Guest, form: Annotated[Organisation, Depends(Organisation.sent)]) -> Response:
    progress = _check_progress(context)
    with context.submit(lambda error: _organisation_form(context, progress, form, error)) as session:
        name_organisation(session, form.model_dump(), context.audit_actor)
    following = "/setup" if progress.administrator else "/setup/administrator"
    return context.go(following, _("Your organisation is saved."))


def _organisation_form(
    context: RequestContext, progress: Progress, form: Organisation, error: DondocError | None = None
) -> HTMLResponse:
    return _step_page(context, "organisation.html", progress, error, given=form, unit_words=UNIT_WORDS)


@router.get("/setup/administrator")
def administrator_page(context: Guest) -> Response:
    return _administrator_form(context, _check_progress(context), Administrator(coordinates="on"))


@router.post("/setup/administrator")
def create_administrator(context: Guest, form: Annotated[Administrator, Depends(Administrator.sent)]) -> Response:
    """Create the account and sign this browser in. The code is void from now on."""
    progress = _check_progress(context)
    with context.submit(lambda error: _administrator_form(context, progress, form, error)) as session:
        person = make_administrator(
            session,
            form.model_dump(exclude={"password", "again"}),
            form.password,
            form.again,
            context.audit_actor,
            coordinates=bool(form.coordinates),
        )
        answer = open_door(context, session, person, Proof.PASSWORD, next="/setup")
    forget_signed(context, answer, SETUP)
    return answer


def _administrator_form(
    context: RequestContext, progress: Progress, form: Administrator, error: DondocError | None = None
) -> HTMLResponse:
    return _step_page(context, "administrator.html", progress, error, given=form, shortest=SHORTEST)


@router.get("/setup/units")
def units_page(context: Signed) -> HTMLResponse:
    return _step_page(context, "units.html", _check_administrator(context), tables=TABLE_WORDS)


@router.get("/setup/mail")
def mail_page(context: Signed) -> HTMLResponse:
    return _mail_form(context, _check_administrator(context))


@router.post("/setup/mail")
def send_test(context: Signed, form: Posted) -> Response:
    progress = _check_administrator(context)
    with context.submit(lambda error: _mail_form(context, progress, error)) as session:
        address = mailed.send_test(session, context.person, context.audit_actor)
    return context.go("/setup/mail", _("A test letter to {address} is on its way."), address=address)


def _mail_form(context: RequestContext, progress: Progress, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        test = last_test(session, context.person.id)
    mail = context.settings.mail
    return _step_page(context, "mail.html", progress, error, mode=MODE_WORDS[mail.mode], mail=mail, test=test)


@router.get("/setup/directive")
def directive_page(context: Signed) -> HTMLResponse:
    return _directive_form(context, _check_administrator(context))


@router.post("/setup/directive")
def take_directive(
    context: Signed, form: Annotated[FirstDirective, Depends(FirstDirective.sent)], data: Posted
) -> Response:
    progress = _check_administrator(context)
    context.require(Right.EDIT_TEMPLATES)
    with context.again(lambda error: _directive_form(context, progress, error)):
        pack = _read_bundled_pack(form.bundled) if form.bundled else _read_sent_pack(data)
        with context.transaction() as session:
            directive = import_directive(session, pack, now=context.now, actor_id=context.person.id).directive
            published = len(publish_all(session, directive.id, now=context.now)) if form.publish else 0
            code = directive.code
    return context.go("/setup", _("{code} is here; templates published: {count}."), code=code, count=published)


def _directive_form(context: RequestContext, progress: Progress, error: DondocError | None = None) -> HTMLResponse:
    packs = [read_pack(path).directive for path in bundled()]
    return _step_page(context, "directive.html", progress, error, packs=packs)


def _read_bundled_pack(name: str) -> Pack:
    path = next((path for path in bundled() if path.name == name), None)
    if path is None:
        raise BadInput("there is no such page")
    return read_pack(path)


def _read_sent_pack(form: FormData) -> Pack:
    uploads = [value for value in form.getlist("files") if isinstance(value, UploadFile) and value.filename]
    if not uploads:
        raise BadInput(_("files: choose pack.yaml and the text file that it names"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for upload in uploads:
            content = upload.file.read(_LARGEST + 1)
            if len(content) > _LARGEST:
                raise BadInput(_("{file}: larger than {limit} MB"), file=upload.filename, limit=_LARGEST // 1_000_000)
            (folder / plain_name(str(upload.filename))).write_bytes(content)
        if not (folder / "pack.yaml").is_file():
            raise BadInput(_("files: one of them must be called pack.yaml"))
        return read_pack(folder)


@router.post("/setup/finish")
def finish_setup(context: Signed, form: Posted) -> Response:
    """End the set-up. Steps that were skipped can be done in the administration."""
    _check_administrator(context)
    with context.transaction() as session:
        finish(session)
    following = "/launch" if context.principal.may(Right.LAUNCH) else "/admin"
    return context.go(following, _("The set-up is done."))


def _check_progress(context: RequestContext) -> Progress:
    """Return which steps are done, to somebody who may take them.

    While there is no administrator: raise NeedsCode unless this browser has shown the code. Afterwards: raise
    NotSignedIn or Forbidden unless an administrator asks.
    """
    with context.reading() as session:
        if is_open(session):
            cookie = read_signed(context, SETUP) or {}
            if not is_code(session, cookie.get("code", "")):
                raise NeedsCode
        elif context.principal_or_none is None:
            raise NotSignedIn
        else:
            context.require(Right.EDIT_REGISTER)
        return read_progress(session)


def _check_administrator(context: RequestContext) -> Progress:
    """As `_check_progress`, for the steps that need an administrator. Raise Forbidden for anybody else."""
    progress = _check_progress(context)
    context.require(Right.EDIT_REGISTER)
    return progress


def _step_page(
    context: RequestContext, template: str, progress: Progress, error: DondocError | None = None, **facts: Any
) -> HTMLResponse:
    return context.page(
        f"setup/{template}",
        steps=[(step, getattr(progress, step.name)) for step in _STEPS],
        following=next((step for step in _STEPS if not getattr(progress, step.name)), None),
        progress=progress,
        here=context.request.url.path,
        error=error,
        **facts,
    )
