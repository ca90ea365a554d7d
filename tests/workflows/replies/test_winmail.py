"""Files that Outlook sent as one winmail.dat: all of them come out, and a broken or hostile one is refused in time."""

import struct
import time

import pytest

from models.errors import BadInput
from tests.reply_samples import PDF, winmail
from workflows.replies.received_replies import open_winmail

pytestmark = pytest.mark.long

FILES = {"Báo cáo kết quả số 7.pdf": PDF, "phụ lục.docx": b"PK\x03\x04" + b"\0" * 40}


def test_every_file_comes_out_under_its_long_name() -> None:
    assert open_winmail("winmail.dat", winmail(FILES)) == list(FILES.items())


def test_one_that_holds_only_the_form_of_a_letter_has_no_files() -> None:
    assert open_winmail("winmail.dat", winmail({})) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no winmail",
        *(winmail(FILES)[:-cut] for cut in (1, 5, 60, 300)),
        winmail({}) + struct.pack("<BHHI", 2, 0x8010, 1, 4) + b"a.b\0" + b"\0" * 20,
        winmail({}) + b"\1" * (21 << 20),
    ],
    ids=["empty", "other", "cut by 1", "cut by 5", "cut by 60", "cut by 300", "no file begun", "large"],
)
def test_what_is_cut_off_or_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"winmail\.dat"):
        open_winmail("winmail.dat", data)


def test_a_million_tiny_parts_end_in_time() -> None:
    began = time.monotonic()
    with pytest.raises(BadInput, match=r"winmail\.dat"):
        open_winmail("winmail.dat", winmail({}) + (struct.pack("<BHHI", 1, 0x8008, 2, 1) + b"\0\0\0") * 1_000_000)
    assert time.monotonic() - began < 60
