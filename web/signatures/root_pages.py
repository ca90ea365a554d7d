"""The pages of root certificates: list the installed ones, preview a file, install from it, remove one."""

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
    """The roots chosen on the preview. `kept`: the token of the stored file."""

    kept: str = ""
    roots: tuple[str, ...] = Field(default=(), alias="root")


@router.get("")
def roots_page(context: MayTrustRoots) -> HTMLResponse:
    return _page(context)


@router.post("")
def look_at_file(context: MayTrustRoots, form: Posted) -> Response:
    """Store a file of certificates for this person, and show its contents. Nothing is installed yet."""
    upload = form.get("file")
    with context.again(lambda error: _page(context, error=error)):
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise BadInput("file: choose a file of certificates (.cer, .crt, .pem or .p7b)")
        name, content = upload.filename, upload.file.read(MOST_BYTES + 1)
        with context.reading() as session:
            candidates = read_roots(session, name, content)
        token = keep_files(context.settings.data, context.person.id, {_KEPT_AS: (name, content)}, now=context.now)
    return _preview(context, candidates, token)


@router.post("/install")
def install(context: MayTrustRoots, form: Annotated[ToInstall, Depends(ToInstall.sent)]) -> Response:
    name, content = kept_files(context.settings.data, context.person.id, form.kept)[_KEPT_AS]
    with context.again(lambda error: _page(context, error=error)), context.reading() as session:
        candidates = read_roots(session, name, content)
    with context.submit(lambda error: _preview(context, candidates, form.kept, error)) as session:
        chosen = [candidate for candidate in candidates if candidate.sha256 in form.roots]
        if not chosen:
            raise BadInput("root certificates: choose at least one")
        count = install_roots(session, chosen, context.audit_actor, context.person.id)
    forget_files(context.settings.data, context.person.id, form.kept)
    message = _n("installed: {count} root certificate", "installed: {count} root certificates")
    return context.go("/admin/roots", message, count=count)


@router.post("/{root_id}/remove")
def remove(root_id: str, context: MayTrustRoots, form: Posted) -> Response:
    """Remove a root. Signatures that it vouched for are no longer verified."""
    with context.transaction() as session:
        removed = remove_root(session, root_id, context.audit_actor)
    return context.go("/admin/roots", _("Removed: {subject}."), subject=removed.subject)


def _page(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        roots = _read_roots(session)
    return admin_page(context, "roots.html", roots=roots, fingerprint=write_fingerprint, error=error)


def _read_roots(session: Session) -> list[tuple[TrustedRoot, str]]:
    roots = list_roots(session)
    names = names_of_people(session, {root.installed_by for root in roots})
    return [(root, names[root.installed_by]) for root in roots]


def _preview(
    context: RequestContext, candidates: Sequence[RootCandidate], token: str, error: DondocError | None = None
) -> HTMLResponse:
    return admin_page(
        context,
        "root_preview.html",
        candidates=candidates,
        may_install=any(candidate.is_authority and not candidate.is_installed for candidate in candidates),
        kept=token,
        now=context.now,
        fingerprint=write_fingerprint,
        error=error,
    )
