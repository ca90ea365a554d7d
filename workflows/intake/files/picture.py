"""A picture of pages (JPEG, PNG, TIFF): how many there are. Their words are read by tesseract, as those of a scan."""

import io

from PIL import Image, UnidentifiedImageError

from workflows.apart.limits import Scanned, damaged

FORMATS = ("JPEG", "PNG", "TIFF")


def read(data: bytes) -> str:
    """Always raises: Scanned for a picture that opens, Unreadable for one that is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()
            count = int(getattr(image, "n_frames", 1))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise damaged() from None
    raise Scanned(list(range(count)), count)
