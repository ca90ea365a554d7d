"""Is anything known against what we are built of? `python -m tests.audit` asks PyPI, with a FOLDER a clone of it."""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.audit.advisories import Finding, findings, pins

ROOT = Path(__file__).resolve().parents[2]
_LOCKS = (ROOT / "requirements.lock",)
_AS_JSON = ("--format", "json", "--disable-pip", "--no-deps", "--progress-spinner", "off")
_TOOLS = ROOT / ".venv-audit" / "bin"

NOTHING_KNOWN, SOMETHING_KNOWN, WRONG_ARGUMENT, NOBODY_ANSWERED = 0, 1, 2, 3


def main(arguments: list[str] | None = None) -> int:
    """The answer as an exit code: 0 nothing is known, 1 something is, 2 a wrong argument, 3 nobody could be asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    parser.add_argument("database", nargs="?", type=Path, help="a clone of the Advisory Database (without it: PyPI)")
    parser.add_argument("--lock", type=Path, action="append", help="a lock to audit (default: requirements.lock)")
    given = parser.parse_args(arguments)
    try:
        pinned = {name: version for lock in given.lock or _LOCKS for name, version in pins(lock).items()}
        if given.database is not None:
            return _say(findings(given.database, pinned), len(pinned), f"the database of {_day(given.database)}")
    except (OSError, ValueError) as wrong:
        print(f"audit: {wrong}", file=sys.stderr)
        return WRONG_ARGUMENT
    return _ask_pypi(given.lock or _LOCKS)


def _ask_pypi(locks: tuple[Path, ...] | list[Path]) -> int:
    found: list[Finding] = []
    unanswered: list[str] = []
    asked = 0
    for lock in locks:
        command = [str(_TOOLS / "pip-audit"), "-r", str(lock), *_AS_JSON]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            packages = json.loads(answer.stdout)["dependencies"]
        except ValueError:
            print((answer.stderr.strip() or "pip-audit said nothing").splitlines()[-1], file=sys.stderr)
            unanswered.append(lock.name)
            continue
        for package in packages:
            asked += 1
            found += _of(package)
            if "skip_reason" in package:
                unanswered.append(package["name"])
    if found:
        return _say(found, asked, "PyPI's advisories of today")
    if unanswered:
        print(f"NOT AUDITED: no answer about {len(unanswered)} of {asked or 'all'} packages.", end=" ")
        print("Ask where PyPI can be reached, or a clone of the Advisory Database: make audit ARGS=FOLDER")
        return NOBODY_ANSWERED
    return _say([], asked, "PyPI's advisories of today")


def _of(package: Mapping[str, object]) -> list[Finding]:
    known, name, version = package.get("vulns"), str(package["name"]), str(package.get("version"))
    return [
        Finding(name, version, some["id"], tuple(some["fix_versions"]), tuple(some["aliases"]))
        for some in (known if isinstance(known, list) else ())
    ]


def _say(found: list[Finding], asked: int, source: str) -> int:
    for some in found:
        mended = f"mended in {', '.join(some.fixed)}" if some.fixed else "not mended yet"
        others = ", ".join(some.aliases) or "no other name"
        print(f"{some.package} {some.version}: {some.advisory} ({others}), {mended}")
    print(f"{len(found)} known against {asked} packages, by {source}.")
    return SOMETHING_KNOWN if found else NOTHING_KNOWN


def _day(database: Path) -> str:
    """Of when the clone is: an audit is worth what its database knows."""
    command = ["git", "-C", str(database), "log", "-1", "--format=%ct"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        return "an unknown day (no git clone)"
    return datetime.fromtimestamp(int(answer.stdout), UTC).date().isoformat()


if __name__ == "__main__":
    sys.exit(main())
