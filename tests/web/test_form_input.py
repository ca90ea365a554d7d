"""What a form sends comes in as its page declares it: texts trimmed, lists whole, boxes as yes or no."""

from io import BytesIO

import pytest
from pydantic import Field
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput
from web.request.form_input import FormInput, Revision, Ticked, Verbatim, Yes
from web.request.given_values import SingleFormData


class Filled(FormInput):
    name: str = ""
    password: Verbatim = ""
    units: tuple[str, ...] = Field(default=(), alias="unit")
    agreed: Ticked = False
    on: Yes = False
    seen: Revision = -1


def test_a_form_comes_in_as_declared() -> None:
    sent = [("name", " A "), ("password", " p "), ("unit", "X"), ("unit", "Y"), ("agreed", "1"), ("on", "yes")]
    given = Filled.of(SingleFormData([*sent, ("seen", "3"), ("csrf", "unknown here")]))
    assert given == Filled(name="A", password=" p ", unit=("X", "Y"), agreed=True, on=True, seen=3)


def test_what_did_not_come_is_empty() -> None:
    given = Filled.of(FormData([("on", "no"), ("seen", "²"), ("agreed", "")]))
    assert given == Filled() and given.model_fields_set == {"units", "on", "seen", "agreed"}


def test_a_file_is_no_text() -> None:
    assert Filled.of(FormData([("name", UploadFile(BytesIO(b"x"), filename="a.txt"))])).name == ""


@pytest.mark.parametrize("sent", [[("name", "A"), ("name", "B")], [("name", "\ud800")]])
def test_what_cannot_be_read_as_one_text_is_refused(sent: list[tuple[str, str | UploadFile]]) -> None:
    with pytest.raises(BadInput):
        Filled.of(SingleFormData(sent))


def test_an_address_has_what_was_filled_in() -> None:
    assert Filled(name="a b", unit=("X", "Y")).pairs("seen") == [("name", "a b"), ("unit", "X"), ("unit", "Y")]
