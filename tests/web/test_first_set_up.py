"""The first set-up on the site: for whoever has the code, step by step, until there is an administrator and work."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.run import Installation
from models.database.session import reading, transaction
from models.organization.audit import Audit
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit
from models.settings import MailSettings, Settings
from models.text.localtime import at_local
from tests.page import Page
from tests.web.site import ADDRESS, LAUNCHED, Office, Reader
from web.app import create_app
from workflows.operations.first_steps import CODE, ensure_code, is_open
from workflows.operations.setup import set_up
from workflows.templates.packs import bundled

PASSWORD = "một câu ngắn dễ nhớ"
ORGANISATION = {
    "ministry": "Bộ Bưu chính, Viễn thông",
    "ministry_code": "BO",
    "office": "Văn phòng Bộ",
    "office_code": "VP",
    "coordinating": "Vụ Viễn thông",
    "coordinating_code": "VU-VT",
}
ACCOUNT = {
    "full_name": "Lý Thị Khởi",
    "email": "khoi@mpt.example",
    "title": "",
    "unit": "VP",
    "password": PASSWORD,
    "again": PASSWORD,
    "coordinates": "on",
}


@pytest.fixture
def empty(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An installation with nothing in it."""
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    settings = Settings(data=tmp_path, base_url=ADDRESS, mail=MailSettings(mode="local"), language="vi")
    set_up(engine, now=LAUNCHED)
    app = create_app(engine, settings)
    office = Office(engine, settings, Reader(app), app)
    app.state.site.now = lambda: office.now
    return office


def code_of(office: Office) -> str:
    with transaction(office.engine) as session:
        return ensure_code(session) or pytest.fail("no code")


@pytest.fixture
def owner(empty: Office) -> Reader:
    """The browser of whoever read the code."""
    reader = Reader(empty.app)
    assert reader.send("/setup", code=code_of(empty).lower().replace("-", " ")).headers["location"] == "/setup"
    return reader


@pytest.mark.parametrize("path", ["/", "/work", "/admin", "/sign-in"])
def test_an_empty_site_leads_to_its_set_up(empty: Office, path: str) -> None:
    assert empty.get(path).headers["location"] == "/setup"


def test_without_the_code_nothing_is_shown_and_nothing_done(empty: Office) -> None:
    code_of(empty)
    stranger = Reader(empty.app)
    assert "This installation has no administrator yet" in stranger.get("/setup?lang=en").text
    for path in ("/setup/organisation", "/setup/administrator"):
        assert stranger.get(path).headers["location"] == "/setup"
        assert stranger.send("/setup", path, **ORGANISATION, **ACCOUNT).headers["location"] == "/setup"
    for path in ("/setup/units", "/setup/mail", "/setup/directive"):
        assert stranger.get(path).status_code == 303
    for wrong in ("", "AAAA-AAAA-AAAA-AAAA", code_of(empty)[:-1]):
        assert stranger.send("/setup", code=wrong).status_code == 422
    with reading(empty.engine) as session:
        assert session.exec(select(Unit)).all() == [] and session.exec(select(Person)).all() == []


def test_the_code_is_the_same_until_it_is_used_and_none_is_left_then(empty: Office, owner: Reader) -> None:
    assert code_of(empty) == code_of(empty)
    owner.send("/setup/organisation", **ORGANISATION)
    owner.send("/setup/administrator", **ACCOUNT)
    with transaction(empty.engine) as session:
        assert ensure_code(session) is None and session.get(Installation, CODE) is None


