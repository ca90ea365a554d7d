"""Count the pages of a picture (JPEG, PNG, TIFF). Tesseract reads their words, as those of a scan."""

import io

from PIL import Image, UnidentifiedImageError

from workflows.bounded_process.limits import Scanned, damaged

FORMATS = ("JPEG", "PNG", "TIFF")


def read(data: bytes) -> str:
    """Count the pages. Always raises: Scanned for a picture that opens, Unreadable for a damaged one."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()
            count = int(getattr(image, "n_frames", 1))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise damaged() from None
    raise Scanned(list(range(count)), count)
