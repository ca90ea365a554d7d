"""Packs: the bundled seed directive, faults by line and field, importing twice."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from models.directives.directive import Directive, Duty, DutyKind
from models.directives.template import HoursDeadline, TemplateState, TemplateVersion
from models.errors import BadInput, BadRows, NotFound, Refused
from models.organization.unit import Unit, UnitKind
from models.tasks.history import History
from models.text.vietnamese import fold, sort_key
from workflows.templates.pack_file import Pack, read_pack, template_schema
from workflows.templates.packs import bundled, bundled_pack, import_directive
from workflows.templates.template_check import SENSITIVE

NOW = datetime(2004, 5, 10, 1, 0, tzinfo=UTC)
LATER = datetime(2004, 6, 1, 1, 0, tzinfo=UTC)
SEED = bundled_pack("ct-06-2004")
ROWS = {
    "1": "standing",
    "2": "one_off",
    "2.a": "contingency",
    "2.b": "standing",
    "2.c": "contingency",
    "3": "recurring",
    "4": "one_off",
    "5": "standing",
    "results": "recurring",
    "obstacles": "on_request",
    "oversight": "oversight",
}

FOUR = '- duty: "4"'
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A copy of the seed pack with one piece of pack.yaml replaced, which must stand there."""

    def replace(old: str, new: str) -> Path:
        source = SEED.path.read_text(encoding="utf-8")
        assert old in source
        (tmp_path / "pack.yaml").write_text(source.replace(old, new, 1), encoding="utf-8")
        (tmp_path / "directive.txt").write_bytes((SEED.path.parent / "directive.txt").read_bytes())
        return tmp_path

    return replace


def add_offices(session: Session) -> None:
    for code, name in (("VU-VT", "Vụ Viễn thông"), ("VP", "Văn phòng Bộ")):
        session.add(
            Unit(code=code, name=name, name_folded=fold(name), sort_key=sort_key(name), kind=UnitKind.DEPARTMENT)
        )
    session.flush()


