"""The architecture is a test: who may import whom, who may ask the clock, who may commit, and what files are called."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from models.rooms import ROOMS
from tests.architecture.product import PRODUCT, ROOT

ONLY_IMPORTED_BY = {
    "prefect": {  # the flows; what hands runs to workers; what these must know; what does them
        f"workflows/jobs/prefect/{name}.py"
        for name in ("flows", "prefect_server", "prefect_client", "deployment", "worker")
    },
    "apscheduler": {"workflows/jobs/schedule.py"},
    "yagmail": {"notifications/smtp/client.py"},
    "smtplib": set(),  # yagmail is the only way mail leaves
    "aiosmtpd": {"notifications/smtp/mailbox.py"},
    # and the migrations themselves
    "alembic": {"models/database/schema.py"},
    "authlib": {"workflows/sign_on/oidc.py"},
    "pypdfium2": {
        "workflows/intake/files/pdf.py",
        "workflows/intake/files/pdf_layout/page.py",
        "workflows/intake/files/pdf_pictures.py",
        "workflows/intake/files/scans/page_picture.py",
        "workflows/intake/files/scans/scan_steps.py",
    },  # in a process of its own
    "PIL": {"workflows/intake/files/picture.py", "workflows/intake/files/scans/page_picture.py"},  # the same
    "docx": {f"workflows/papers/formats/{name}.py" for name in ("as_docx", "docx_parts")},
    "typst": {"workflows/papers/formats/as_pdf.py"},
    "vl_convert": {"workflows/papers/charts/render.py"},  # when a chart is drawn first: it costs a second
    "striprtf": {"workflows/intake/files/rtf.py"},
    "dondoc": set(),
}
MAY_READ_LETTERS = {  # the bytes of those with a code or an invitation are for nobody; others read `letter_content`
    "models/letters/letter.py",
    "models/letters/letter_reads.py",
    "notifications/outbox/attempts.py",
    "workflows/jobs/cleanup/purge.py",
    "workflows/jobs/cleanup/retention.py",
    "workflows/delivery/recheck.py",
}
MAY_ASK_THE_CLOCK = (
    "dondoc.py",
    "commands/",
    "workflows/jobs/schedule.py",
    "workflows/jobs/prefect/flows.py",
    "web/",
    "notifications/smtp/clocks.py",  # never what time it is: how long something took, also of a machine that slept
)
MAY_COMMIT = ("models/database/session.py",)
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
OPENING = set("open fdopen read_bytes read_text write_bytes write_text touch mmap copy copy2 copyfile copytree".split())
OPEN_OTHER_FILES = {  # beside a database, and not the database
    ("workflows/operations/doctor/place.py", "settings_file"),
    ("workflows/operations/backups/dumps.py", "_fill_postgres"),
}
NO_NAMES = re.compile(r"(^|_)(utils?|services?|managers?|helpers?)(_|\.|$)")
# what a repository that travels must not hold: this or that machine's folders, hosts of package registries
NO_WORDS = re.compile(
    r"/work/|/root/|/home/\w+/|p[y]pi\.org|pythonho[s]ted|registry\.n[p]mjs|index-url\s*=|extra-index"
)


@cache
def _tracked() -> tuple[Path, ...]:
    """Files git knows or would add; without git (an unpacked archive), everything of the product."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        return tuple(path for top in PRODUCT for path in [ROOT / top, *(ROOT / top).rglob("*")] if path.is_file())
    return tuple(ROOT / name for name in found.stdout.splitlines() if (ROOT / name).is_file())


class Source(NamedTuple):
    """What is asked of a file: the modules and names that it imports, and its calls."""

    name: str
    imports: frozenset[str]
    calls: tuple[tuple[str, str, int], ...]
    """Every `x.name(…)` as the last word of x, the name, and the line."""


@cache
def _sources(top: str) -> tuple[Source, ...]:
    """The files of a folder of the product, read once for all tests."""
    found = [path for path in _tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == top]
    return tuple(_read(path) for path in found)


