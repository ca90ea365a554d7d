"""Digital signatures of PDFs: whether a file is as its signer left it."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="signatures",
    title=_("digital signatures"),
    needs=("pyhanko", "pyhanko_certvalidator", "asn1crypto"),
    addresses=("/admin/roots",),
    adds={
        "web.admin": ("web.signatures.root_pages:router",),
        "files.signatures": ("web.signatures.file_signatures:show_signatures",),
        "site.signatures": ("workflows.signatures.kept_checks:SignatureChecks",),
    },
)
