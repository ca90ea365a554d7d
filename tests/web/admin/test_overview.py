"""The administration's first pages: how the engine runs, what waits for a person, what doctor finds."""

import re
from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.web.site import Office
from workflows.jobs.tick import begin_tick, finish_tick

PAGES = ("/admin", "/admin/check-up")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("code", ["le.thi.c", "ngo.van.loc", "nguyen.minh.quan"])
def test_the_administration_is_closed_to_everybody_else(office: Office, path: str, code: str) -> None:
    assert office.sign_in(code).get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_way_to_the_others_and_says_where_one_is(office: Office, path: str) -> None:
    shown = office.sign_in("dang.thu.thuy").get(path).text
    assert f'<a href="{path}" aria-current="page">' in shown
    assert all(f'href="{other}"' in shown for other in PAGES)


def test_the_check_up_tells_what_doctor_finds_and_what_to_do(office: Office) -> None:
    url = office.engine.url.render_as_string(hide_password=False)
    office.app.state.site.settings = office.settings.model_copy(update={"database_url": SecretStr(url)})
    shown = office.sign_in("dang.thu.thuy").get("/admin/check-up?lang=en").text
    assert "No tick has been run yet" in shown
    assert "start <code>dondoc serve</code>" in shown and "`" not in shown
    assert shown.index("No tick has been run yet") < shown.index("None has failed, none is paused")


def test_the_overview_says_what_the_check_up_finds_broken(office: Office) -> None:
    url = office.engine.url.render_as_string(hide_password=False)
    office.app.state.site.settings = office.settings.model_copy(update={"database_url": SecretStr(url)})
    begin_tick(office.engine, now=office.now)
    finish_tick(office.engine, {}, now=office.now)
    office.now += timedelta(days=1)
    reader = office.sign_in("dang.thu.thuy")
    page = reader.get("/admin/check-up?lang=en").text
    found = re.findall(r'class="mark late">.*?</span> <strong>(.*?)</strong>', page)
    shown = re.search(r"The check-up finds broken: (.*?)\.", reader.get("/admin?lang=en").text)
    assert shown is not None and "Clock" in found
    assert {one.casefold() for one in shown[1].split(", ")} == {one.casefold() for one in found}
