"""The samples of messages, and messages made of them for tests."""

import io
import re
import zipfile
from base64 import b64encode
from pathlib import Path

from tests.intake.files.made import docx

SAMPLES = Path(__file__).parent / "samples"
DIRECTIVE = "chi-thi-moi.edxml"
OWN = "000.00.03.H26"
"""The code of the office that receives them."""


def sample(name: str = DIRECTIVE) -> bytes:
    """Return a sample's bytes."""
    return (SAMPLES / name).read_bytes()


def changed(before: str, after: str, name: str = DIRECTIVE, *, count: int = 0) -> bytes:
    """Return a sample in which a pattern is replaced, everywhere or `count` times. It must occur."""
    text, done = re.subn(before, lambda _match: after, sample(name).decode(), count=count, flags=re.DOTALL)
    assert done, before
    return text.encode()


def with_file(content: bytes, name: str = "van-ban.docx", media_type: str = "application/docx") -> bytes:
    """Return the directive's message with another attachment."""
    return with_encoded(b64encode(content).decode(), name, media_type)


def with_encoded(encoded: str, name: str = "van-ban.docx", media_type: str = "application/docx") -> bytes:
    """Return the directive's message whose attachment is this text."""
    attachment = (
        f"<Attachment><ContentId>cid:1</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<ContentType>{media_type}</ContentType><ContentTransferEncoded>{encoded}</ContentTransferEncoded></Attachment>"
    )
    return changed("<Attachment>.*</Attachment>", attachment)


def zipped(content: bytes, *names: str) -> bytes:
    """Return an archive that holds a content under each name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


def letter(*paragraphs: str) -> bytes:
    """Return a Word document of these paragraphs."""
    return docx(paragraphs)
