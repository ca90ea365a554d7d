"""The how-tos inside the application."""

import pytest

from tests.web.site import Office
from web.worklists.help_pages import GUIDES, HOW_TO


def test_ones_own_guide_comes_first(office: Office) -> None:
    page = office.sign_in("ngo.van.loc").get("/help?lang=en").text
    assert 0 < page.index("Records clerks") < page.index("Coordinators")
    assert "for you" in page


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_guide_is_the_same_text_as_in_the_documentation(office: Office, name: str, language: str) -> None:
    page = office.get(f"/help/{name}?lang={language}").text
    heading = (HOW_TO / language / f"{name}.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    assert f"<h1>{heading}</h1>" in page
    assert "](" not in page


@pytest.mark.parametrize("path", ["/help/nobody", "/help/pictures/none.webp", "/help/pictures/..%2Fvi%2Fobserver.md"])
def test_nothing_else_can_be_asked_for(office: Office, path: str) -> None:
    assert office.get(path).status_code == 404
