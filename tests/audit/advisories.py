"""What the Python Packaging Advisory Database (OSV format) knows against the versions that a lock pins.

An office without Internet cannot ask PyPI. It can carry a clone of the database in (one YAML file an advisory,
`vulns/NAME/ID.yaml`) and ask that. Which versions an advisory means: https://ossf.github.io/osv-schema/#affectedversions-field.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ;\\]+)")


@dataclass(frozen=True, order=True)
class Finding:
    """One advisory that means one package of the lock. `fixed` lists the versions that mend it, none known: empty."""

    package: str
    version: str
    advisory: str
    fixed: tuple[str, ...]
    aliases: tuple[str, ...] = ()


def pins(lock: Path) -> dict[str, str]:
    """Each package of a requirements lock and its version, by canonical name.

    Raises:
        ValueError: nothing is pinned there; an audit of nothing would find nothing.
    """
    found = {
        str(canonicalize_name(match["name"])): match["version"]
        for match in map(_PIN.match, lock.read_text(encoding="utf-8").splitlines())
        if match
    }
    if not found:
        raise ValueError(f"{lock}: no line NAME==VERSION in it")
    return found


def findings(database: Path, pinned: Mapping[str, str]) -> list[Finding]:
    """Every advisory of the database that means a pinned version.

    Raises:
        ValueError: the folder holds no `vulns/`, or a file in it that is no advisory.
    """
    if not (database / "vulns").is_dir():
        raise ValueError(f"{database}: no vulns/ in it; wanted: a clone of the Python Packaging Advisory Database")
    return sorted(
        finding
        for name, version in pinned.items()
        for path in sorted((database / "vulns" / name).glob("*.yaml"))
        for finding in _of(path, name, version)
    )


def _of(path: Path, name: str, version: str) -> Iterator[Finding]:
    advisory = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(advisory, dict) or "id" not in advisory:
        raise ValueError(f"{path}: not an advisory in OSV format")
    if advisory.get("withdrawn"):
        return
    for affected in advisory.get("affected", ()):
        if canonicalize_name(affected["package"]["name"]) == name and _means(affected, version):
            yield Finding(name, version, advisory["id"], _fixed(affected), tuple(advisory.get("aliases", ())))


def _means(affected: Mapping[str, object], version: str) -> bool:
    listed = affected.get("versions")
    if isinstance(listed, list) and version in map(str, listed):
        return True
    return any(_within(some, Version(version)) for some in _ranges(affected))


def _ranges(affected: Mapping[str, object]) -> Iterator[list[tuple[str, str]]]:
    """The events of each range of versions, in the order of the versions; ranges of commits tell nothing."""
    ranges = affected.get("ranges")
    for some in ranges if isinstance(ranges, list) else ():
        if some["type"] == "ECOSYSTEM":
            yield sorted((event for one in some["events"] for event in one.items()), key=lambda event: _order(event[1]))


def _within(events: list[tuple[str, str]], version: Version) -> bool:
    means = False
    for kind, at in events:
        if kind == "introduced" and _order(at) <= version:
            means = True
        elif (kind == "fixed" and _order(at) <= version) or (kind == "last_affected" and _order(at) < version):
            means = False
    return means


def _order(version: str) -> Version:
    """`0` stands for the very first; what is no version by PEP 440 cannot be compared, and counts as the first too."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0.dev0")


def _fixed(affected: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(at for events in _ranges(affected) for kind, at in events if kind == "fixed")
