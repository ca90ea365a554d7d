"""Digital signatures of PDFs: whether a file is as its signer left it."""

from models.rooms import Room

ROOM = Room(
    name="signatures", needs=("pyhanko", "pyhanko_certvalidator", "asn1crypto"), addresses=("/admin/roots",), adds={}
)
