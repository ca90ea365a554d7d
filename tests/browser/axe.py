"""axe-core, which looks for what shuts people out. It comes from npm by the lock file beside this file."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.places import one_at_a_time

HERE = Path(__file__).parent
SOURCE = HERE / "node_modules" / "axe-core" / "axe.min.js"
ADVICE = "axe-core is not here and npm is not either: `apt-get install npm`, or `npm ci` in tests/browser elsewhere"
STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that may hold in the light and not in the dark: nothing but colours differs between them."""


@dataclass(frozen=True)
class Violation:
    """One rule that does not hold, and where."""

    rule: str
    impact: str
    help: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help}\n" + "\n".join(f"    {place}" for place in self.where)


def install(locks: Path) -> bool:
    """Has npm fetch axe-core unless it is here. False where there is no npm; `locks` is a folder all workers share."""
    with one_at_a_time(locks / "npm.lock"):
        if SOURCE.is_file():
            return True
        npm = shutil.which("npm")
        if npm is None:
            return False
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0 and SOURCE.is_file(), f"npm ci in {HERE} failed: {done.stderr[-2000:]}"
        return True


@lru_cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def look(page: Page, rules: Sequence[str] = ()) -> list[Violation]:
    """What axe-core finds on the page as it is shown now: by these rules, or by all of the standard.

    Playwright's `evaluate` passes by the site's own policy. Only what is wrong comes back. Axe does not wait for itself
    within a frame, where nobody has put it (it gives up after half a second), nor fetch the style sheets once more,
    which only an experimental rule reads that the standard's tags leave out.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    violations: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(found => found.violations)",
        {
            "runOnly": {"type": "rule" if rules else "tag", "values": list(rules or STANDARD)},
            "resultTypes": ["violations"],
            "iframes": False,
            "preload": {"assets": ["media"]},
        },
    )
    return [
        Violation(
            rule=one["id"],
            impact=one["impact"] or "",
            help=one["help"],
            where=tuple(f"{' '.join(map(str, node['target']))}: {node['failureSummary']}" for node in one["nodes"][:5]),
        )
        for one in violations
    ]
