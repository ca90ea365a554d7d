"""Letters that have left, and reports that they came back."""

from models.letters.letter import Letter
from tests.office import ON, Office, at

HEAD, DEPUTY = "luong.thi.ngan", "ta.ba.toan"
LATER = at(1, hour=9)


def left(office: Office) -> bytes:
    """The head's letter leaves; its bytes."""
    office.tick(ON)
    return sent_to(office, HEAD)


def sent_to(office: Office, code: str) -> bytes:
    address = office.person(code).email
    return next(content for to, content in reversed(office.sender.letters) if to == address)


def drop(office: Office, *reports: bytes) -> None:
    folder = office.settings.bounces_folder
    folder.mkdir(exist_ok=True)
    number = len(list(folder.rglob("*.eml")))
    for report in reports:
        number += 1
        (folder / f"{number:03d}.eml").write_bytes(report)


def letter(office: Office) -> Letter:
    head = office.person(HEAD).id
    return next(one for one in office.letters() if one.recipient_id == head)
