"""Root certificates of digital signatures: list those installed, look at a file, install from it, remove."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.errors import BadInput, DondocError
from models.i18n import _, _n
from models.organization.register_reads import names_of_people
from models.signatures.trust import TrustedRoot
from web.request.form_input import FormInput, Posted
from web.request.having_right import MayTrustRoots
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from workflows.organization.uploads import forget_files, keep_files, kept_files
from workflows.signatures.trusted_roots import (
    MOST_BYTES,
    RootCandidate,
    install_roots,
    list_roots,
    read_roots,
    remove_root,
    write_fingerprint,
)

router = APIRouter(prefix="/admin/roots")
_KEPT_AS = "roots"


class ToInstall(FormInput):
    """`kept`: the token of the file that was looked at."""

    kept: str = ""
    roots: tuple[str, ...] = Field(default=(), alias="root")


@router.get("")
def roots_page(context: MayTrustRoots) -> HTMLResponse:
    return _page(context)


@router.post("")
def look_at_file(context: MayTrustRoots, form: Posted) -> Response:
    """Keep a file of certificates for this person, and show what is in it: nothing is installed yet."""
    sent = form.get("file")
    with context.again(lambda error: _page(context, error=error)):
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise BadInput("file: choose a file of certificates (.cer, .crt, .pem or .p7b)")
        name, content = sent.filename, sent.file.read(MOST_BYTES + 1)
        with context.reading() as session:
            candidates = read_roots(session, name, content)
        kept = keep_files(context.settings.data, context.person.id, {_KEPT_AS: (name, content)}, now=context.now)
    return _preview(context, candidates, kept)


@router.post("/install")
def install(context: MayTrustRoots, given: Annotated[ToInstall, Depends(ToInstall.sent)]) -> Response:
    name, content = kept_files(context.settings.data, context.person.id, given.kept)[_KEPT_AS]
    with context.submit(lambda error: _preview(context, candidates, given.kept, error)) as session:
        candidates = read_roots(session, name, content)
        chosen = [one for one in candidates if one.sha256 in given.roots]
        if not chosen:
            raise BadInput("root certificates: choose at least one")
        count = install_roots(session, chosen, context.hand, context.person.id)
    forget_files(context.settings.data, context.person.id, given.kept)
    said = _n("installed: {count} root certificate", "installed: {count} root certificates")
    return context.go("/admin/roots", said, count=count)


@router.post("/{root_id}/remove")
def remove(root_id: str, context: MayTrustRoots, form: Posted) -> Response:
    """Remove one: signatures that it vouched for are no longer verified."""
    with context.transaction() as session:
        removed = remove_root(session, root_id, context.hand)
    return context.go("/admin/roots", _("Removed: {subject}."), subject=removed.subject)


def _page(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        roots = _installed(session)
    return admin_page(context, "roots.html", roots=roots, fingerprint=write_fingerprint, error=error)


def _installed(session: Session) -> list[tuple[TrustedRoot, str]]:
    roots = list_roots(session)
    names = names_of_people(session, {one.installed_by for one in roots})
    return [(one, names[one.installed_by]) for one in roots]


def _preview(
    context: RequestContext, candidates: Sequence[RootCandidate], kept: str, error: DondocError | None = None
) -> HTMLResponse:
    return admin_page(
        context,
        "root_preview.html",
        candidates=candidates,
        may_install=any(one.is_authority and not one.is_installed for one in candidates),
        kept=kept,
        now=context.now,
        fingerprint=write_fingerprint,
        error=error,
    )
