"""The steps of the first set-up that its administrator takes, signed in: units, mail, the first directive, done."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _
from models.letters.letter_reads import last_test
from web.admin.letters.mail_pages import MODE_WORDS
from web.admin.people.spreadsheets import TABLE_WORDS
from web.request.form_input import FormInput, Posted, Ticked
from web.request.request_context import RequestContext, Signed
from web.setup import look
from web.setup.pages import setup_answer
from workflows.access.accounts import mailed
from workflows.operations.first_steps import Progress, finish
from workflows.organization.uploads import plain_name
from workflows.rules.rights_table import Right
from workflows.templates.pack_file import Pack, read_pack
from workflows.templates.packs import bundled, import_directive
from workflows.templates.publish import publish_all

router = APIRouter()
_LARGEST = 2_000_000  # bytes of a pack's file


class FirstDirective(FormInput):
    """`bundled`: the name of one that comes with the program, instead of files."""

    bundled: str = ""
    publish: Ticked = False


@router.get("/setup/units")
def units_page(context: Signed) -> HTMLResponse:
    return setup_answer(context, "units.html", _look(context), tables=TABLE_WORDS)


@router.get("/setup/mail")
def mail_page(context: Signed) -> HTMLResponse:
    return _mail(context, _look(context))


@router.post("/setup/mail")
def send_test(context: Signed, form: Posted) -> Response:
    done = _look(context)
    with context.submit(lambda error: _mail(context, done, error)) as session:
        address = mailed.send_test(session, context.person, context.hand)
    return context.go("/setup/mail", _("A test letter to {address} is on its way."), address=address)


def _mail(context: RequestContext, done: Progress, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        test = last_test(session, context.person.id)
    return setup_answer(
        context,
        "mail.html",
        done,
        error,
        mode=MODE_WORDS[context.settings.mail.mode],
        mail=context.settings.mail,
        test=test,
    )


@router.get("/setup/directive")
def directive_page(context: Signed) -> HTMLResponse:
    return _directive(context, _look(context))


@router.post("/setup/directive")
def take_directive(
    context: Signed, given: Annotated[FirstDirective, Depends(FirstDirective.sent)], form: Posted
) -> Response:
    done = _look(context)
    context.require(Right.EDIT_TEMPLATES)
    with context.again(lambda error: _directive(context, done, error)):
        with tempfile.TemporaryDirectory() as folder:
            pack = _chosen(given.bundled, form, Path(folder))
        with context.transaction() as session:
            imported = import_directive(session, pack, now=context.now, actor_id=context.person.id)
            published = 0
            if given.publish:
                published = len(publish_all(session, imported.directive.id, now=context.now))
            code = imported.directive.code
    return context.go("/setup", _("{code} is here; templates published: {count}."), code=code, count=published)


def _chosen(name: str, form: FormData, folder: Path) -> Pack:
    if name:
        found = next((path for path in bundled() if path.name == name), None)
        if found is None:
            raise BadInput("there is no such page")
        return read_pack(found)
    sent = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    if not sent:
        raise BadInput(_("files: choose pack.yaml and the text file that it names"))
    for one in sent:
        content = one.file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise BadInput(_("{file}: larger than {limit} MB"), file=one.filename, limit=_LARGEST // 1_000_000)
        (folder / plain_name(str(one.filename))).write_bytes(content)
    if not (folder / "pack.yaml").is_file():
        raise BadInput(_("files: one of them must be called pack.yaml"))
    return read_pack(folder)


def _directive(context: RequestContext, done: Progress, error: DondocError | None = None) -> HTMLResponse:
    packs = [read_pack(path).directive for path in bundled()]
    return setup_answer(context, "directive.html", done, error, packs=packs)


@router.post("/setup/finish")
def end(context: Signed, form: Posted) -> Response:
    """End the set-up; what was left out can be done in the administration."""
    _look(context)
    with context.transaction() as session:
        finish(session)
    to = "/launch" if context.principal.may(Right.LAUNCH) else "/admin"
    return context.go(to, _("The set-up is done."))


def _look(context: RequestContext) -> Progress:
    done = look(context)
    context.require(Right.EDIT_REGISTER)
    return done