def _product() -> Iterator[Source]:
    for top in PRODUCT:
        yield from _sources(top)


def _read(path: Path) -> Source:
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    calls = (
        (_last_word(node.func.value), node.func.attr, node.lineno)
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    return Source(path.relative_to(ROOT).as_posix(), frozenset(_imports(nodes)), tuple(calls))


def _last_word(owner: ast.expr) -> str:
    match owner:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word
    return ""


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_point_one_way() -> None:
    """In a process of its own: the checker sets up logging for all of its process, and silences what others test."""
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("library", ONLY_IMPORTED_BY)
def test_a_library_with_traps_is_imported_in_one_place(library: str) -> None:
    importers = {
        source.name
        for source in _product()
        if any(module.split(".")[0] == library for module in source.imports)
        and not (library == "alembic" and source.name.startswith("models/migrations/"))
    }
    assert importers <= ONLY_IMPORTED_BY[library]


def test_prefects_task_and_ours_never_meet() -> None:
    for source in _product():
        packages = {module.split(".")[0] for module in source.imports}
        assert not ("models.tasks.task" in source.imports and "prefect" in packages), source.name


def test_pages_calls_and_commands_ask_no_database_themselves() -> None:
    """What they show is read by a function of `models` or `workflows`, where whoever shows it too finds it."""
    asks = {"select", "col", "func", "exists", "text", "insert", "update", "delete", "and_", "or_", "not_"}
    forbidden = {f"{library}.{name}" for library in ("sqlalchemy", "sqlmodel") for name in asks}
    for source in _product():
        if source.name.startswith(("web/", "commands/")):
            assert not forbidden & set(source.imports), source.name
            assert "sqlalchemy.orm" not in source.imports, source.name


def test_who_goes_over_all_tables_loads_them() -> None:
    for source in _product():
        if source.name not in ("models/database/all_tables.py", "models/database/columns.py"):
            assert "SQLModel.metadata" not in (ROOT / source.name).read_text(encoding="utf-8"), source.name


def test_rules_are_pure() -> None:
    """Facts and `now` in, a decision out: no session, no verb, no other package's machinery."""
    forbidden = (
        "sqlmodel",
        "sqlalchemy",
        "prefect",
        "models.database.session",
        "models.database.rows",
        "models.database.schema",
        "models.settings",
    )
    for name, imports, _ in _sources("workflows"):
        if name.startswith("workflows/rules/"):
            for module in imports:
                assert not module.startswith(forbidden), f"{name} imports {module}"
                assert not module.startswith("workflows.") or module.startswith("workflows.rules"), (
                    f"{name} imports {module}"
                )


READING = ("read.py", "text/", "dates/", "names/", "heading/", "duties/")
"""Of workflows/intake: what reads a text, as against files and what waits for a person."""


def test_reading_a_document_is_pure() -> None:
    """A text in, a draft out: no session, no verb, no file; what reads files stands apart in `files`."""
    forbidden = (
        "sqlmodel",
        "sqlalchemy",
        "prefect",
        "models.database.session",
        "models.database.rows",
        "models.database.schema",
        "models.settings",
        "pathlib",
    )
    own = ("workflows.intake", "workflows.rules")
    for name, imports, _ in _sources("workflows"):
        if name.startswith(tuple(f"workflows/intake/{one}" for one in READING)):
            for module in imports:
                assert not module.startswith((*forbidden, "workflows.intake.files")), f"{name} imports {module}"
                assert not module.startswith("workflows.") or module.startswith(own), f"{name} imports {module}"


def test_nobody_below_the_entry_points_asks_the_clock() -> None:
    asked = [
        f"{name}:{line} {owner}.{call}()"
        for name, _, calls in _product()
        if not name.startswith(MAY_ASK_THE_CLOCK)
        for owner, call, line in calls
        if (owner, call) in CLOCKS
    ]
    assert asked == []


def test_the_bytes_of_letters_are_shown_through_one_door() -> None:
    """Else a page would show codes and invitations, which are as good as their person's password."""
    readers = {
        name
        for name, imports, _ in _product()
        if not name.startswith("models/migrations/") and "models.letters.letter.LetterContent" in imports
    }
    assert readers <= MAY_READ_LETTERS


def test_only_the_databases_door_commits() -> None:
    committed = [
        f"{name}:{line}"
        for name, _, calls in _product()
        if not name.startswith(MAY_COMMIT)
        for _, call, line in calls
        if call == "commit"
    ]
    assert committed == []


def test_no_file_of_a_database_is_opened_but_by_sqlite() -> None:
    """Closing it would drop the locks of the whole process, and the next command would unlink the log in use.

    What a process really opens tests/held_databases.py sees; here stands who knows where the file is.
    """
    found = [
        f"{name}: {function.name}, line {call.lineno}"
        for name, tree in _knowing_the_database()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and (name, function.name) not in OPEN_OTHER_FILES
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _last_word(call.func) in OPENING
    ]
    assert found == []


def _knowing_the_database() -> Iterator[tuple[str, ast.Module]]:
    for path in _tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and name.startswith(PRODUCT) and not name.startswith("models/migrations/"):
            source = path.read_text(encoding="utf-8")
            if re.search(r"\b(url|parsed|make_url\(url\))\.database\b|\.sqlite\b", source):
                yield name, ast.parse(source)


def test_files_are_named_after_what_they_are() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in _tracked()]
    assert [name for name in names if any(NO_NAMES.search(part) for part in name.split("/"))] == []


