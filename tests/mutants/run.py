"""Runs mutmut over a copy of the repository, a scope at a time; its answers stay in var/mutants until the next run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import tomlkit
from pydantic import TypeAdapter

from tests.mutants.scopes import OPTIONS, ROOT, Scope, module_name
from tests.mutants.survivors import Score

MUTANTS = ROOT / "var" / "mutants"
READ = TypeAdapter(list[Score])


def run(scope: Scope, modules: Sequence[str], jobs: int) -> Path:
    """Mutates the modules and tells which mutants the scope's tests notice; the folder that holds the answers.

    In a folder of its own, made anew each time: mutmut keeps old answers where only a test has changed, writes beside
    what it mutates and reads its settings from pyproject.toml, which would then hold one scope only.
    Raises SystemExit when mutmut could not do its work, as when a test fails without any mutant.
    """
    home = MUTANTS / scope.name
    shutil.rmtree(home, ignore_errors=True)
    _copy(home)
    _settle(home / "pyproject.toml", scope, modules)
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)],
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(home)},
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"mutmut ended with {done.returncode}; its answers are in {home.relative_to(ROOT)}/mutants")
    return home


def keep(name: str, scope: Scope, scores: Iterable[Score]) -> list[Score]:
    """Keeps the newest score of each module, as they come; all there are of the scope, in its order."""
    file, modules = MUTANTS / f"{name}.json", [module_name(path) for path in scope.modules]
    kept = {one.module: one for one in READ.validate_json(file.read_bytes())} if file.exists() else {}
    MUTANTS.mkdir(parents=True, exist_ok=True)
    for one in scores:
        kept[one.module] = one
        file.write_bytes(READ.dump_json(list(kept.values()), indent=1))
    return [kept[module] for module in modules if module in kept]


def _copy(home: Path) -> None:
    """All files that git knows or would know."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():  # not one just deleted
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name)


def _settle(settings: Path, scope: Scope, modules: Sequence[str]) -> None:
    document = tomlkit.parse(settings.read_text(encoding="utf-8"))
    folders = sorted({path.partition("/")[0] for path in modules})
    document["tool"]["mutmut"] = {
        "source_paths": folders,
        "only_mutate": list(modules),
        "also_copy": [one.name for one in sorted(settings.parent.iterdir()) if one.name not in (*folders, "tests")],
        "pytest_add_cli_args": [*OPTIONS, *scope.options],
        "pytest_add_cli_args_test_selection": list(scope.tests),
        "do_not_mutate_patterns": list(scope.left_alone),
        "use_git_change_detection": False,
        # a mutant that never ends is stopped after four times what its tests take and ten seconds take
        "timeout_multiplier": 4.0,
        "timeout_constant": 10.0,
    }
    settings.write_text(tomlkit.dumps(document), encoding="utf-8")