def line_of(path: Path, text: str) -> int:
    lines = (path / "pack.yaml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def fault_of(path: Path) -> str:
    with pytest.raises(BadRows) as caught:
        read_pack(path)
    assert len(caught.value.faults) == 1, caught.value.tell("en")
    return caught.value.faults[0].tell("en")


def test_the_seed_has_a_template_for_every_row_of_its_table() -> None:
    assert {template.duty: template.kind.value for template in SEED.templates} == ROWS
    assert {template.duty for template in SEED.templates if template.parent == "2"} == {"2.a", "2.b", "2.c"}


def test_the_seed_quotes_are_in_the_text_and_its_titles_are_fit_for_subject_lines() -> None:
    words = " ".join(SEED.text.split())
    for template in SEED.templates:
        assert template.quote in words
        assert not any(phrase in template.title.casefold() for phrase in SENSITIVE)


def test_seed_rows_2_to_2c_go_by_classified_mail_and_hours() -> None:
    classified = {template.duty for template in SEED.templates if template.result.classified_mail}
    assert classified == {"2", "2.a", "2.b", "2.c"}
    hours = {template.duty for template in SEED.templates if isinstance(template.deadline, HoursDeadline)}
    assert hours == {"2.a", "2.c"}


def test_the_number_and_date_are_said_to_come_from_public_databases() -> None:
    assert (SEED.directive.number, SEED.directive.issued_on) == ("06/2004/CT-BBCVT", date(2004, 5, 7))
    assert "công khai" in SEED.directive.sources["number"]
    assert "công khai" in SEED.directive.sources["issued_on"]


def test_bundled_packs_can_all_be_read_and_an_unknown_one_is_named() -> None:
    assert [read_pack(path).directive.code for path in bundled()] == [path.name for path in bundled()]
    with pytest.raises(NotFound, match="ct-06-2004"):
        bundled_pack("ct-07-2004")


def test_the_exported_schema_is_the_one_in_the_documentation() -> None:
    stored = Path(__file__).parents[2] / "docs" / "schema" / "template.schema.json"
    assert json.loads(stored.read_text(encoding="utf-8")) == template_schema()


@pytest.mark.parametrize(
    ("old", "new", "field", "right"),
    [
        ("issued_on: 2004-05-07", "issued_on: 2004-02-30", "directive.issued_on", "'2004-02-30'.*YYYY-MM-DD"),
        ("issued_on: 2004-05-07", "issued_on: 9999-12-31", "directive.issued_on", "at most 31/12/2098"),
        (
            "        - kind: subordinate",
            "        - kind: village",
            "templates[1].audience.any[2].kind",
            "'village'.*'subordinate'",
        ),
        ("    kind: one_off", "    kind: once", "templates[2].kind", "'once'.*'one_off'"),
        ('  - duty: "4"', "  - duty: 4", "templates[7].duty", "quotes"),
        ("{rule: hours, hours: 24}", "{rule: hour, hours: 24}", "templates[2.a].deadline", "'hour'.*'hours'"),
        ("{rule: hours, hours: 24}", "{rule: hours, hours: 0}", "templates[2.a].deadline.hours", "at least 1"),
        ("    ladder: contingency", "    ladder: gentle", "templates[2.a].ladder", "'gentle'.*'contingency'"),
        ("    on_request: true", "    on_reqest: true", "templates[1].on_reqest", "on_request"),
        ('    parent: "2"', '    parent: "7"', "templates[2.a].parent", "'7'.*1, 2, 2.a"),
        ("title: Nghiên cứu cơ chế miễn", "title: Bạo động và cơ chế miễn", "templates[4].title", "bạo động"),
        ("urgency: normal", "urgency: soon", "directive.urgency", "'soon'.*'express'"),
        ("text: directive.txt", "text: other.txt", "directive.text", "other.txt"),
        ("text: directive.txt", "text: ../directive.txt", "directive.text", "of the form"),
        (
            "      says: Công an địa phương",
            "      says: Công an tỉnh",
            "templates[2].coordinating.says",
            "differ after",
        ),
    ],
)
def test_a_fault_names_file_line_field_value_and_what_is_right(
    write: Write, old: str, new: str, field: str, right: str
) -> None:
    path = write(old, new)
    with pytest.raises(BadInput) as caught:
        read_pack(path)
    faults = caught.value.faults if isinstance(caught.value, BadRows) else [caught.value]
    message = faults[0].tell("en")
    assert message.startswith(f"pack.yaml, line {line_of(path, new.strip())}: {field}"), message
    assert re.search(right, message), message


def test_a_missing_field_is_named_with_the_line_of_what_misses_it(write: Write) -> None:
    path = write("    title: Nghiên cứu cơ chế miễn, giảm giá cước\n", "")
    assert fault_of(path) == f"pack.yaml, line {line_of(path, FOUR)}: templates[4].title is missing"


def test_a_misquoted_sentence_shows_where_it_leaves_the_text(write: Write) -> None:
    path = write("xây dựng phương án hành động\n", "xây dựng kế hoạch hành động\n")
    message = fault_of(path)
    assert "templates[2].quote" in message
    assert "địa phương xây dựng" in message


def test_all_faults_are_told_at_once_in_the_order_of_lines(write: Write, tmp_path: Path) -> None:
    path = write("urgency: normal", "urgency: soon")
    source = (path / "pack.yaml").read_text(encoding="utf-8")
    (path / "pack.yaml").write_text(source.replace("kind: recurring", "kind: again"), encoding="utf-8")
    with pytest.raises(BadRows) as caught:
        read_pack(path)
    assert [str(bad.facts["field"]) for bad in caught.value.faults] == [
        "directive.urgency",
        "templates[3].kind",
        "templates[results].kind",
    ]


def test_a_duty_cannot_stand_under_itself_or_twice(write: Write) -> None:
    assert "under itself" in fault_of(
        write('    kind: contingency\n    parent: "2"', '    kind: contingency\n    parent: "2.a"')
    )
    assert "has a template already" in fault_of(write('- duty: "5"', '- duty: "4"'))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"directive:\n  code: [a\ntemplates: 1\n", r"line 3: not valid YAML"),
        (b"directive:\n\tcode: a\n", r"line 2: not valid YAML"),
        (b"directive: !!python/object:os.system {}\n", r"line 1: not valid YAML"),
        (b"a: 1\n---\nb: 2\n", r"line 2: not valid YAML"),
        (b"a: 1\nb: !!int x\n", r"line 2: not valid YAML: a value does not fit its tag"),
        (b"a: 1\nb: !!bool x\n", r"line 2: not valid YAML: a value does not fit its tag"),
        (b"a: 1\nb: !!timestamp x\n", r"line 2: not valid YAML: a value does not fit its tag"),
        (b"a: 1\nb: " + b"9" * 5000 + b"\n", r"line 2: .* far too many digits"),
        (b"a: 1\nb: 0b" + b"1" * 50_000 + b"\n", r"line 2: .* far too many digits"),
        (b'a: 1\nb: "\\ud800"\n', r"line 2: .* a character that no text may hold"),
        (b'a: 1\nb: "\\0"\n', r"line 2: .* a character that no text may hold"),
        (b'a: 1\nb: "\\UFFFFFFFF"\n', r"line 2: .* a character that no text may hold"),
        (b"", r"is empty"),
        (b"directive:\n  issuer: B\xf4\n", r"line 2: is not UTF-8"),
        (b"directive: a\x07\n", r"line 1: character U\+0007"),
        (b"[" * 5000, r"nested too deeply"),
    ],
)
def test_malformed_yaml_is_told_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "pack.yaml").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_pack(tmp_path)


def test_a_key_given_twice_is_a_fault_and_not_quietly_the_last(write: Write) -> None:
    path = write("  urgency: normal", "  urgency: urgent\n  urgency: normal")
    assert (
        fault_of(path) == f"pack.yaml, line {line_of(path, 'urgency: normal')}: urgency stands twice in the same place"
    )