def test_nothing_of_one_machine_or_one_registry_is_in_the_repository() -> None:
    found = []
    for path in _tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # a picture, a spreadsheet
        name = path.relative_to(ROOT).as_posix()
        if path != Path(__file__):
            found += [f"{name}:{number}" for number, line in enumerate(lines, 1) if NO_WORDS.search(line)]
    assert found == []


def test_when_a_task_is_looked_at_next_is_asked_of_the_checks() -> None:
    """What stands in the task is what somebody asked for: the sweep has moved on since (ADR 0027)."""
    read = re.compile(r"\b(Task|_TASK|_TASKS\.c|task)\.next_check_at\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("models", "notifications", "workflows", "web", "commands")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and path.name != "task_check.py"
        for line in path.read_text().splitlines()
        if read.search(line)
    ]
    assert found == []


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_no_circle_of_files_or_packages() -> None:
    """`graphlib` raises CycleError with the circle; a package is looked at with what stands beside it."""
    files = {
        _module(source.name): source.imports
        for source in _product()
        if not source.name.startswith("models/migrations/")
    }
    imported = {one: {name for name in imports if name in files and name != one} for one, imports in files.items()}
    TopologicalSorter(imported).prepare()
    for package in {one.rpartition(".")[0] for one in files} - {""}:
        depth = package.count(".") + 2
        beside: dict[str, set[str]] = {}
        for one, names in imported.items():
            if one.startswith(f"{package}."):
                here = ".".join(one.split(".")[:depth])
                there = {".".join(name.split(".")[:depth]) for name in names if name.startswith(f"{package}.")}
                beside.setdefault(here, set()).update(there - {here})
        TopologicalSorter(beside).prepare()


def test_workflows_is_fifteen_packages_and_the_rooms_beside_them() -> None:
    packages = {Path(source.name).parts[1] for source in _sources("workflows")} - {"__init__.py"} - {*ROOMS}
    assert len(packages) <= 15 and not any(package.endswith(".py") for package in packages)


def test_prefect_is_used_by_its_public_names_alone() -> None:
    private: set[str] = set()
    for path in sorted((ROOT / "workflows/jobs/prefect").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_store(node)}
        own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "prefect":
                words = [*str(node.module).split("."), *(one.name for one in node.names)]
                private |= {f"{path.name}: {word}" for word in words if word.startswith("_") or word.endswith("Worker")}
            elif isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr) and node.attr not in own:
                private.add(f"{path.name}: {node.attr}")
    documented = {"deployment.py: ProcessWorker", "worker.py: ProcessWorker"}  # for workers of one's own
    assert private == documented


def _is_store(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store)
