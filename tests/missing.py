"""What some tests need of the machine and is not there."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(advice: str) -> NoReturn:
    """Skips where somebody works without the tool; on CI nothing may be left out."""
    if os.environ.get("CI"):
        pytest.fail(advice)
    pytest.skip(advice)
