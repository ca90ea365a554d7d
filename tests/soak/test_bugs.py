"""The bugs that are put back on purpose still find the code that they change. `test_old_bugs` plays them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from inspect import getmembers, isfunction
from typing import Any

import pytest

from tests.soak import bugs

PUT_BACK = [
    function
    for name, function in getmembers(bugs, isfunction)
    if function.__module__ == bugs.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("bug", PUT_BACK, ids=lambda bug: bug.__name__)
def test_the_code_that_a_bug_changes_has_its_name_still(bug: Callable[[], AbstractContextManager[Any]]) -> None:
    with bug():
        pass
