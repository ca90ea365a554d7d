"""The steps of the first set-up that its administrator takes, signed in: units, mail, the first directive, done."""

import tempfile
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError, Refused
from models.i18n import _
from web.admin.letters.mail_pages import MODE_WORDS, last_test
from web.admin.people.spreadsheets import TABLE_WORDS
from web.request.page_frame import hand
from web.request.request_context import Posted, RequestContext, Signed, text
from web.setup import look
from web.setup.pages import setup_answer
from workflows.access.accounts.account_letters import queue_test
from workflows.operations.first_steps import Progress, finish
from workflows.organization.uploads import plain_name
from workflows.rules.rights_table import Right
from workflows.templates.packs import Pack, bundled, import_directive, read_pack
from workflows.templates.publish import publish_all

router = APIRouter()
_LARGEST = 2_000_000  # bytes of a pack's file


@router.api_route("/setup/units", methods=["GET", "HEAD"])
def units_page(visit: Signed) -> HTMLResponse:
    """Forms to fill in, and where to send them."""
    return setup_answer(visit, "units.html", _look(visit), tables=TABLE_WORDS)


@router.api_route("/setup/mail", methods=["GET", "HEAD"])
def mail_page(visit: Signed) -> HTMLResponse:
    """Return how letters leave, and a letter to try it."""
    return _mail(visit, _look(visit))


@router.post("/setup/mail")
def send_test(visit: Signed, form: Posted) -> Response:
    """Queue a test letter to oneself."""
    done = _look(visit)
    try:
        with visit.transaction() as session:
            if not visit.person.email:
                raise Refused("{person} has no mail address that a letter could go to", person=visit.person.full_name)
            queue_test(session, visit.person.id, visit.now)
            hand(visit).note(session, "test_letter_sent", visit.person.code)
    except DondocError as error:
        return _mail(visit, done, error)
    visit.site.nudge()
    return visit.go("/setup/mail", _("A test letter to {address} is on its way."), address=visit.person.email)


def _mail(visit: RequestContext, done: Progress, error: DondocError | None = None) -> HTMLResponse:
    with visit.reading() as session:
        test = last_test(session, visit)
    return setup_answer(
        visit, "mail.html", done, error, mode=MODE_WORDS[visit.settings.mail.mode], mail=visit.settings.mail, test=test
    )


@router.api_route("/setup/directive", methods=["GET", "HEAD"])
def directive_page(visit: Signed) -> HTMLResponse:
    """Return the bundled directives, and a form for a pack of one's own."""
    return _directive(visit, _look(visit))


@router.post("/setup/directive")
def take_directive(visit: Signed, form: Posted) -> Response:
    """Import a bundled directive or a pack that was sent, and publish its templates where that is wanted."""
    done = _look(visit)
    visit.require(Right.EDIT_TEMPLATES)
    try:
        with tempfile.TemporaryDirectory() as folder, visit.transaction() as session:
            pack = _chosen(form, Path(folder))
            imported = import_directive(session, pack, now=visit.now, actor_id=visit.person.id)
            published = 0
            if form.get("publish"):
                published = len(publish_all(session, imported.directive.id, now=visit.now))
            code = imported.directive.code
            hand(visit).note(session, "directive_imported", code, {"published": published})
    except DondocError as error:
        return _directive(visit, done, error)
    return visit.go("/setup", _("{code} is here; templates published: {count}."), code=code, count=published)


def _chosen(form: FormData, folder: Path) -> Pack:
    if name := text(form, "bundled"):
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


def _directive(visit: RequestContext, done: Progress, error: DondocError | None = None) -> HTMLResponse:
    packs = [read_pack(path).directive for path in bundled()]
    return setup_answer(visit, "directive.html", done, error, packs=packs)


@router.post("/setup/finish")
def end(visit: Signed, form: Posted) -> Response:
    """End the set-up; what was left out can be done in the administration."""
    _look(visit)
    with visit.transaction() as session:
        finish(session)
    to = "/launch" if visit.the_place.may(Right.LAUNCH) else "/admin"
    return visit.go(to, _("The set-up is done."))


def _look(visit: RequestContext) -> Progress:
    done = look(visit)
    visit.require(Right.EDIT_REGISTER)
    return done
