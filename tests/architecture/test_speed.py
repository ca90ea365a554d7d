"""No test depends on the machine's speed."""

import re
from pathlib import Path

from hypothesis import settings

TESTS = Path(__file__).parents[1]
OWN_DEADLINE = re.compile(r"settings\([^)]*\bdeadline=[^N]")


def test_no_property_has_a_deadline() -> None:
    assert settings().deadline is None
    assert not [str(path) for path in TESTS.rglob("*.py") if OWN_DEADLINE.search(path.read_text("utf-8"))]
