"""A plugin of pytest for runs over mutants: the quickest tests first, so that most mutants die in no time.

mutmut has measured each test by then, and hands those that a mutant concerns over in no order.
"""

import json
import os
from pathlib import Path

import pytest

_MEASURED = Path(os.environ.get("MUTMUT_STATS", "mutmut-stats.json"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts by the seconds that mutmut has measured; before it has, everything stays where it is."""
    if _MEASURED.exists():
        seconds = json.loads(_MEASURED.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