def test_from_nothing_to_a_directive_that_can_be_launched(empty: Office, owner: Reader) -> None:
    answer = owner.send("/setup/organisation", **ORGANISATION)
    assert answer.headers["location"] == "/setup/administrator"
    assert owner.send("/setup/administrator", **ACCOUNT).headers["location"] == "/setup"
    start = owner.get("/setup?lang=en").text
    assert "Continue: Units and people" in start and start.count(">done</span>") == 2
    assert "The first set-up is not finished" in owner.get("/admin?lang=en").text

    register = bundled()[0] / "register"
    files = {name: (f"{name}.csv", (register / f"{name}.csv").read_bytes(), "text/csv") for name in ("units", "people")}
    preview = owner.send("/setup/units", "/admin/register", files=files, then="/setup").headers["location"]
    shown = owner.get(preview).text
    seen = Page(shown).value("seen")
    given = {"seen": seen, "then": "/setup", "current": ACCOUNT["password"]}
    assert owner.send(preview, preview.partition("?")[0], **given).headers["location"] == "/setup"

    owner.send("/setup/mail")
    assert "waiting to be sent" in owner.get("/setup/mail?lang=en").text
    answer = owner.send("/setup/directive", bundled="ct-06-2004", publish="ct-06-2004")
    assert "templates published: 11" in owner.get(f"{answer.headers['location']}?lang=en").text
    assert owner.send("/setup", "/setup/finish").headers["location"] == "/launch"
    assert "not finished" not in owner.get("/admin?lang=en").text
    with reading(empty.engine) as session:
        deeds = set(session.exec(select(Audit.action)))
    assert {"unit_added", "person_added", "password_set", "installation_set_up", "register_imported"} <= deeds
    assert {"signed_in", "test_letter_sent", "directive_imported"} <= deeds


def test_the_administrator_signs_in_with_the_password_chosen(empty: Office, owner: Reader) -> None:
    owner.send("/setup/organisation", **ORGANISATION)
    owner.send("/setup/administrator", **ACCOUNT)
    other = Reader(empty.app)
    assert other.send("/sign-in", name="khoi@mpt.example", password=PASSWORD).status_code == 303
    assert other.get("/admin").status_code == 200
    stranger = Reader(empty.app)
    assert stranger.get("/setup").headers["location"].startswith("/sign-in")
    assert stranger.send("/sign-in", "/setup/administrator", **ACCOUNT).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "wrong",
    [
        {"again": "another sentence"},
        {"password": "short", "again": "short"},
        {"email": ""},
        {"email": "nobody"},
        {"full_name": ""},
        {"unit": "VU-XX"},
    ],
)
def test_a_wrong_account_leaves_no_trace(empty: Office, owner: Reader, wrong: dict[str, str]) -> None:
    owner.send("/setup/organisation", **ORGANISATION)
    answer = owner.send("/setup/administrator", **ACCOUNT | wrong)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text
    with reading(empty.engine) as session:
        assert session.exec(select(Person)).all() == [] and is_open(session)


def test_a_wrong_organisation_leaves_no_unit_and_says_which_field(empty: Office, owner: Reader) -> None:
    answer = owner.send("/setup/organisation?lang=en", **ORGANISATION | {"coordinating_code": "vụ"})
    assert answer.status_code == 422 and "Code of that unit:" in answer.text
    with reading(empty.engine) as session:
        assert session.exec(select(Unit)).all() == []


def test_somebody_of_the_register_becomes_administrator_by_their_address(empty: Office, owner: Reader) -> None:
    owner.send("/setup/organisation", **ORGANISATION)
    with transaction(empty.engine) as session:
        unit = session.exec(select(Unit).where(Unit.code == "VP")).one()
        person = Person(code="k", full_name="Khởi", name_folded="khoi", sort_key="khoi", email="khoi@mpt.example")
        person.unit_id = unit.id
        session.add(person)
    owner.send("/setup/administrator", **ACCOUNT)
    with reading(empty.engine) as session:
        roles = session.exec(select(PersonRole.role).where(PersonRole.person_id == person.id)).all()
    assert set(roles) == {Role.ADMINISTRATOR, Role.COORDINATOR}


def test_an_installation_with_people_goes_on_signing_them_in(office: Office) -> None:
    assert office.get("/").headers["location"] == "/sign-in"
    assert office.sign_in("ngo.van.loc").get("/setup").status_code == 403
    assert office.sign_in("dang.thu.thuy").get("/setup").status_code == 200


def test_the_browser_forgets_the_code_after_some_hours(empty: Office, owner: Reader) -> None:
    empty.now = at_local(LAUNCHED.date().replace(day=4))
    assert owner.get("/setup/organisation").headers["location"] == "/setup"