def test_a_list_where_the_pack_should_be_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("- a\n- b\n")
    assert "the file" in fault_of(tmp_path)


@pytest.mark.parametrize("level", ["mật", "TỐI MẬT", "tuyệt mật"])
def test_a_secret_document_is_refused_by_its_metadata(write: Write, level: str) -> None:
    with pytest.raises(Refused, match="networked"):
        read_pack(write("secrecy: none", f"secrecy: {level}"))


def test_a_secret_document_is_refused_by_its_stamp(write: Write) -> None:
    path = write("secrecy: none", "secrecy: none")
    (path / "directive.txt").write_text("BỘ BƯU CHÍNH, VIỄN THÔNG\t\tTỐI MẬT\n" + SEED.text, encoding="utf-8")
    with pytest.raises(Refused, match="TỐI MẬT"):
        read_pack(path)


def count(session: Session) -> tuple[int, ...]:
    return tuple(
        session.exec(select(func.count()).select_from(table)).one()
        for table in (Directive, Duty, TemplateVersion, History)
    )


def test_importing_stores_the_directive_its_duties_and_drafts(session: Session) -> None:
    add_offices(session)
    outcome = import_directive(session, SEED, now=NOW)
    assert (outcome.created, outcome.drafts) == (True, 11)
    duties = session.exec(select(Duty).order_by(col(Duty.position))).all()
    assert [duty.path for duty in duties] == list(ROWS)
    by_path = {duty.path: duty for duty in duties}
    assert by_path["2.c"].parent_duty_id == by_path["2"].id
    assert by_path["2"].parent_duty_id is None
    assert by_path["2.a"].kind is DutyKind.CONTINGENCY
    versions = session.exec(select(TemplateVersion)).all()
    assert {(version.version, version.state) for version in versions} == {(1, TemplateState.DRAFT)}
    assert {version.read_spec().duty for version in versions} == set(ROWS)
    assert outcome.directive.text == SEED.text


def test_importing_twice_changes_nothing(session: Session) -> None:
    add_offices(session)
    import_directive(session, SEED, now=NOW)
    before = count(session)
    for moment in (NOW, LATER):
        again = import_directive(session, SEED, now=moment)
        assert (again.created, again.drafts, again.amended) == (False, 0, ())
    assert count(session) == before


def changed(write: Write, old: str, new: str) -> Pack:
    return read_pack(write(old, new))


def test_a_changed_template_becomes_a_new_draft_version(session: Session, write: Write) -> None:
    add_offices(session)
    import_directive(session, SEED, now=NOW)
    pack = changed(write, "title: Nghiên cứu cơ chế miễn, giảm giá cước", "title: Cơ chế miễn, giảm giá cước")
    assert import_directive(session, pack, now=LATER).drafts == 1
    duty = session.exec(select(Duty).where(Duty.path == "4")).one()
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)).all()
    assert sorted(version.version for version in versions) == [1, 2]
    assert duty.title == "Cơ chế miễn, giảm giá cước"


def test_amended_metadata_is_stored_and_leaves_a_line_in_the_history(session: Session, write: Write) -> None:
    add_offices(session)
    import_directive(session, SEED, now=NOW)
    outcome = import_directive(session, changed(write, "urgency: normal", "urgency: urgent"), now=LATER)
    assert outcome.amended == ("urgency",)
    events = session.exec(select(History.event).where(History.recorded_at == LATER)).all()
    assert events == ["directive_amended"]


def test_without_its_coordinating_unit_nothing_is_stored(session: Session) -> None:
    with pytest.raises(NotFound, match="VU-VT"):
        import_directive(session, SEED, now=NOW)
    assert count(session) == (0, 0, 0, 0)


def test_a_pack_dated_after_today_is_refused(session: Session) -> None:
    with pytest.raises(BadInput, match="cannot be dated after today"):
        import_directive(session, SEED, now=datetime(2004, 5, 6, 9, tzinfo=UTC))


def test_the_sources_name_every_invention_of_the_pack() -> None:
    """What the text does not say: a field that a template adds is one, whichever template it is."""
    pack = read_pack(SEED.path)
    inventions = {
        "titles": [one.title for one in pack.templates],
        "steps": [one.steps for one in pack.templates],
        "result": [one.result for one in pack.templates],
        "classified_mail": [one for one in pack.templates if one.result.classified_mail],
        "hours": [one for one in pack.templates if isinstance(one.deadline, HoursDeadline)],
        "ladder": [one.rungs for one in pack.templates],
        "periods": [one for one in pack.templates if one.period],
        "reports_to": [one for one in pack.templates if one.reports_to],
        "authority": [one for one in pack.templates if one.authority],
        "register": [SEED.path.parent / "register"],
    }
    said = pack.directive.sources
    assert [name for name, found in inventions.items() if found and len(said.get(name, "")) < 40] == []
